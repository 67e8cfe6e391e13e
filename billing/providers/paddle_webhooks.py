"""What Paddle tells: believed by an HMAC of our own, and reduced to what is kept.

The SDK's Verifier can be switched off by an environment variable and trips over several secrets; so the signature is
checked here.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings

from billing.providers.contracts import ProviderEvent
from billing.providers.errors import BadSignature, MalformedEvent
from billing.providers.fields import read_id, read_moment, read_order_id, read_text, read_time, read_whole
from billing.providers.words import EventKind, Provider

TOLERANCE_SECONDS = 300  # a delivery that waited, or a clock that is off; a replay is found by its id as well
KINDS = {
    "transaction.completed": EventKind.PAYMENT_SUCCEEDED,
    "transaction.payment_failed": EventKind.PAYMENT_FAILED,
    "transaction.past_due": EventKind.PAYMENT_FAILED,
    "transaction.canceled": EventKind.PAYMENT_CANCELED,
}
ASIDE = ("subscription_payment_method_change", "subscription_charge")
ADJUSTMENTS = {
    ("refund", "approved"): EventKind.REFUND_SUCCEEDED,
    ("refund", "rejected"): EventKind.REFUND_FAILED,
    ("chargeback_warning", "approved"): EventKind.DISPUTE_OPENED,
    ("chargeback_warning_reverse", "approved"): EventKind.DISPUTE_WON,
    ("chargeback", "approved"): EventKind.DISPUTE_LOST,
    ("chargeback_reverse", "approved"): EventKind.DISPUTE_WON,
}
DISPUTES = (EventKind.DISPUTE_OPENED, EventKind.DISPUTE_WON, EventKind.DISPUTE_LOST)


def verify(headers: Mapping[str, str], body: bytes) -> None:
    """`Paddle-Signature: ts=…;h1=…`, perhaps with several h1. Raises BadSignature."""
    parts = [part.partition("=") for part in headers.get("paddle-signature", "").split(";")]
    stamp = next((value for name, _, value in parts if name == "ts"), "")
    told = [value for name, _, value in parts if name == "h1" and value.isascii()]
    if not (stamp.isascii() and stamp.isdigit()) or abs(time.time() - int(stamp[:12])) > TOLERANCE_SECONDS:
        raise BadSignature
    for secret in filter(None, map(str.strip, settings.PADDLE_WEBHOOK_SECRET.split(","))):
        own = hmac.new(secret.encode(), stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        if any(hmac.compare_digest(own, one) for one in told):
            return
    raise BadSignature


def read_event(headers: Mapping[str, str], body: bytes) -> ProviderEvent:
    """Raises MalformedEvent."""
    try:
        told = orjson.loads(body)
        return _event(told, told["data"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        pass  # outside of `except`: the error would hold what was sent
    raise MalformedEvent


def _event(told: dict[str, Any], data: dict[str, Any]) -> ProviderEvent:
    type = read_id(told["event_type"], 60)
    common: dict[str, Any] = {
        "provider": Provider.PADDLE,
        "id": read_id(told["event_id"], 100),
        "type": type,
        "kind": KINDS.get(type, EventKind.OTHER),
        "occurred_at": read_moment(told["occurred_at"]),
        "order_id": read_order_id(data.get("custom_data")),
        "customer_ref": read_text(data.get("customer_id")),
    }
    read = READERS.get(type.partition(".")[0])
    return ProviderEvent(**common | (read(data) if read else {}))


def _transaction(data: dict[str, Any]) -> dict[str, Any]:
    period, items = data.get("billing_period") or {}, data["items"]
    whole = next((item for item in items if not item.get("proration")), None)
    return _kind_of_charge(data, whole) | {
        "payment_ref": read_id(data["id"]),
        "subscription_ref": read_text(data.get("subscription_id")),
        "product_ref": read_text(((whole or {}).get("price") or {}).get("id")),
        "amount": read_whole(data["details"]["totals"]["grand_total"]),
        "currency": read_id(data["currency_code"], 3),
        "status": read_id(data["status"], 40),
        "period_start": read_time(period.get("starts_at")),
        "period_end": read_time(period.get("ends_at")),
        "invoice_ref": read_text(data.get("invoice_number")),
    }


def _kind_of_charge(data: dict[str, Any], whole: dict[str, Any] | None) -> dict[str, Any]:
    """Another way to pay, or the difference to another plan, is no period that was paid for: it brings no credits."""
    aside = data.get("origin") in ASIDE or (data["items"] and whole is None)
    return {"kind": EventKind.OTHER} if aside else {}


def _subscription(data: dict[str, Any]) -> dict[str, Any]:
    period, change = data.get("current_billing_period") or {}, data.get("scheduled_change") or {}
    return {
        "kind": EventKind.SUBSCRIPTION_CHANGED,
        "subscription_ref": read_id(data["id"]),
        "product_ref": read_text((data["items"][0].get("price") or {}).get("id")),
        "status": read_id(data["status"], 40),
        "period_start": read_time(period.get("starts_at")),
        "period_end": read_time(period.get("ends_at")),
        "cancels_at": read_time(change.get("effective_at")) if change.get("action") == "cancel" else None,
    }


def _adjustment(data: dict[str, Any]) -> dict[str, Any]:
    """A chargeback, its warning and their reversals are one dispute: that of the transaction."""
    kind = ADJUSTMENTS.get((data["action"], data["status"]), EventKind.OTHER)
    payment_ref, disputed = read_id(data["transaction_id"]), kind in DISPUTES
    return {
        "kind": kind,
        "payment_ref": payment_ref,
        "subscription_ref": read_text(data.get("subscription_id")),
        "refund_ref": "" if disputed else read_id(data["id"]),
        "dispute_ref": payment_ref if disputed else "",
        "amount": abs(read_whole(data["totals"]["total"])),
        "currency": read_id(data["currency_code"], 3),
        "status": read_id(data["status"], 40),
    }


READERS = {"transaction": _transaction, "subscription": _subscription, "adjustment": _adjustment}
