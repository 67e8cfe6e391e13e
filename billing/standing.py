"""What a payment has come to, as a pure function of the set of events about it.

Order and repetition of events change nothing: the newest word about each refund and each dispute counts, and a word
that ends a matter outlasts one that opens it. So any number of deliveries in any order gives the same credits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from billing.models import Payment
from billing.providers.words import EventKind

Status = Payment.Status
# Of two words with the same time, the later one in this list holds.
RANKS = {
    EventKind.PAYMENT_PROCESSING: 0,
    EventKind.PAYMENT_FAILED: 1,
    EventKind.PAYMENT_CANCELED: 2,
    EventKind.DISPUTE_OPENED: 0,
    EventKind.DISPUTE_WON: 1,
    EventKind.DISPUTE_LOST: 2,
}
UNPAID = {
    EventKind.PAYMENT_PROCESSING: Status.PROCESSING,
    EventKind.PAYMENT_FAILED: Status.FAILED,
    EventKind.PAYMENT_CANCELED: Status.CANCELED,
}
DISPUTES = (EventKind.DISPUTE_OPENED, EventKind.DISPUTE_WON, EventKind.DISPUTE_LOST)


class Event(Protocol):
    """A ProviderEvent, or the row that it became."""

    kind: str
    occurred_at: datetime
    payment_ref: str
    refund_ref: str
    dispute_ref: str
    amount: int | None
    currency: str
    period_end: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Amounts in the smallest unit of `currency`. `taken` and `frozen` never come to more than `paid` together."""

    status: Status
    paid: int | None = None
    currency: str = ""
    paid_at: datetime | None = None
    period_end: datetime | None = None
    refunded: int = 0
    taken: int = 0
    frozen: int = 0

    def credits(self, bought: int) -> tuple[int, int, int]:
        """Of so many micro-credits bought: granted, taken back, frozen."""
        if self.paid is None:
            return 0, 0, 0
        taken = _share(bought, self.taken, self.paid)
        return bought, taken, _share(bought, self.taken + self.frozen, self.paid) - taken


def standing_of(events: Iterable[Event]) -> Standing:
    every = sorted(events, key=lambda one: (one.occurred_at, RANKS.get(EventKind(one.kind), 0)))
    success = next((one for one in every if one.kind == EventKind.PAYMENT_SUCCEEDED), None)
    if success is None:
        words = [UNPAID[EventKind(one.kind)] for one in every if one.kind in UNPAID]
        return Standing(words[-1] if words else Status.CREATED)
    paid = success.amount or 0
    refunded = min(paid, sum(_refunds(every).values()))
    disputes = _disputes(every)
    lost = sum(amount for kind, amount in disputes.values() if kind == EventKind.DISPUTE_LOST)
    opened = sum(amount for kind, amount in disputes.values() if kind == EventKind.DISPUTE_OPENED)
    taken = min(paid, refunded + lost)
    return Standing(
        status=_status(paid, refunded, lost=lost > 0, disputed=opened > 0),
        paid=paid,
        currency=success.currency,
        paid_at=success.occurred_at,
        period_end=success.period_end,
        refunded=refunded,
        taken=taken,
        frozen=min(paid - taken, opened),
    )


def _refunds(events: Iterable[Event]) -> dict[str, int]:
    return {one.refund_ref: one.amount or 0 for one in events if one.kind == EventKind.REFUND_SUCCEEDED}


def _disputes(events: Iterable[Event]) -> dict[str, tuple[EventKind, int]]:
    """By dispute, what holds of it: an end outlasts an opening, whatever their times say."""
    disputes: dict[str, tuple[EventKind, int]] = {}
    for one in events:
        if one.kind not in DISPUTES:
            continue
        before = disputes.get(one.dispute_ref)
        if before is None or one.kind != EventKind.DISPUTE_OPENED:
            disputes[one.dispute_ref] = EventKind(one.kind), one.amount or 0
    return disputes


def _status(paid: int, refunded: int, *, lost: bool, disputed: bool) -> Status:
    if lost:
        return Status.LOST
    if disputed:
        return Status.DISPUTED
    if refunded:
        return Status.REFUNDED if refunded >= paid else Status.PARTLY_REFUNDED
    return Status.SUCCEEDED


def _share(bought: int, part: int, whole: int) -> int:
    """In proportion, rounded down to a micro-credit; all of it where the whole went back."""
    if not part:
        return 0
    return bought if part >= whole else bought * part // whole
