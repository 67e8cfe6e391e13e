"""Dodo Payments: its own SDK for what we ask, Standard Webhooks for what it tells.

The SDK sends no idempotency key and repeats by itself what failed: harmless for a checkout, and switched off for
money that moves.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from django.conf import settings

from billing.providers.contracts import Checkout, CheckoutOrder, ListedPayment, ProviderEvent
from billing.providers.errors import (
    BadSignature,
    MalformedEvent,
    NotConfigured,
    ProviderRefused,
    ProviderUnavailable,
)
from billing.providers.words import EventKind, Provider

if TYPE_CHECKING:
    from dodopayments import DodoPayments

NAME = Provider.DODO
PAGE = 100
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
Answer = TypeVar("Answer")


def verify(headers: Mapping[str, str], body: bytes) -> None:
    """Standard Webhooks over the body as it came, at most five minutes old. Raises BadSignature."""
    from standardwebhooks import Webhook, WebhookVerificationError

    for secret in filter(None, settings.DODO_PAYMENTS_WEBHOOK_KEY.split(",")):
        try:
            Webhook(secret.strip()).verify(body, dict(headers))
        except (WebhookVerificationError, ValueError):  # a ValueError: headers, or a body, that nobody would send
            continue
        return
    raise BadSignature


def read_event(headers: Mapping[str, str], body: bytes) -> ProviderEvent:
    """Raises MalformedEvent."""
    try:
        told = orjson.loads(body)
        return _event(headers["webhook-id"], told["type"], told)
    except (KeyError, TypeError, ValueError, AttributeError):
        pass  # outside of `except`: the error would hold what was sent
    raise MalformedEvent


def _event(id: str, type: str, told: dict[str, Any]) -> ProviderEvent:
    data = told["data"]
    common: dict[str, Any] = {"provider": NAME, "id": id, "type": type, "occurred_at": _time(told["timestamp"])}
    common["order_id"] = str((data.get("metadata") or {}).get("order_id") or "")
    common["payment_ref"] = data.get("payment_id") or ""
    common["customer_ref"] = (data.get("customer") or {}).get("customer_id") or ""
    if type.startswith("subscription."):
        return ProviderEvent(**common, kind=EventKind.SUBSCRIPTION_CHANGED, **_subscription(data))
    kind = KINDS.get(type, EventKind.OTHER)
    if type.startswith("payment."):
        return ProviderEvent(**common, kind=kind, **_payment(data))
    if type.startswith("refund."):
        amount, currency = data.get("amount"), data.get("currency") or ""
        return ProviderEvent(**common, kind=kind, refund_ref=data["refund_id"], amount=amount, currency=currency)
    if type.startswith("dispute."):
        amount = _minor(data["amount"])
        ref, currency = data["dispute_id"], data.get("currency") or ""
        return ProviderEvent(**common, kind=kind, dispute_ref=ref, amount=amount, currency=currency)
    return ProviderEvent(**common, kind=EventKind.OTHER)


def _payment(data: dict[str, Any]) -> dict[str, Any]:
    periods = data.get("service_periods") or [{}]
    cart = data.get("product_cart") or [{}]
    return {
        "subscription_ref": data.get("subscription_id") or "",
        "product_ref": cart[0].get("product_id") or "",
        "amount": data["total_amount"],
        "currency": data["currency"],
        "status": data.get("status") or "",
        "period_start": _time(periods[0].get("starts_at")),
        "period_end": _time(periods[0].get("ends_at")),
        "invoice_ref": data.get("invoice_id") or "",
    }


def _subscription(data: dict[str, Any]) -> dict[str, Any]:
    ends = _time(data.get("next_billing_date"))
    return {
        "subscription_ref": data["subscription_id"],
        "product_ref": data.get("product_id") or "",
        "status": STATUSES.get(data["status"], data["status"]),
        "period_start": _time(data.get("previous_billing_date")),
        "period_end": ends,
        "cancels_at": ends if data.get("cancel_at_next_billing_date") else None,
    }


def _minor(amount: str | int) -> int:
    """A dispute's amount comes as text: in the smallest unit, or, with a point, in the large one."""
    whole, point, cents = str(amount).partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0")[:2]) if point else int(whole)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def open_checkout(order: CheckoutOrder) -> Checkout:
    item: dict[str, Any] = {"product_id": order.product_ref, "quantity": order.quantity}
    if order.amount_minor is not None:
        item["amount"] = order.amount_minor
    more: dict[str, Any] = {"subscription_data": {"on_demand": {"mandate_only": True}}} if order.on_demand else {}
    session = _ask(
        lambda client: client.checkout_sessions.create(
            product_cart=[item],  # type: ignore[list-item]
            customer={"email": order.email},  # type: ignore[typeddict-item]
            metadata={"order_id": order.order_id},
            return_url=order.return_url,
            cancel_url=order.cancel_url,
            **more,
        )
    )
    if not session.checkout_url:
        raise ProviderUnavailable(NAME)
    return Checkout(session.session_id, session.checkout_url)


def refund(payment_ref: str, *, amount: int | None, reason: str, key: str) -> str:
    """The provider's id of it. `amount` None: all. Sent once."""

    def act(client: DodoPayments) -> Any:
        part: dict[str, Any] = {}
        if amount is not None:
            bought = client.payments.retrieve(payment_ref).product_cart or []
            part = {"items": [{"item_id": bought[0].product_id, "amount": amount, "tax_inclusive": True}]}
        return client.refunds.create(payment_id=payment_ref, reason=reason, metadata={"refund_id": key}, **part)

    return str(_ask(act, retries=0).refund_id)


def list_payments(since: datetime, until: datetime) -> Iterator[ListedPayment]:
    refunded: dict[str, int] = {}
    for back in _every(lambda client, page: client.refunds.list(created_at_gte=since, **page)):
        if back.status == "succeeded":
            refunded[back.payment_id] = refunded.get(back.payment_id, 0) + (back.amount or 0)
    for one in _every(lambda client, page: client.payments.list(created_at_gte=since, created_at_lte=until, **page)):
        yield ListedPayment(
            ref=one.payment_id,
            order_id=str((one.metadata or {}).get("order_id") or ""),
            amount=one.total_amount,
            currency=one.currency,
            status=one.status or "",
            created_at=one.created_at,
            refunded=one.total_amount if one.refund_status == "full" else refunded.get(one.payment_id, 0),
            disputed=one.dispute_status is not None,
        )


def _every(read: Callable[[DodoPayments, dict[str, Any]], Any]) -> Iterator[Any]:
    """Page by page, from 0: the SDK's own turning of pages begins to count at 1, and would miss the second."""
    for number in itertools.count():
        items = _ask(partial(_read_page, read, number))
        yield from items
        if len(items) < PAGE:
            return


def _read_page(read: Callable[[DodoPayments, dict[str, Any]], Any], number: int, client: DodoPayments) -> list[Any]:
    return list(read(client, {"page_size": PAGE, "page_number": number}).items)


def find_invoice_url(payment_ref: str) -> str:
    return str(_ask(lambda client: client.payments.retrieve(payment_ref)).invoice_url or "")


def open_portal(customer_ref: str, subscription_ref: str = "") -> str:
    return str(_ask(lambda client: client.customers.customer_portal.create(customer_ref)).link)


def change_plan(subscription_ref: str, product_ref: str) -> None:
    _ask(
        lambda client: client.subscriptions.change_plan(
            subscription_ref, product_id=product_ref, quantity=1, proration_billing_mode="prorated_immediately"
        ),
        retries=0,
    )


def pause(subscription_ref: str) -> None:
    _ask(lambda client: client.subscriptions.update(subscription_ref, pause=True))


def resume(subscription_ref: str) -> None:
    _ask(lambda client: client.subscriptions.update(subscription_ref, pause=False))


def cancel(subscription_ref: str, *, now: bool = False) -> None:
    how: dict[str, Any] = {"status": "cancelled"} if now else {"cancel_at_next_billing_date": True}
    _ask(lambda client: client.subscriptions.update(subscription_ref, **how))


def charge_again(subscription_ref: str, *, order_id: str, amount_minor: int, currency: str, product_ref: str) -> str:
    """By the mandate: the payment's id there. Sent once."""
    charged = _ask(
        lambda client: client.subscriptions.charge(
            subscription_ref,
            product_price=amount_minor,
            product_currency=currency,  # type: ignore[arg-type]
            metadata={"order_id": order_id},
        ),
        retries=0,
    )
    return str(charged.payment_id)


def _ask(act: Callable[[DodoPayments], Answer], *, retries: int = 2) -> Answer:
    from dodopayments import DodoPayments

    if not settings.DODO_PAYMENTS_API_KEY:
        raise NotConfigured(NAME)
    where: dict[str, Any] = {"base_url": settings.DODO_PAYMENTS_BASE_URL or None}
    if not settings.DODO_PAYMENTS_BASE_URL:
        where = {"environment": settings.DODO_PAYMENTS_ENVIRONMENT}
    client = DodoPayments(
        bearer_token=settings.DODO_PAYMENTS_API_KEY,
        timeout=settings.PROVIDER_TIMEOUT_SECONDS,
        max_retries=retries,
        **where,
    )
    return _translate(lambda: act(client))


def _translate(act: Callable[[], Answer]) -> Answer:
    """Their errors as ours, raised outside of `except`: theirs hold addresses and bodies."""
    from dodopayments import APIConnectionError, APIError, APIStatusError

    failure: type[ProviderUnavailable | ProviderRefused]
    try:
        return act()
    except APIConnectionError:
        failure = ProviderUnavailable
    except APIStatusError as error:
        failure = (
            ProviderUnavailable if error.status_code in (408, 429) or error.status_code >= 500 else ProviderRefused
        )
    except (APIError, AttributeError, IndexError, TypeError):  # an answer that is not what it should be
        failure = ProviderUnavailable
    raise failure(NAME)
