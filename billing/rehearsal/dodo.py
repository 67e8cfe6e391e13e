"""Dodo Payments, rehearsed: the bodies of its API and of its webhooks."""

from __future__ import annotations

from typing import Any

from billing.rehearsal import customers
from billing.rehearsal.books import MONTH, Back, Books, Plan, Sale, new_ref, stamp
from billing.rehearsal.deliveries import Told, tell_dodo

Answer = tuple[int, dict[str, Any]]
NOT_FOUND: Answer = (404, {"code": "NOT_FOUND", "message": "No such object."})
CARD = {
    "card_last_four": "4242",
    "card_network": "visa",
    "card_type": "credit",
    "card_exp_month": "12",
    "card_exp_year": "2031",
}


def answer(books: Books, method: str, path: str, query: dict[str, str], body: dict[str, Any], host: str) -> Answer:
    match (method, path.strip("/").split("/")):
        case ("POST", ["checkouts"]):
            return _open_checkout(books, body, host)
        case ("GET", ["payments", ref]):
            return 200, payment(books.paid(ref))
        case ("GET", ["payments"]):
            paid = [listed(sale) for sale in books.sales.values() if sale.ref.startswith("pay_")]
            return 200, _page(paid, query)
        case ("POST", ["refunds"]):
            return _refund(books, body)
        case ("GET", ["refunds"]):
            rows = [listed_refund(sale, back) for sale in books.sales.values() for back in sale.refunds]
            return 200, _page([row for row in rows if row["payment_id"].startswith("pay_")], query)
        case ("POST", ["subscriptions", ref, "charge"]):
            return _charge(books, books.plans[ref], body)
        case ("POST", ["subscriptions", ref, "change-plan"]):
            books.plans[ref].product_ref = body["product_id"]
            return 200, {}
        case ("GET", ["subscriptions", ref]):
            return 200, subscription(books.plans[ref])
        case ("PATCH", ["subscriptions", ref]):
            return _update(books.plans[ref], body)
        case ("POST", ["customers", _, "customer-portal", "session"]):
            return 200, {"link": f"{host}/portal"}
        case (_, ["customers", ref, *rest]):
            return customers.answer_dodo(books.customers[ref], method, rest, body) or NOT_FOUND
    return NOT_FOUND


def _open_checkout(books: Books, body: dict[str, Any], host: str) -> Answer:
    item = body["product_cart"][0]
    on_demand = bool((body.get("subscription_data") or {}).get("on_demand"))
    sale = books.add(
        Sale(
            new_ref("cks"),
            item["product_id"],
            body.get("metadata", {}).get("order_id", ""),
            (body.get("customer") or {}).get("email", ""),
            item.get("amount") or books.price(item["product_id"]) * item["quantity"],
            return_url=body.get("return_url") or "",
            recurring=on_demand or item["product_id"] in books.recurring,
            on_demand=on_demand,
        )
    )
    url = f"{host}/pay/{sale.checkout_ref}"
    return 200, {"session_id": sale.checkout_ref, "checkout_url": url, "payment_id": None}


def _refund(books: Books, body: dict[str, Any]) -> Answer:
    sale = books.paid(body["payment_id"])
    left = sale.amount - sum(back.amount for back in sale.refunds)
    items = body.get("items") or []
    amount = sum(item.get("amount") or 0 for item in items) or left
    if sale.status != "succeeded" or not 0 < amount <= left:
        return 409, {"code": "REFUND_NOT_POSSIBLE", "message": "There is not so much left of it."}
    back = Back(new_ref("ref"), amount, body.get("reason") or "")
    sale.refunds.append(back)
    return 200, refund(sale, back)


def _charge(books: Books, plan: Plan, body: dict[str, Any]) -> Answer:
    order_id = body.get("metadata", {}).get("order_id", "")
    sale = Sale(new_ref("cks"), plan.product_ref, order_id, plan.email, body["product_price"], ref=new_ref("pay"))
    sale.subscription_ref, sale.status, sale.charge = plan.ref, "processing", "on_demand"
    books.add(sale)
    return 200, {"payment_id": sale.ref}


def _update(plan: Plan, body: dict[str, Any]) -> Answer:
    """`pause` was a field once and always fails; to pause and to resume are asked for alone, and in their turn."""
    status = body.get("status", plan.status)
    turned = "status" in body and status != "cancelled"
    if "pause" in body or (turned and (len(body) > 1 or {plan.status, status} != {"active", "paused"})):
        return 422, {"code": "INVALID_REQUEST_BODY", "message": "Not so."}
    plan.status = status
    plan.cancels = bool(body.get("cancel_at_next_billing_date", plan.cancels))
    return 200, subscription(plan)


def _page(rows: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    size, number = int(query.get("page_size", 10)), int(query.get("page_number", 0))
    return {"items": rows[number * size : (number + 1) * size]}


def customer(email: str) -> dict[str, Any]:
    return {
        "customer_id": "cus_rehearsal",
        "email": email,
        "name": "Ada Lovelace",
        "metadata": {},
        "phone_number": None,
    }


def listed(sale: Sale) -> dict[str, Any]:
    word = f"dispute_{sale.dispute}" if sale.dispute else None
    return _payment(sale) | {"has_license_key": False, "dispute_status": word}


def _payment(sale: Sale) -> dict[str, Any]:
    back = sum(one.amount for one in sale.refunds)
    return {
        "brand_id": "brand_rehearsal",
        "created_at": stamp(sale.created_at),
        "currency": "USD",
        "customer": customer(sale.email),
        "digital_products_delivered": False,
        "includes_usage": False,
        "is_multi_subscription": False,
        "metadata": {"order_id": sale.order_id},
        "payment_id": sale.ref,
        "payment_provider": "dodo",
        "retry_attempt": 0,
        "service_periods": [],
        "subscription_ids": [sale.subscription_ref] if sale.subscription_ref else [],
        "subscription_id": sale.subscription_ref or None,
        "charge_type": sale.charge or ("new" if sale.subscription_ref else None),
        "total_amount": sale.amount,
        "status": sale.status,
        "refund_status": ("full" if back >= sale.amount else "partial") if back else None,
        **CARD,
    }


def _is_of_a_period(sale: Sale) -> bool:
    return bool(sale.subscription_ref) and not sale.on_demand and sale.charge != "on_demand"


def payment(sale: Sale) -> dict[str, Any]:
    period = {"subscription_id": sale.subscription_ref, "starts_at": stamp(sale.starts_at)}
    period |= {"ends_at": stamp(sale.starts_at + MONTH), "proration_factor": "1"}
    return _payment(sale) | {
        "card_issuing_country": "US",
        "is_update_payment_method": False,
        "billing": {
            "country": "US",
            "city": "London",
            "street": "12 St James's Square",
            "zipcode": "00000",
            "state": "",
        },
        "business_id": "bus_rehearsal",
        "checkout_session_id": sale.checkout_ref,
        "disputes": [],
        "refunds": [listed_refund(sale, back) for back in sale.refunds],
        "settlement_amount": sale.amount,
        "settlement_currency": "USD",
        "service_periods": [period] if sale.status == "succeeded" and _is_of_a_period(sale) else [],
        "product_cart": [{"product_id": sale.product_ref, "quantity": 1}],
        "invoice_url": f"https://invoices.example/{sale.ref}",
        "tax": 0,
    }


def refund(sale: Sale, back: Back) -> dict[str, Any]:
    whose = {"brand_id": "brand_rehearsal", "customer": customer(sale.email)}
    return listed_refund(sale, back) | whose | {"metadata": {}}


def listed_refund(sale: Sale, back: Back) -> dict[str, Any]:
    return {
        "business_id": "bus_rehearsal",
        "created_at": stamp(back.created_at),
        "is_partial": back.amount < sale.amount,
        "payment_id": sale.ref,
        "refund_id": back.ref,
        "status": back.status,
        "amount": back.amount,
        "currency": "USD",
        "reason": back.reason or None,
    }


def dispute(sale: Sale) -> dict[str, Any]:
    return {
        "amount": str(sale.disputed),
        "business_id": "bus_rehearsal",
        "created_at": stamp(sale.created_at),
        "currency": "USD",
        "dispute_id": sale.dispute_ref,
        "dispute_stage": "dispute",
        "dispute_status": f"dispute_{sale.dispute}",
        "payment_id": sale.ref,
        "remarks": None,
    }


def subscription(plan: Plan) -> dict[str, Any]:
    return {
        "addons": [],
        "billing": {"country": "US"},
        "brand_id": "brand_rehearsal",
        "cancel_at_next_billing_date": plan.cancels,
        "created_at": stamp(plan.created_at),
        "credit_entitlement_cart": [],
        "currency": "USD",
        "customer": customer(plan.email),
        "has_payment_method": True,
        "metadata": {"order_id": plan.order_id},
        "meter_credit_entitlement_cart": [],
        "meters": [],
        "next_billing_date": stamp(plan.ends_at),
        "on_demand": plan.on_demand,
        "payment_frequency_count": 1,
        "payment_frequency_interval": "Month",
        "previous_billing_date": stamp(plan.starts_at),
        "product_id": plan.product_ref,
        "quantity": 1,
        "recurring_pre_tax_amount": plan.amount,
        "status": plan.status,
        "subscription_id": plan.ref,
        "subscription_period_count": 10,
        "subscription_period_interval": "Year",
        "tax_inclusive": False,
        "trial_period_days": 0,
        "payment_method_id": "pm_rehearsal",
    }


def tell_payment(sale: Sale, word: str) -> Told:
    return tell_dodo(f"payment.{word}", "Payment", payment(sale))


def tell_new_card(plan: Plan) -> Told:
    """A charge of nothing, to see that it works."""
    sale = Sale(new_ref("cks"), plan.product_ref, plan.order_id, plan.email, 0, ref=new_ref("pay"), status="succeeded")
    sale.subscription_ref = plan.ref
    return tell_dodo("payment.succeeded", "Payment", payment(sale) | {"is_update_payment_method": True})


def tell_refund(sale: Sale, back: Back) -> Told:
    return tell_dodo(f"refund.{back.status}", "Refund", refund(sale, back))


def tell_dispute(sale: Sale) -> Told:
    return tell_dodo(f"dispute.{sale.dispute}", "Dispute", dispute(sale))


def tell_subscription(plan: Plan, word: str) -> Told:
    return tell_dodo(f"subscription.{word}", "Subscription", subscription(plan))
