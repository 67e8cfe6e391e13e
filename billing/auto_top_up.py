"""Buying again when credits run low (F85), by the payment method that the provider keeps under a mandate.

One purchase at a time; after a decline not for an hour; three within ten minutes are no ordinary use: it switches
itself off and says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from billing import auto_top_up_mail, subscriptions
from billing.errors import UnknownProduct
from billing.models import AutoTopUp, Payment, Product, Subscription, Wallet
from billing.movement import lock
from billing.payments import ADAPTERS, product_ref
from billing.providers.errors import ProviderError, ProviderRefused
from billing.providers.words import Provider

log = logging.getLogger(__name__)
AFTER_DECLINE = timedelta(hours=1)
PENDING_AT_MOST = timedelta(days=1)
TOO_MANY, WITHIN = 3, timedelta(minutes=10)
MOST_PACKS = 20
Status, Purpose = Payment.Status, Payment.Purpose


def set_rule(
    wallet: Wallet,
    product: Product,
    *,
    user: User,
    threshold: int,
    target: int | None,
    enabled: bool = True,
    return_to: Callable[[Subscription], str],
) -> AutoTopUp:
    """What is done from now on; its mandate is gone through once. Raises UnknownProduct and ProviderError.

    `return_to`: where whoever has gone through the mandate's checkout comes back to.
    """
    if product.kind != Product.Kind.TOP_UP:
        raise UnknownProduct("Only a pack of credits can be bought again and again.")
    mandate = _mandate(wallet, user)
    back = return_to(mandate)
    mandate = subscriptions.open_checkout(mandate, mandate_for=product, return_url=back, cancel_url=back)
    told = {"product": product, "threshold": threshold, "target": target, "enabled": enabled}
    rule, _ = AutoTopUp.objects.update_or_create(
        wallet=wallet, defaults={**told, "subscription": mandate, "not_before": None}
    )
    return rule


def switch_off(wallet: Wallet) -> None:
    """Nothing is bought by itself any more. The mandate stays, for another rule."""
    AutoTopUp.objects.filter(wallet=wallet).delete()


def _mandate(wallet: Wallet, user: User) -> Subscription:
    """The one there is, unless it is over."""
    mandates = wallet.subscriptions.filter(product=None)
    if (found := mandates.exclude(status__in=subscriptions.OVER).first()) is not None:
        return found
    key = f"mandate:{mandates.count()}"
    return subscriptions.place_subscription(wallet, None, user=user, provider=Provider.DODO, key=key)


def top_up_where_low() -> int:
    """How many purchases were begun."""
    low = AutoTopUp.objects.filter(
        enabled=True, subscription__status=Subscription.Status.ACTIVE, wallet__available__lt=F("threshold")
    )
    return sum(_top_up(pk) for pk in low.values_list("pk", flat=True))


def _top_up(wallet_id: int) -> bool:
    payment = _place(wallet_id, timezone.now())
    if payment is None:
        return False
    subscription = payment.subscription
    assert subscription is not None  # a mandate is where it comes from
    try:
        ADAPTERS[payment.provider].charge_again(
            subscription.ref,
            order_id=payment.pk,
            amount_minor=payment.amount,
            currency=payment.currency,
            product_ref=product_ref(payment.product, payment.provider),
        )
    except ProviderRefused:
        Payment.objects.filter(pk=payment.pk, status=Status.CREATED).update(status=Status.FAILED)
        note_decline(payment)
    except ProviderError as error:  # whether it was charged is told by its events; until then none is begun
        log.warning("auto top-up %s: %s", payment.pk, error.code)
    return True


@transaction.atomic
def _place(wallet_id: int, now: datetime) -> Payment | None:
    """The payment's row, if one is due: judged under the wallet's lock."""
    wallet = lock(wallet_id)
    rule = AutoTopUp.objects.select_related("subscription", "product").get(pk=wallet_id)
    if not rule.enabled or wallet.available >= rule.threshold or (rule.not_before and rule.not_before > now):
        return None
    earlier = wallet.payments.filter(purpose=Purpose.AUTO_TOP_UP)
    if earlier.filter(status__in=(Status.CREATED, Status.PROCESSING), created_at__gt=now - PENDING_AT_MOST).exists():
        return None
    if earlier.filter(created_at__gt=now - WITHIN).count() >= TOO_MANY:
        AutoTopUp.objects.filter(pk=wallet_id).update(enabled=False)
        transaction.on_commit(lambda: auto_top_up_mail.tell_switched_off(rule))
        return None
    missing = 1 if rule.target is None else rule.target - wallet.available + wallet.debt
    packs = min(max(-(-missing // rule.product.credits), 1), MOST_PACKS)
    return Payment.objects.create(
        user=rule.subscription.user,
        wallet=wallet,
        product=rule.product,
        subscription=rule.subscription,
        provider=rule.subscription.provider,
        purpose=Purpose.AUTO_TOP_UP,
        key=f"auto:{earlier.count()}",
        credits=packs * rule.product.credits,
        amount=packs * rule.product.amount,
        currency=rule.product.currency,
        created_at=now,
    )


def note_decline(payment: Payment) -> None:
    """Not again for an hour; its owner is told."""
    rule = AutoTopUp.objects.filter(pk=payment.wallet_id).select_related("subscription__user").first()
    if rule is not None:
        AutoTopUp.objects.filter(pk=rule.pk).update(
            failures=F("failures") + 1, not_before=timezone.now() + AFTER_DECLINE
        )
        transaction.on_commit(lambda: auto_top_up_mail.tell_declined(rule))


def note_success(payment: Payment) -> None:
    AutoTopUp.objects.filter(pk=payment.wallet_id).update(failures=0, not_before=None)
