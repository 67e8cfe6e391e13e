"""Plans that grant credits each month, and mandates for auto top-up: ordered here, lived through at the provider.

A subscription's row is what the newest event about it says; its periods are payments.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

from accounts.models import User
from billing.errors import UnknownProduct
from billing.models import Payment, PaymentEvent, Product, Subscription, Wallet
from billing.movement import lock
from billing.payments import ADAPTERS, product_ref
from billing.providers.contracts import CheckoutOrder
from billing.providers.words import EventKind

Status = Subscription.Status
OVER = (Status.CANCELED, Status.FAILED)


@transaction.atomic
def place_subscription(wallet: Wallet, product: Product | None, *, user: User, provider: str, key: str) -> Subscription:
    """Once per key. Without a product: a mandate, by which auto top-up charges. Raises UnknownProduct."""
    locked = lock(wallet.pk)
    if subscription := locked.subscriptions.filter(key=key).first():
        return subscription
    if product is not None:
        product_ref(product, provider)
        if product.kind != Product.Kind.PLAN:
            raise UnknownProduct("Only a plan can be subscribed to.")
    return Subscription.objects.create(user=user, wallet=locked, product=product, provider=provider, key=key)


def open_checkout(
    subscription: Subscription, *, mandate_for: Product | None = None, return_url: str = "", cancel_url: str = ""
) -> Subscription:
    """`mandate_for`: what auto top-up will buy. A repetition finds the first page. Raises ProviderError."""
    product = subscription.product or mandate_for
    if subscription.checkout_url or product is None:
        return subscription
    order = CheckoutOrder(
        order_id=subscription.pk,
        product_ref=product_ref(product, subscription.provider),
        quantity=1,
        amount_minor=None,
        currency=product.currency,
        email=subscription.user.email,
        return_url=return_url or settings.SITE_URL,
        cancel_url=cancel_url or settings.SITE_URL,
        recurring=True,
        on_demand=subscription.product is None,
    )
    checkout = ADAPTERS[subscription.provider].open_checkout(order)
    unopened = Subscription.objects.filter(pk=subscription.pk, checkout_url="")
    unopened.update(checkout_ref=checkout.ref, checkout_url=checkout.url)
    subscription.refresh_from_db()
    return subscription


def change_plan(subscription: Subscription, product: Product) -> None:
    """Up or down: billed, and granted, from the next period on. The provider's event changes the row."""
    ref = product_ref(product, subscription.provider)
    if product.kind != Product.Kind.PLAN:
        raise UnknownProduct("Only a plan can be subscribed to.")
    ADAPTERS[subscription.provider].change_plan(subscription.ref, ref)


def pause(subscription: Subscription) -> None:
    ADAPTERS[subscription.provider].pause(subscription.ref)


def resume(subscription: Subscription) -> None:
    ADAPTERS[subscription.provider].resume(subscription.ref)


def cancel(subscription: Subscription, *, now: bool = False) -> None:
    """At the end of the period that is paid, unless now."""
    ADAPTERS[subscription.provider].cancel(subscription.ref, now=now)


def open_portal(subscription: Subscription) -> str:
    """The provider's own page for payment methods and invoices."""
    return ADAPTERS[subscription.provider].open_portal(subscription.customer_ref, subscription.ref)


def find_of_event(event: PaymentEvent) -> Subscription | None:
    known = Subscription.objects.filter(provider=event.provider)
    if event.subscription_ref and (found := known.filter(ref=event.subscription_ref).first()):
        return found
    return known.filter(pk=event.order_id).first() if event.order_id else None


@transaction.atomic
def settle_subscription(subscription: Subscription, event: PaymentEvent) -> Subscription:
    """As the newest of all its events says, in whatever order they came."""
    lock(subscription.wallet_id)
    subscription = Subscription.objects.get(pk=subscription.pk)
    subscription.ref = subscription.ref or event.subscription_ref
    about = PaymentEvent.objects.filter(
        provider=subscription.provider, kind=EventKind.SUBSCRIPTION_CHANGED, subscription_ref=subscription.ref
    )
    newest = max(about, key=lambda one: (one.occurred_at, _finality(one), one.event_id), default=None)
    if newest is not None:
        subscription.status = newest.status if newest.status in Status.values else subscription.status
        subscription.cancels_at = newest.cancels_at
        subscription.customer_ref = newest.customer_ref or subscription.customer_ref
        ends = [one.period_end for one in about if one.period_end]
        subscription.period_end = max(ends, default=subscription.period_end)
        if subscription.product_id and newest.product_ref:
            subscription.product = find_plan(subscription.provider, newest.product_ref) or subscription.product
    subscription.save()
    return subscription


def _finality(event: PaymentEvent) -> int:
    return int(event.status in OVER)


def find_plan(provider: str, ref: str) -> Product | None:
    column = f"{provider}_ref"
    return Product.objects.filter(**{column: ref}, kind=Product.Kind.PLAN).first()


def find_or_place_period(subscription: Subscription, event: PaymentEvent) -> Payment | None:
    """The payment of one period, whose row its first event makes. None: it is not a plan's."""
    product = find_plan(subscription.provider, event.product_ref) or subscription.product
    if product is None or not event.payment_ref:
        return None
    payment, _ = Payment.objects.get_or_create(
        wallet=subscription.wallet,
        key=f"{subscription.provider}:{event.payment_ref}",
        defaults={
            "user": subscription.user,
            "product": product,
            "subscription": subscription,
            "provider": subscription.provider,
            "purpose": Payment.Purpose.PLAN,
            "credits": product.credits,
            "amount": product.amount,
            "currency": product.currency,
            "ref": event.payment_ref,
            "period_end": event.period_end,
            "created_at": event.occurred_at or datetime.now(UTC),
        },
    )
    return payment
