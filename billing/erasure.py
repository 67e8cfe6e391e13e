"""What billing keeps of a person and what not: the books stay as they were written, nothing in them names anybody."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.erasure import delete_rows, erased_users
from accounts.models import User
from billing import ledger
from billing.customers import place_erasure
from billing.models import Lot, Payment, PaymentEvent, ReconciliationDifference, Refund, Subscription, Wallet

CHARGES = (
    Subscription.Status.ACTIVE,
    Subscription.Status.TRIALING,
    Subscription.Status.PAST_DUE,
    Subscription.Status.PAUSED,
)


def find_obstacles(user: User) -> list[str]:
    """What has to be done before the account can go: nobody may be charged who is not there any more."""
    obstacles = []
    if charging_subscriptions(user).exists():
        obstacles.append(
            _("A plan or a payment mandate of yours is still running: cancel it first, or it would charge you again.")
        )
    if Payment.objects.filter(user=user, status=Payment.Status.PROCESSING).exists():
        obstacles.append(_("A payment of yours is being processed: wait until it has ended."))
    return obstacles


def charging_subscriptions(user: User) -> QuerySet[Subscription]:
    """Not canceled at the provider, neither now nor with the end of its period."""
    return Subscription.objects.filter(user=user, status__in=CHARGES, cancels_at=None)


def credits_left(user: User) -> int:
    """Micro-credits that would be lost."""
    return Wallet.objects.filter(api_key__user=user).aggregate(total=Sum("available"))["total"] or 0


def write_off_credits(user: User) -> None:
    """As if they had expired; what is still held is written off when it comes back."""
    now = timezone.now()
    Lot.objects.filter(wallet__api_key__user=user).filter(Q(expires_at=None) | Q(expires_at__gt=now)).update(
        expires_at=now
    )
    while ledger.expire_lots():
        pass


def payment_events(user: User) -> QuerySet[PaymentEvent]:
    """Those too that name nothing of ours but a customer of theirs, whom we know from what does."""
    mine = _events_of_orders(user)
    nameless = PaymentEvent.objects.filter(order_id="", payment_ref="", subscription_ref="")
    known = [Q(provider=provider, customer_ref=ref) for provider, ref in customers(user)]
    if not known:
        return mine
    of_them = nameless.filter(reduce(or_, known))
    return PaymentEvent.objects.filter(Q(pk__in=mine.values("pk")) | Q(pk__in=of_them.values("pk")))


def customers(user: User) -> set[tuple[str, str]]:
    """Who they are to the payment providers: the provider, and its own id of them."""
    plans = Subscription.objects.filter(user=user).exclude(customer_ref="")
    events = _events_of_orders(user).exclude(customer_ref="")
    return {*plans.values_list("provider", "customer_ref"), *events.values_list("provider", "customer_ref")}


def _events_of_orders(user: User) -> QuerySet[PaymentEvent]:
    payments, plans = Payment.objects.filter(user=user), Subscription.objects.filter(user=user)
    by_order = Q(order_id__in=payments.values("pk")) | Q(order_id__in=plans.values("pk"))
    by_payment = Q(payment_ref__in=payments.exclude(ref="").values("ref"))
    by_plan = Q(subscription_ref__in=plans.exclude(ref="").values("ref"))
    return PaymentEvent.objects.filter(by_order | by_payment | by_plan)


def differences(user: User) -> QuerySet[ReconciliationDifference]:
    payments = Payment.objects.filter(user=user)
    named = Q(order_id__in=payments.values("pk")) | Q(payment_ref__in=payments.exclude(ref="").values("ref"))
    return ReconciliationDifference.objects.filter(named)


def ask_providers_to_forget(user: User) -> int:
    """Their customer records there, written down for the worker; while it is still known which they are."""
    known = customers(user)
    for provider, customer_ref in sorted(known):
        place_erasure(provider, customer_ref)
    return len(known)


def mask_late_references() -> int:
    """What providers told of people after they were erased: of a plan that has run out, a refund, a dispute."""
    told = PaymentEvent.objects.exclude(customer_ref="")
    ref_told, order_told = (
        told.exclude(payment_ref="").values("payment_ref"),
        told.exclude(order_id="").values("order_id"),
    )
    payments = Payment.objects.filter(Q(ref__in=ref_told) | Q(pk__in=order_told))
    plan_told = Q(ref__in=told.exclude(subscription_ref="").values("subscription_ref")) | Q(pk__in=order_told)
    plans = Subscription.objects.filter(plan_told | ~Q(customer_ref=""))
    late = Q(pk__in=payments.values("user")) | Q(pk__in=plans.values("user"))
    for user in (users := list(erased_users().filter(late))):
        mask_payment_events(user)
        mask_subscriptions(user)
    return len(users)


def mask_payments(user: User) -> int:
    """The checkout's page knows an address, and its link is good as long as the provider likes."""
    return Payment.objects.filter(user=user).update(checkout_url="")


def mask_refunds(user: User) -> int:
    return Refund.objects.filter(payment__user=user).update(reason="")


@transaction.atomic
def mask_subscriptions(user: User) -> int:
    """Those that never came to a payment are deleted."""
    ask_providers_to_forget(user)
    mine = Subscription.objects.filter(user=user)
    delete_rows(mine.filter(payments=None))
    return mine.update(customer_ref="", checkout_url="")


@transaction.atomic
def mask_payment_events(user: User) -> int:
    ask_providers_to_forget(user)
    return payment_events(user).update(customer_ref="")
