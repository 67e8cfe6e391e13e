"""Paddle Billing, rehearsed: what its API does and its notifications tell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from billing.rehearsal import customers
from billing.rehearsal.books import Back, Books, Plan, Sale, new_ref, stamp
from billing.rehearsal.deliveries import Told, tell_paddle
from billing.rehearsal.paddle_bodies import adjustment, subscription, transaction

Answer = tuple[int, dict[str, Any]]
PAGE = 30


def answer(books: Books, method: str, path: str, query: dict[str, str], body: dict[str, Any], host: str) -> Answer:
    match (method, path.strip("/").split("/")):
        case ("POST", ["transactions"]):
            return 201, _data(transaction(_open(books, body), host))
        case ("GET", ["transactions", ref]):
            return 200, _data(_transaction(books.sales[ref], query, host))
        case ("GET", ["transactions", _, "invoice"]):
            return 200, _data({"url": f"{host}/invoice.pdf"})
        case ("GET", ["transactions"]):
            return _list(books, query, host)
        case ("POST", ["adjustments"]):
            return _adjust(books, body)
        case ("GET", ["subscriptions", ref]):
            return 200, _data(_subscription(books.plans[ref]))
        case ("PATCH", ["subscriptions", ref]):
            return 200, _data(_subscription(_update(books.plans[ref], body)))
        case ("POST", ["subscriptions", ref, verb]):
            return _change(books.plans[ref], verb, body)
        case ("POST", ["customers", ref, "portal-sessions"]):
            urls = {"general": {"overview": f"{host}/portal"}, "subscriptions": []}
            return 201, _data(
                {"id": "cpls_1", "customer_id": ref, "urls": urls, "created_at": stamp(datetime.now(UTC))}
            )
        case (_, ["customers", ref, *rest]):
            told = customers.answer_paddle(books.customers[ref], method, rest, body, host)
            return told or error(404, "not_found", "There is no such thing.")
    return error(404, "not_found", "There is no such thing.")


def error(status: int, code: str, detail: str) -> Answer:
    told = {"type": "request_error", "code": code, "detail": detail, "documentation_url": "https://example.com"}
    return status, {"error": told, "meta": {"request_id": "req"}}


def _data(data: Any) -> dict[str, Any]:
    return {"data": data, "meta": {"request_id": "req"}}


def _open(books: Books, body: dict[str, Any]) -> Sale:
    item = body["items"][0]
    amount, ref = books.price(item["price_id"]) * item["quantity"], new_ref("txn")
    order_id = (body.get("custom_data") or {}).get("order_id", "")
    recurring = item["price_id"] in books.recurring
    return books.add(Sale(ref, item["price_id"], order_id, "ada@example.com", amount, ref=ref, recurring=recurring))


def _list(books: Books, query: dict[str, str], host: str) -> Answer:
    ours = [sale for sale in books.sales.values() if sale.ref.startswith("txn_")]
    after = query.get("after", "")
    rest = [sale for sale in ours if sale.ref > after]
    page = rest[:PAGE]
    included = f"&include={query['include']}" if "include" in query else ""
    following = f"{host}/transactions?after={page[-1].ref}{included}" if page else f"{host}/transactions"
    pagination = {"per_page": PAGE, "next": following, "has_more": len(rest) > PAGE, "estimated_total": len(ours)}
    return 200, {
        "data": [_transaction(sale, query, host) for sale in page],
        "meta": {"request_id": "req", "pagination": pagination},
    }


def _adjust(books: Books, body: dict[str, Any]) -> Answer:
    sale = books.paid(body["transaction_id"])
    left = sale.amount - sum(back.amount for back in sale.refunds if back.status != "rejected")
    amount = left if body.get("type") == "full" else sum(int(item["amount"]) for item in body["items"])
    if sale.status != "completed" or not 0 < amount <= left:
        return error(400, "adjustment_amount_above_remaining_allowed", "There is not so much left of it.")
    back = Back(new_ref("adj"), amount, body["reason"], status="pending_approval")
    sale.refunds.append(back)
    return 201, _data(adjustment(sale, back, "refund"))


def _update(plan: Plan, body: dict[str, Any]) -> Plan:
    if "items" in body:
        plan.product_ref = body["items"][0]["price_id"]
    if "scheduled_change" in body:
        plan.cancels = plan.pauses = False
    return plan


def _change(plan: Plan, verb: str, body: dict[str, Any]) -> Answer:
    """To pause and to cancel is for the end of the period, unless it is said to be at once."""
    at_once = body.get("effective_from") == "immediately"
    if verb == "resume" and plan.status != "paused":
        return error(400, "subscription_not_paused", "It goes on as it is.")
    if verb == "resume":
        plan.status = "active"
    elif at_once:
        plan.status = {"pause": "paused", "cancel": "canceled"}[verb]
    else:
        plan.pauses, plan.cancels = verb == "pause", verb == "cancel"
    return 200, _data(_subscription(plan))


def _transaction(sale: Sale, query: dict[str, str], host: str) -> dict[str, Any]:
    """With what came of it, where that is asked for; never in a notification."""
    if "adjustments" not in query.get("include", ""):
        return transaction(sale, host)
    backs = [("refund", back) for back in sale.refunds] + sale.chargebacks
    return transaction(sale, host) | {"adjustments": [adjustment(sale, back, action) for action, back in backs]}


def _subscription(plan: Plan) -> dict[str, Any]:
    """Who asks for it gets pages to manage it on, too."""
    return subscription(plan) | {"management_urls": {"update_payment_method": None, "cancel": "https://x.example"}}


def tell_payment(sale: Sale, word: str) -> Told:
    return tell_paddle(f"transaction.{word}", transaction(sale))


def tell_new_card(plan: Plan) -> Told:
    """A charge of nothing, to see that it works."""
    ref = new_ref("txn")
    sale = Sale(ref, plan.product_ref, plan.order_id, plan.email, 0, ref=ref, status="completed", recurring=True)
    sale.subscription_ref, sale.charge = plan.ref, "subscription_payment_method_change"
    return tell_payment(sale, "completed")


def tell_refund(sale: Sale, back: Back) -> Told:
    return tell_paddle("adjustment.updated", adjustment(sale, back, "refund"))


def tell_dispute(sale: Sale, action: str) -> Told:
    back = Back(new_ref("adj"), sale.disputed, "chargeback")
    sale.chargebacks.append((action, back))
    return tell_paddle("adjustment.created", adjustment(sale, back, action))


def tell_subscription(plan: Plan, word: str) -> Told:
    return tell_paddle(f"subscription.{word}", subscription(plan))
