"""What Dodo Payments tells: believed by Standard Webhooks, and reduced to what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings

from billing.providers.contracts import ProviderEvent
from billing.providers.errors import BadSignature, MalformedEvent
from billing.providers.fields import (
    read_amount,
    read_id,
    read_moment,
    read_order_id,
    read_text,
    read_time,
    read_whole,
)
from billing.providers.words import EventKind, Provider

KINDS = {
    "payment.succeeded": EventKind.PAYMENT_SUCCEEDED,
    "payment.failed": EventKind.PAYMENT_FAILED,
    "payment.processing": EventKind.PAYMENT_PROCESSING,
    "payment.cancelled": EventKind.PAYMENT_CANCELED,
    "refund.succeeded": EventKind.REFUND_SUCCEEDED,
    "refund.failed": EventKind.REFUND_FAILED,
    "dispute.opened": EventKind.DISPUTE_OPENED,
    "dispute.challenged": EventKind.DISPUTE_OPENED,
    "dispute.won": EventKind.DISPUTE_WON,
    "dispute.cancelled": EventKind.DISPUTE_WON,
    "dispute.lost": EventKind.DISPUTE_LOST,
    "dispute.accepted": EventKind.DISPUTE_LOST,
    "dispute.expired": EventKind.DISPUTE_LOST,
}
STATUSES = {"on_hold": "past_due", "cancelled": "canceled", "expired": "canceled", "unpaused": "active"}


def verify(headers: Mapping[str, str], body: bytes) -> None:
    """Standard Webhooks over the body as it came, at most five minutes old. Raises BadSignature."""
    from standardwebhooks import Webhook, WebhookVerificationError
    from standardwebhooks.webhooks import EmptyWebhookSecretError

    for secret in filter(None, settings.DODO_PAYMENTS_WEBHOOK_KEY.split(",")):
        try:
            Webhook(secret.strip()).verify(body, dict(headers), json_parse=False)
        # A ValueError: a header, a body or a secret that is not what it should be.
        except (WebhookVerificationError, EmptyWebhookSecretError, ValueError):
            continue
        return
    raise BadSignature


def read_event(headers: Mapping[str, str], body: bytes) -> ProviderEvent:
    """Raises MalformedEvent."""
    try:
        return _event(read_id(headers["webhook-id"], 100), orjson.loads(body))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        pass  # outside of `except`: the error would hold what was sent
    raise MalformedEvent


def _event(id: str, told: dict[str, Any]) -> ProviderEvent:
    type, data = read_id(told["type"], 60), told["data"]
    common: dict[str, Any] = {
        "provider": Provider.DODO,
        "id": id,
        "type": type,
        "kind": KINDS.get(type, EventKind.OTHER),
        "occurred_at": read_moment(told["timestamp"]),
        "order_id": read_order_id(data.get("metadata")),
        "payment_ref": read_text(data.get("payment_id")),
        "customer_ref": read_text((data.get("customer") or {}).get("customer_id")),
    }
    read = READERS.get(type.partition(".")[0])
    return ProviderEvent(**common | (read(data) if read else {}))


def _payment(data: dict[str, Any]) -> dict[str, Any]:
    period = (data.get("service_periods") or [{}])[0]
    bought = (data.get("product_cart") or [{}])[0]
    return _kind_of_charge(data) | {
        "subscription_ref": read_text(data.get("subscription_id")),
        "product_ref": read_text(bought.get("product_id")),
        "amount": read_whole(data["total_amount"]),
        "currency": read_id(data["currency"], 3),
        "status": read_text(data.get("status"), 40),
        "period_start": read_time(period.get("starts_at")),
        "period_end": read_time(period.get("ends_at")),
        "invoice_ref": read_text(data.get("invoice_id")),
    }


def _kind_of_charge(data: dict[str, Any]) -> dict[str, Any]:
    """Another way to pay, or the difference to another plan, is no period that was paid for: it brings no credits."""
    aside = data.get("is_update_payment_method") or data.get("charge_type") == "plan_change"
    return {"kind": EventKind.OTHER} if aside else {}


def _refund(data: dict[str, Any]) -> dict[str, Any]:
    amount = data.get("amount")
    return {
        "refund_ref": read_id(data["refund_id"]),
        "amount": None if amount is None else read_whole(amount),
        "currency": read_text(data.get("currency"), 3),
        "status": read_text(data.get("status"), 40),
    }


def _dispute(data: dict[str, Any]) -> dict[str, Any]:
    currency = read_text(data.get("currency"), 3)
    return {
        "dispute_ref": read_id(data["dispute_id"]),
        "amount": read_amount(data["amount"], currency),
        "currency": currency,
        "status": read_text(data.get("dispute_status"), 40),
    }


def _subscription(data: dict[str, Any]) -> dict[str, Any]:
    status, ends = read_id(data["status"], 40), read_time(data.get("next_billing_date"))
    return {
        "kind": EventKind.SUBSCRIPTION_CHANGED,
        "subscription_ref": read_id(data["subscription_id"]),
        "product_ref": read_text(data.get("product_id")),
        "status": STATUSES.get(status, status),
        "period_start": read_time(data.get("previous_billing_date")),
        "period_end": ends,
        "cancels_at": ends if data.get("cancel_at_next_billing_date") else None,
    }


READERS = {"payment": _payment, "refund": _refund, "dispute": _dispute, "subscription": _subscription}
