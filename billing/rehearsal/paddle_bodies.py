"""Paddle's objects as its notifications hold them. Amounts are texts of cents."""

from __future__ import annotations

from typing import Any

from billing.rehearsal.books import MONTH, Back, Plan, Sale, stamp


def _price(ref: str, amount: int, *, recurring: bool) -> dict[str, Any]:
    born = "2026-01-01T00:00:00Z"
    return {
        "id": ref,
        "product_id": "pro_rehearsal",
        "name": "Credits",
        "description": "Credits",
        "type": "standard",
        "billing_cycle": {"interval": "month", "frequency": 1} if recurring else None,
        "trial_period": None,
        "tax_mode": "account_setting",
        "unit_price": {"amount": str(amount), "currency_code": "USD"},
        "unit_price_overrides": [],
        "quantity": {"minimum": 1, "maximum": 100},
        "status": "active",
        "custom_data": None,
        "import_meta": None,
        "created_at": born,
        "updated_at": born,
    }


def _product() -> dict[str, Any]:
    born = "2026-01-01T00:00:00Z"
    return {
        "id": "pro_rehearsal",
        "name": "Credits",
        "description": None,
        "type": "standard",
        "tax_category": "saas",
        "image_url": None,
        "status": "active",
        "custom_data": None,
        "created_at": born,
        "updated_at": born,
    }


def transaction(sale: Sale, host: str = "") -> dict[str, Any]:
    amount, status = str(sale.amount), {"open": "ready", "failed": "past_due"}.get(sale.status, sale.status)
    parts = {"subtotal": amount, "discount": "0", "tax": "0", "total": amount}
    totals = parts | {"credit": "0", "credit_to_balance": "0", "balance": "0", "grand_total": amount, "fee": None}
    totals |= {"earnings": None, "grand_total_tax": "0", "currency_code": "USD"}
    price = _price(sale.product_ref, sale.amount, recurring=sale.recurring)
    line = {"id": f"txnitm_{sale.ref}", "price_id": sale.product_ref, "quantity": 1, "proration": None, "tax_rate": "0"}
    period = {"starts_at": stamp(sale.starts_at), "ends_at": stamp(sale.starts_at + MONTH)} if sale.recurring else None
    return {
        "id": sale.ref,
        "status": status,
        "customer_id": "ctm_rehearsal",
        "address_id": "add_rehearsal",
        "business_id": None,
        "custom_data": {"order_id": sale.order_id},
        "currency_code": "USD",
        "origin": sale.charge or "api",
        "subscription_id": sale.subscription_ref or None,
        "invoice_id": "inv_rehearsal",
        "invoice_number": f"1-{sale.ref[-5:]}",
        "collection_mode": "automatic",
        "discount_id": None,
        "billing_details": None,
        "billing_period": period,
        "items": [{"price": price, "quantity": 1, "proration": None}],
        "details": {
            "tax_rates_used": [],
            "totals": totals,
            "adjusted_totals": None,
            "payout_totals": None,
            "adjusted_payout_totals": None,
            "line_items": [line | {"unit_totals": parts, "totals": parts, "product": _product()}],
        },
        "payments": [_attempt(sale)] if status == "completed" else [],
        "checkout": {"url": f"{host}/pay/{sale.checkout_ref}"},
        "created_at": stamp(sale.created_at),
        "updated_at": stamp(sale.created_at),
        "billed_at": stamp(sale.created_at),
        "revised_at": None,
    }


def _attempt(sale: Sale) -> dict[str, Any]:
    card = {"type": "visa", "last4": "4242", "expiry_month": 12, "expiry_year": 2031, "cardholder_name": "Ada Lovelace"}
    return {
        "payment_attempt_id": "8f72cfa6-26b4-4a57-91dc-8f2708f7822d",
        "stored_payment_method_id": "281ff2ca-8550-42b9-bf39-15948e7de62d",
        "payment_method_id": "paymtd_rehearsal",
        "amount": str(sale.amount),
        "status": "captured",
        "error_code": None,
        "method_details": {"type": "card", "card": card},
        "created_at": stamp(sale.created_at),
        "captured_at": stamp(sale.created_at),
    }


def adjustment(sale: Sale, back: Back, action: str) -> dict[str, Any]:
    amount = str(back.amount)
    parts = {"subtotal": amount, "tax": "0", "total": amount}
    item = {"id": f"adjitm_{back.ref}", "item_id": f"txnitm_{sale.ref}", "type": "partial", "amount": amount}
    return {
        "id": back.ref,
        "action": action,
        "type": "full" if back.amount >= sale.amount else "partial",
        "transaction_id": sale.ref,
        "subscription_id": sale.subscription_ref or None,
        "customer_id": "ctm_rehearsal",
        "reason": back.reason or "asked for",
        "credit_applied_to_balance": None,
        "currency_code": "USD",
        "status": {"succeeded": "approved"}.get(back.status, back.status),
        "items": [item | {"proration": None, "totals": parts}],
        "totals": parts | {"fee": "0", "retained_fee": "0", "earnings": "0", "currency_code": "USD"},
        "payout_totals": None,
        "tax_rates_used": [],
        "created_at": stamp(back.created_at),
        "updated_at": None,
    }


def subscription(plan: Plan) -> dict[str, Any]:
    period = {"starts_at": stamp(plan.starts_at), "ends_at": stamp(plan.ends_at)}
    times = {"created_at": stamp(plan.created_at), "updated_at": stamp(plan.created_at)}
    change = "cancel" if plan.cancels else "pause" if plan.pauses else None
    scheduled = {"action": change, "effective_at": stamp(plan.ends_at), "resume_at": None} if change else None
    item = times | {
        "status": "active",
        "quantity": 1,
        "recurring": True,
        "previously_billed_at": stamp(plan.starts_at),
        "next_billed_at": stamp(plan.ends_at),
        "trial_dates": None,
        "price": _price(plan.product_ref, plan.amount, recurring=True),
        "product": _product(),
    }
    return times | {
        "id": plan.ref,
        "status": plan.status,
        "customer_id": "ctm_rehearsal",
        "address_id": "add_rehearsal",
        "business_id": None,
        "currency_code": "USD",
        "started_at": stamp(plan.created_at),
        "first_billed_at": stamp(plan.created_at),
        "next_billed_at": stamp(plan.ends_at),
        "paused_at": None,
        "canceled_at": None,
        "discount": None,
        "collection_mode": "automatic",
        "billing_details": None,
        "current_billing_period": period,
        "billing_cycle": {"interval": "month", "frequency": 1},
        "scheduled_change": scheduled,
        "items": [item],
        "custom_data": {"order_id": plan.order_id},
        "import_meta": None,
    }
