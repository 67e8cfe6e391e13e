"""Our payments compared with the providers' own lists, both ways (F90): what one side has and the other has not.

Nothing is mended here. What differs is told to staff until a later comparison finds that it does not differ any more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from billing.comparison import Fact, Kind, OurPayment, compare
from billing.models import Payment, PaymentEvent, ReconciliationDay, ReconciliationDifference, Subscription
from billing.payments import ADAPTERS
from billing.providers.contracts import ListedPayment
from billing.providers.errors import NotConfigured, ProviderError
from billing.providers.words import Provider
from billing.standing import DISPUTES

log = logging.getLogger(__name__)
ON_THE_WAY = timedelta(hours=1)  # what is younger may still be told by a webhook
LOOK_BACK = timedelta(days=45)  # so long before it was paid a payment may have been begun
GIVEN_UP_AFTER = timedelta(hours=1)  # a day's comparison that has not ended by then is begun anew
# No answer; or, while its pages are read, one whose parts are not what they should be. It must not end the worker.
UNREADABLE = (ProviderError, AttributeError, KeyError, TypeError, ValueError)
SENTENCES = {
    Kind.UNKNOWN_HERE: "{there} paid there, for no order of ours",
    Kind.UNPAID_HERE: "{there} paid there, and not credited here",
    Kind.UNKNOWN_THERE: "{here} paid according to us, and not on their list",
    Kind.UNPAID_THERE: "{here} paid according to us, {there} according to them",
    Kind.AMOUNT: "{here} paid according to us, {there} according to them",
    Kind.CURRENCY: "{here} paid according to us, {there} according to them",
    Kind.REFUNDED: "{here} refunded according to us, {there} according to them",
    Kind.DISPUTE: "{here} according to us, {there} according to them",
    Kind.NOT_LISTED: "the list of payments could not be read",
}


def claim_day(day: date) -> bool:
    """For one of all the workers, once; again only where the comparison of that day did not end."""
    now = timezone.now()
    _, created = ReconciliationDay.objects.get_or_create(day=day, defaults={"claimed_at": now})
    stuck = ReconciliationDay.objects.filter(day=day, finished_at=None, claimed_at__lt=now - GIVEN_UP_AFTER)
    return created or bool(stuck.update(claimed_at=now))


def reconcile(since: datetime, until: datetime) -> list[ReconciliationDifference]:
    """What differs about payments of that time, with every provider that is configured. All of it is stored."""
    differences = [row for provider in Provider for row in _compare_with(provider, since, until)]
    if not any(row.kind == Kind.NOT_LISTED for row in differences):
        ReconciliationDay.objects.filter(day=until.date(), finished_at=None).update(finished_at=timezone.now())
    if differences:
        log.warning("reconciliation: %d differences with the payment providers' lists", len(differences))
    return differences


def describe(difference: ReconciliationDifference) -> str:
    """As one sentence."""
    said = SENTENCES[Kind(difference.kind)].format(here=difference.here, there=difference.there)
    order = f" (order {difference.order_id})" if difference.order_id else ""
    return f"{' '.join(filter(None, (difference.provider, difference.payment_ref)))}{order}: {said}."


def close(difference: ReconciliationDifference) -> None:
    """By staff, who know why it differs. A comparison that looks at its payment again finds it again."""
    open_still = ReconciliationDifference.objects.filter(pk=difference.pk, resolved_at=None)
    open_still.update(resolved_at=timezone.now())


def _compare_with(provider: Provider, since: datetime, until: datetime) -> list[ReconciliationDifference]:
    until = min(until, timezone.now() - ON_THE_WAY)
    ours = _paid_between(provider, since, until)
    begun = min((one.begun_at for one in ours.values()), default=since)
    earliest = max(min(begun, since), since - LOOK_BACK)
    try:
        every = [one for one in ADAPTERS[provider].list_payments(earliest, until) if one.created_at <= until]
    except NotConfigured:
        return []
    except UNREADABLE as error:
        log.warning("reconciliation: the list of %s could not be read: %s", provider, type(error).__name__)
        return [_note(provider, Fact(Kind.NOT_LISTED))]
    looked_at = {one.ref: one for one in every if one.created_at >= since or one.ref in ours}
    could_be_there = {ref: one for ref, one in ours.items() if one.begun_at >= earliest}
    known = could_be_there | _known_of(provider, looked_at)
    facts = list(compare(known, looked_at, orders=_orders_of(looked_at.values())))
    return _store(provider, facts, since, until)


def _paid_between(provider: Provider, since: datetime, until: datetime) -> dict[str, OurPayment]:
    paid = Payment.objects.filter(paid_at__gte=since, paid_at__lte=until)
    return _read(provider, paid.exclude(ref=""))


def _known_of(provider: Provider, refs: Iterable[str]) -> dict[str, OurPayment]:
    known: dict[str, OurPayment] = {}
    for some in _by_hundreds(refs):
        known |= _read(provider, Payment.objects.filter(ref__in=some))
    return known


def _orders_of(listed: Iterable[ListedPayment]) -> set[str]:
    """Those of their orders that are ours: a purchase, or a subscription one of whose periods it is."""
    ours: set[str] = set()
    for some in _by_hundreds(one.order_id for one in listed if one.order_id):
        for model in (Payment, Subscription):
            ours |= set(model.objects.filter(pk__in=some).values_list("pk", flat=True))
    return ours


def _read(provider: Provider, payments: QuerySet[Payment]) -> dict[str, OurPayment]:
    rows = {payment.ref: payment for payment in payments.filter(provider=provider)}
    disputed, begun = set(), {ref: payment.created_at for ref, payment in rows.items()}
    for some in _by_hundreds(rows):
        events = PaymentEvent.objects.filter(provider=provider, payment_ref__in=some)
        for ref, kind, period_start in events.values_list("payment_ref", "kind", "period_start"):
            if kind in DISPUTES:
                disputed.add(ref)
            if period_start:  # a period may be paid days after it was billed
                begun[ref] = min(begun[ref], period_start - ON_THE_WAY)
    return {
        ref: OurPayment(
            ref, row.pk, row.paid, row.paid_currency, row.refunded, ref in disputed, begun[ref], row.paid_at
        )
        for ref, row in rows.items()
    }


def _by_hundreds(values: Iterable[str]) -> Iterable[list[str]]:
    """Databases bound how many values a query may name."""
    every = list(values)
    return (every[start : start + 500] for start in range(0, len(every), 500))


@transaction.atomic
def _store(provider: Provider, facts: list[Fact], since: datetime, until: datetime) -> list[ReconciliationDifference]:
    found = [_note(provider, fact) for fact in facts]
    open_still = ReconciliationDifference.objects.filter(provider=provider, resolved_at=None)
    over = open_still.filter(payment_at__gte=since, payment_at__lte=until) | open_still.filter(kind=Kind.NOT_LISTED)
    over.exclude(pk__in=[row.pk for row in found]).update(resolved_at=timezone.now())
    return found


def _note(provider: Provider, fact: Fact) -> ReconciliationDifference:
    """One that is known already keeps the day on which it was found."""
    row, _ = ReconciliationDifference.objects.update_or_create(
        provider=provider,
        kind=fact.kind,
        payment_ref=fact.ref,
        order_id=fact.order_id,
        resolved_at=None,
        defaults={"here": fact.here, "there": fact.there, "payment_at": fact.at},
    )
    return row
