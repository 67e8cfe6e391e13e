"""Dodo Payments, asked through its own SDK. What it tells is in dodo_webhooks.

The SDK sends no idempotency key and repeats by itself what failed: harmless for a checkout, and switched off for
money that moves.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from billing.providers.contracts import Checkout, CheckoutOrder, ListedPayment
from billing.providers.dodo_webhooks import read_event, verify
from billing.providers.errors import NotConfigured, ProviderRefused, ProviderUnavailable
from billing.providers.words import Provider

if TYPE_CHECKING:
    from dodopayments import DodoPayments
    from dodopayments.types import Payment

__all__ = [
    "cancel",
    "change_plan",
    "charge_again",
    "find_invoice_url",
    "forget_customer",
    "list_payments",
    "open_checkout",
    "open_portal",
    "pause",
    "read_event",
    "refund",
    "resume",
    "verify",
]
NAME = Provider.DODO
NOBODY = "Erased"  # it has no customer without a name
PAGE = 100
Answer = TypeVar("Answer")


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
        part = {} if amount is None else _part(client.payments.retrieve(payment_ref), amount)
        return client.refunds.create(payment_id=payment_ref, reason=reason, metadata={"refund_id": key}, **part)

    return str(_ask(act, retries=0).refund_id)


def _part(paid: Payment, amount: int) -> dict[str, Any]:
    """Nothing for all of it. Without the currency the amount would be one of what is settled, not of what was paid."""
    if amount == paid.total_amount:
        return {}
    item = {"item_id": (paid.product_cart or [])[0].product_id, "amount": amount, "tax_inclusive": True}
    return {"items": [item], "currency": paid.currency}


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


def forget_customer(customer_ref: str, *, address: str) -> None:
    """It deletes saved ways to pay, and no customer: the rest is emptied. `address`: in the place of theirs."""

    def act(client: DodoPayments) -> Any:
        for method in client.customers.retrieve_payment_methods(customer_ref).items:
            client.customers.delete_payment_method(method.payment_method_id, customer_id=customer_ref)
        return client.customers.update(
            customer_ref, email=address, name=NOBODY, phone_number=None, metadata={}, preferred_locale=None
        )

    _ask(act)


def open_portal(customer_ref: str, subscription_ref: str = "") -> str:
    return str(_ask(lambda client: client.customers.customer_portal.create(customer_ref)).link)


def change_plan(subscription_ref: str, product_ref: str) -> None:
    """Billed from the next period on: a part of a price must not bring a period's credits."""
    _ask(
        lambda client: client.subscriptions.change_plan(
            subscription_ref, product_id=product_ref, quantity=1, proration_billing_mode="do_not_bill"
        ),
        retries=0,
    )


def pause(subscription_ref: str) -> None:
    """At once. The status is sent alone: with anything else it is refused, and so is the older field `pause`."""
    _ask(lambda client: client.subscriptions.update(subscription_ref, status="paused"))


def resume(subscription_ref: str) -> None:
    """Goes on with what is paused, or was to end with its period."""

    def act(client: DodoPayments) -> Any:
        if client.subscriptions.retrieve(subscription_ref).cancel_at_next_billing_date:
            client.subscriptions.update(subscription_ref, cancel_at_next_billing_date=False)
        else:
            client.subscriptions.update(subscription_ref, status="active")

    _ask(act)


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
    # Without our word for it its environment is the live one, and so an unknown word is not.
    live = settings.DODO_PAYMENTS_ENVIRONMENT == "live_mode"
    where: dict[str, Any] = {"environment": "live_mode" if live else "test_mode"}
    if settings.DODO_PAYMENTS_BASE_URL:
        where = {"base_url": settings.DODO_PAYMENTS_BASE_URL}
    with DodoPayments(
        bearer_token=settings.DODO_PAYMENTS_API_KEY,
        timeout=settings.PROVIDER_TIMEOUT_SECONDS,
        max_retries=retries,
        **where,
    ) as client:
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
    except (APIError, AttributeError, IndexError, TypeError, ValueError):  # an answer that is not what it should be
        failure = ProviderUnavailable
    raise failure(NAME)
