"""Paddle Billing: its own SDK for what we ask, an HMAC of ours for what it tells.

The SDK's Verifier can be switched off by an environment variable and trips over several secrets; so the signature is
checked here.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from django.conf import settings

from billing.providers.contracts import Checkout, CheckoutOrder, ListedPayment, ProviderEvent
from billing.providers.errors import (
    BadSignature,
    MalformedEvent,
    NotConfigured,
    NotOffered,
    ProviderRefused,
    ProviderUnavailable,
)
from billing.providers.words import EventKind, Provider

if TYPE_CHECKING:
    from paddle_billing import Client

NAME = Provider.PADDLE
TOLERANCE_SECONDS = 300  # a delivery that waited, or a clock that is off; a replay is found by its id as well
KINDS = {
    "transaction.completed": EventKind.PAYMENT_SUCCEEDED,
    "transaction.payment_failed": EventKind.PAYMENT_FAILED,
    "transaction.past_due": EventKind.PAYMENT_FAILED,
    "transaction.canceled": EventKind.PAYMENT_CANCELED,
}
ADJUSTMENTS = {
    ("refund", "approved"): EventKind.REFUND_SUCCEEDED,
    ("refund", "rejected"): EventKind.REFUND_FAILED,
    ("chargeback_warning", "approved"): EventKind.DISPUTE_OPENED,
    ("chargeback_warning_reverse", "approved"): EventKind.DISPUTE_WON,
    ("chargeback", "approved"): EventKind.DISPUTE_LOST,
    ("chargeback_reverse", "approved"): EventKind.DISPUTE_WON,
}
DISPUTES = (EventKind.DISPUTE_OPENED, EventKind.DISPUTE_WON, EventKind.DISPUTE_LOST)
Answer = TypeVar("Answer")


def verify(headers: Mapping[str, str], body: bytes) -> None:
    """`Paddle-Signature: ts=…;h1=…`, perhaps with several h1. Raises BadSignature."""
    parts = [part.partition("=") for part in headers.get("paddle-signature", "").split(";")]
    stamp = next((value for name, _, value in parts if name == "ts"), "")
    told = [value for name, _, value in parts if name == "h1"]
    if not (stamp.isascii() and stamp.isdigit()) or abs(time.time() - int(stamp[:12])) > TOLERANCE_SECONDS:
        raise BadSignature
    for secret in filter(None, settings.PADDLE_WEBHOOK_SECRET.split(",")):
        own = hmac.new(secret.strip().encode(), stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        if any(hmac.compare_digest(own.encode(), one.encode()) for one in told):
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
    type = told["event_type"]
    common: dict[str, Any] = {
        "provider": NAME,
        "id": told["event_id"],
        "type": type,
        "occurred_at": _time(told["occurred_at"]),
        "order_id": str((data.get("custom_data") or {}).get("order_id") or ""),
        "customer_ref": data.get("customer_id") or "",
    }
    family = type.partition(".")[0]
    if family == "transaction":
        return ProviderEvent(**common, kind=KINDS.get(type, EventKind.OTHER), **_transaction(data))
    if family == "subscription":
        return ProviderEvent(**common, kind=EventKind.SUBSCRIPTION_CHANGED, **_subscription(data))
    if family == "adjustment":
        return ProviderEvent(**common, **_adjustment(data))
    return ProviderEvent(**common, kind=EventKind.OTHER)


def _transaction(data: dict[str, Any]) -> dict[str, Any]:
    period, items = data.get("billing_period") or {}, data.get("items") or [{}]
    return {
        "payment_ref": data["id"],
        "subscription_ref": data.get("subscription_id") or "",
        "product_ref": (items[0].get("price") or {}).get("id") or items[0].get("price_id") or "",
        "amount": int(data["details"]["totals"]["grand_total"]),
        "currency": data["currency_code"],
        "status": data["status"],
        "period_start": _time(period.get("starts_at")),
        "period_end": _time(period.get("ends_at")),
        "invoice_ref": data.get("invoice_number") or "",
    }


def _subscription(data: dict[str, Any]) -> dict[str, Any]:
    period, change, items = data.get("current_billing_period") or {}, data.get("scheduled_change") or {}, data["items"]
    return {
        "subscription_ref": data["id"],
        "product_ref": (items[0].get("price") or {}).get("id") or "",
        "status": data["status"],
        "period_start": _time(period.get("starts_at")),
        "period_end": _time(period.get("ends_at")),
        "cancels_at": _time(change.get("effective_at")) if change.get("action") == "cancel" else None,
    }


def _adjustment(data: dict[str, Any]) -> dict[str, Any]:
    """A chargeback, its warning and their reversals are one dispute: that of the transaction."""
    kind = ADJUSTMENTS.get((data["action"], data["status"]), EventKind.OTHER)
    disputed = kind in DISPUTES
    return {
        "kind": kind,
        "payment_ref": data["transaction_id"],
        "subscription_ref": data.get("subscription_id") or "",
        "refund_ref": "" if disputed else data["id"],
        "dispute_ref": data["transaction_id"] if disputed else "",
        "amount": abs(int(data["totals"]["total"])),
        "currency": data["currency_code"],
        "status": data["status"],
    }


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def open_checkout(order: CheckoutOrder) -> Checkout:
    """A transaction to be paid on the page it names; a recurring price makes a subscription of it."""
    from paddle_billing.Entities.Shared import CustomData
    from paddle_billing.Resources.Transactions.Operations import CreateTransaction
    from paddle_billing.Resources.Transactions.Operations.Create import TransactionCreateItem

    if order.on_demand or order.amount_minor is not None:
        raise NotOffered(NAME)
    asked = CreateTransaction(
        items=[TransactionCreateItem(order.product_ref, order.quantity)],
        custom_data=CustomData({"order_id": order.order_id}),
    )
    made = _ask(lambda client: client.transactions.create(asked))
    if made.checkout is None or not made.checkout.url:
        raise ProviderUnavailable(NAME)
    return Checkout(made.id, made.checkout.url)


def refund(payment_ref: str, *, amount: int | None, reason: str, key: str) -> str:
    """The adjustment's id. Paddle approves it later. `amount` None: all."""
    from paddle_billing.Entities.Shared import Action, AdjustmentType
    from paddle_billing.Resources.Adjustments.Operations import CreateAdjustment, CreateAdjustmentItem

    def act(client: Client) -> Any:
        if amount is None:
            return client.adjustments.create(CreateAdjustment.full(Action.Refund, reason, payment_ref))
        line = client.transactions.get(payment_ref).details.lineItems[0]
        item = CreateAdjustmentItem(line.id, AdjustmentType.Partial, str(amount))
        return client.adjustments.create(CreateAdjustment.partial(Action.Refund, [item], reason, payment_ref))

    return str(_ask(act).id)


def list_payments(since: datetime, until: datetime) -> Iterator[ListedPayment]:
    from paddle_billing.Resources.Shared.Operations import Comparator, DateComparison
    from paddle_billing.Resources.Transactions.Operations import ListTransactions
    from paddle_billing.Resources.Transactions.Operations.List.Includes import Includes

    asked = ListTransactions(created_at=DateComparison(since, Comparator.GTE), includes=[Includes.Adjustments])
    for one in _ask(lambda client: list(client.transactions.list(asked))):
        if one.created_at > until:
            continue
        approved = [a for a in one.adjustments or [] if a.status.value == "approved"]
        custom = one.custom_data.data if one.custom_data else {}
        yield ListedPayment(
            ref=one.id,
            order_id=str(custom.get("order_id") or ""),
            amount=int(one.details.totals.grand_total),
            currency=one.currency_code.value,
            status="succeeded" if one.status.value == "completed" else one.status.value,
            created_at=one.created_at,
            refunded=sum(int(a.totals.total) for a in approved if a.action.value == "refund"),
            disputed=any(a.action.value.startswith("chargeback") for a in approved),
        )


def find_invoice_url(payment_ref: str) -> str:
    return str(_ask(lambda client: client.transactions.get_invoice_pdf(payment_ref)).url)


def open_portal(customer_ref: str, subscription_ref: str = "") -> str:
    from paddle_billing.Resources.CustomerPortalSessions.Operations import CreateCustomerPortalSession

    asked = CreateCustomerPortalSession([subscription_ref] if subscription_ref else [])
    return str(_ask(lambda client: client.customer_portal_sessions.create(customer_ref, asked)).urls.general.overview)


def change_plan(subscription_ref: str, product_ref: str) -> None:
    from paddle_billing.Entities.Subscriptions import SubscriptionProrationBillingMode
    from paddle_billing.Resources.Subscriptions.Operations import UpdateSubscription
    from paddle_billing.Resources.Subscriptions.Operations.Update import SubscriptionUpdateItem

    asked = UpdateSubscription(
        items=[SubscriptionUpdateItem(product_ref, 1)],
        proration_billing_mode=SubscriptionProrationBillingMode.ProratedImmediately,
    )
    _ask(lambda client: client.subscriptions.update(subscription_ref, asked))


def pause(subscription_ref: str) -> None:
    from paddle_billing.Resources.Subscriptions.Operations import PauseSubscription

    _ask(lambda client: client.subscriptions.pause(subscription_ref, PauseSubscription()))


def resume(subscription_ref: str) -> None:
    from paddle_billing.Entities.Subscriptions import SubscriptionResumeEffectiveFrom
    from paddle_billing.Resources.Subscriptions.Operations import ResumeSubscription

    asked = ResumeSubscription(SubscriptionResumeEffectiveFrom.Immediately)
    _ask(lambda client: client.subscriptions.resume(subscription_ref, asked))


def cancel(subscription_ref: str, *, now: bool = False) -> None:
    from paddle_billing.Entities.Subscriptions import SubscriptionEffectiveFrom as From
    from paddle_billing.Resources.Subscriptions.Operations import CancelSubscription

    asked = CancelSubscription(From.Immediately if now else From.NextBillingPeriod)
    _ask(lambda client: client.subscriptions.cancel(subscription_ref, asked))


def charge_again(subscription_ref: str, *, order_id: str, amount_minor: int, currency: str, product_ref: str) -> str:
    """Its one-time charges carry nothing of ours by which they could be credited."""
    raise NotOffered(NAME)


def _ask(act: Callable[[Client], Answer]) -> Answer:
    """Their errors as ours, raised outside of `except`: theirs hold addresses and bodies."""
    import requests
    from paddle_billing import Client, Environment, Options
    from paddle_billing.Exceptions.ApiError import ApiError

    if not settings.PADDLE_API_KEY:
        raise NotConfigured(NAME)
    environment: Any = Environment.SANDBOX if settings.PADDLE_ENVIRONMENT == "sandbox" else Environment.PRODUCTION
    if settings.PADDLE_BASE_URL:
        environment = SimpleNamespace(base_url=settings.PADDLE_BASE_URL)
    failure: type[ProviderUnavailable | ProviderRefused]
    try:
        options = Options(environment=environment)
        return act(Client(settings.PADDLE_API_KEY, options=options, timeout=settings.PROVIDER_TIMEOUT_SECONDS))
    except ApiError as error:
        status = error.response.status_code
        failure = ProviderUnavailable if status in (408, 429) or status >= 500 else ProviderRefused
    except (requests.RequestException, KeyError, TypeError, ValueError, AttributeError, IndexError):
        failure = ProviderUnavailable  # nothing came, or nothing that can be read
    raise failure(NAME)
