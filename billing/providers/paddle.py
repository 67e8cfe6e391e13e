"""Paddle Billing, asked through its own SDK. What it tells is in paddle_webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from billing.providers import paddle_customers
from billing.providers.contracts import Checkout, CheckoutOrder, ListedPayment
from billing.providers.errors import NotConfigured, NotOffered, ProviderRefused, ProviderUnavailable
from billing.providers.paddle_webhooks import read_event, verify
from billing.providers.words import Provider

if TYPE_CHECKING:
    from paddle_billing import Client

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
NAME = Provider.PADDLE
Answer = TypeVar("Answer")


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
    from paddle_billing.Entities.Shared import Action, AdjustmentTaxMode, AdjustmentType
    from paddle_billing.Resources.Adjustments.Operations import CreateAdjustment, CreateAdjustmentItem

    def act(client: Client) -> Any:
        told = None if amount is None else client.transactions.get(payment_ref).details
        if told is None or int(told.totals.grand_total) == amount:
            return client.adjustments.create(CreateAdjustment.full(Action.Refund, reason, payment_ref))
        item = CreateAdjustmentItem(told.lineItems[0].id, AdjustmentType.Partial, str(amount))
        with_tax = AdjustmentTaxMode.Internal
        return client.adjustments.create(CreateAdjustment.partial(Action.Refund, [item], reason, payment_ref, with_tax))

    return str(_ask(act).id)


def list_payments(since: datetime, until: datetime) -> Iterator[ListedPayment]:
    from paddle_billing.Resources.Shared.Operations import Comparator, DateComparison
    from paddle_billing.Resources.Transactions.Operations import ListTransactions
    from paddle_billing.Resources.Transactions.Operations.List.Includes import Includes

    # Its SDK writes a Z behind whatever time it is given.
    begin = DateComparison(since.astimezone(UTC), Comparator.GTE)
    asked = ListTransactions(created_at=begin, includes=[Includes.Adjustments])
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


def forget_customer(customer_ref: str, *, address: str) -> None:
    """All that can be masked. `address`: in the place of theirs."""
    _ask(lambda client: paddle_customers.mask(client, customer_ref, address))


def open_portal(customer_ref: str, subscription_ref: str = "") -> str:
    from paddle_billing.Resources.CustomerPortalSessions.Operations import CreateCustomerPortalSession

    asked = CreateCustomerPortalSession([subscription_ref] if subscription_ref else [])
    return str(_ask(lambda client: client.customer_portal_sessions.create(customer_ref, asked)).urls.general.overview)


def change_plan(subscription_ref: str, product_ref: str) -> None:
    """Billed from the next period on: a part of a price must not bring a period's credits."""
    from paddle_billing.Entities.Subscriptions import SubscriptionProrationBillingMode
    from paddle_billing.Resources.Subscriptions.Operations import UpdateSubscription
    from paddle_billing.Resources.Subscriptions.Operations.Update import SubscriptionUpdateItem

    asked = UpdateSubscription(
        items=[SubscriptionUpdateItem(product_ref, 1)],
        proration_billing_mode=SubscriptionProrationBillingMode.DoNotBill,
    )
    _ask(lambda client: client.subscriptions.update(subscription_ref, asked))


def pause(subscription_ref: str) -> None:
    """With the end of the period that is paid."""
    from paddle_billing.Resources.Subscriptions.Operations import PauseSubscription

    _ask(lambda client: client.subscriptions.pause(subscription_ref, PauseSubscription()))


def resume(subscription_ref: str) -> None:
    """Goes on with what is paused, or was to pause or end with its period."""
    from paddle_billing.Entities.Subscriptions import SubscriptionResumeEffectiveFrom, SubscriptionStatus
    from paddle_billing.Resources.Subscriptions.Operations import ResumeSubscription, UpdateSubscription

    def act(client: Client) -> Any:
        plan = client.subscriptions.get(subscription_ref)
        if plan.scheduled_change is not None and plan.status != SubscriptionStatus.Paused:
            return client.subscriptions.update(subscription_ref, UpdateSubscription(scheduled_change=None))
        asked = ResumeSubscription(SubscriptionResumeEffectiveFrom.Immediately)
        return client.subscriptions.resume(subscription_ref, asked)

    _ask(act)


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
    live = settings.PADDLE_ENVIRONMENT == "production"
    environment: Any = Environment.PRODUCTION if live else Environment.SANDBOX
    if settings.PADDLE_BASE_URL:
        environment = SimpleNamespace(base_url=settings.PADDLE_BASE_URL)
    options = Options(environment=environment)
    client = Client(settings.PADDLE_API_KEY, options=options, timeout=settings.PROVIDER_TIMEOUT_SECONDS)
    failure: type[ProviderUnavailable | ProviderRefused]
    try:
        with closing(client.client):
            return act(client)
    except ApiError as error:
        status = error.response.status_code
        failure = ProviderUnavailable if status in (408, 429) or status >= 500 else ProviderRefused
    except (requests.RequestException, KeyError, TypeError, ValueError, AttributeError, IndexError):
        failure = ProviderUnavailable  # nothing came, or nothing that can be read
    raise failure(NAME)
