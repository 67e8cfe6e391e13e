"""The customer records that payment providers hold of people who were erased here: masked there too.

Written down in the erasure's own transaction and worked off by the worker, as often as it takes; what a provider will
not do, staff do by hand. Its invoices stay: as the merchant of record it owes them to its own bookkeeping.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from accounts.erasure import empty_write_ahead_log
from billing.models import CustomerErasure, Payment, PaymentEvent, Subscription
from billing.payments import ADAPTERS
from billing.providers.errors import NotConfigured, ProviderError, ProviderRefused

log = logging.getLogger(__name__)
Status, Why = CustomerErasure.Status, CustomerErasure.Why
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
LOST_AFTER = timedelta(minutes=5)  # whoever was at it has died
AT_ONCE = 20


def place_erasure(provider: str, customer_ref: str) -> CustomerErasure:
    """In the caller's transaction; once, however often an erasure is taken up."""
    return CustomerErasure.objects.get_or_create(provider=provider, customer_ref=customer_ref)[0]


def forget_due() -> int:
    """Asks the providers for what is due: how many were asked."""
    due = CustomerErasure.objects.filter(status=Status.WAITING, next_try_at__lte=timezone.now()).order_by("next_try_at")
    asked = sum(_forget(row) for row in due[:AT_ONCE])
    if asked:
        empty_write_ahead_log()
    return asked


def close_by_hand(row: CustomerErasure) -> None:
    """Staff have done it on the provider's own page."""
    _close(row)


def masked_address(customer_ref: str) -> str:
    return f"{customer_ref.lower()}@erased.invalid"  # RFC 2606: no such domain can exist


def _forget(row: CustomerErasure) -> bool:
    now = timezone.now()
    mine = CustomerErasure.objects.filter(pk=row.pk, status=Status.WAITING, next_try_at=row.next_try_at)
    if not mine.update(next_try_at=now + LOST_AFTER, tries=F("tries") + 1):
        return False
    if _is_shared(row):
        _leave_to_staff(row, Why.SHARED)
        return False
    try:
        ADAPTERS[row.provider].forget_customer(row.customer_ref, address=masked_address(row.customer_ref))
    except ProviderRefused:
        _leave_to_staff(row, Why.REFUSED)
    except NotConfigured:
        _try_later(row, LONGEST_PAUSE)  # its key may come back
    except ProviderError:
        _try_later(row, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.tries, 12)))
    else:
        _close(row)
    return True


def _is_shared(row: CustomerErasure) -> bool:
    """Somebody who is still here pays as the same customer: masking it would take away how they pay."""
    named = {"provider": row.provider, "customer_ref": row.customer_ref}
    events = PaymentEvent.objects.filter(**named)
    by_ref = Q(ref__in=events.exclude(payment_ref="").values("payment_ref"))
    by_order = Q(pk__in=events.exclude(order_id="").values("order_id"))
    payments = Payment.objects.filter(by_ref | by_order, provider=row.provider)
    return any(rows.filter(user__is_active=True).exists() for rows in (Subscription.objects.filter(**named), payments))


def _close(row: CustomerErasure) -> None:
    """Its id is of no use any more."""
    CustomerErasure.objects.filter(pk=row.pk).update(
        status=Status.DONE, why="", customer_ref="", done_at=timezone.now()
    )


def _leave_to_staff(row: CustomerErasure, why: str) -> None:
    CustomerErasure.objects.filter(pk=row.pk).update(status=Status.BY_HAND, why=why)
    log.warning("customer erasure %s has to be done by hand: %s", row.pk, why)


def _try_later(row: CustomerErasure, pause: timedelta) -> None:
    CustomerErasure.objects.filter(pk=row.pk).update(next_try_at=timezone.now() + pause)
