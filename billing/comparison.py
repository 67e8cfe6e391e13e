"""What two lists of payments do not agree about: pure, with nothing looked up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from billing.models import ReconciliationDifference
from billing.pricing import format_money
from billing.providers.contracts import ListedPayment

Kind = ReconciliationDifference.Kind
PAID = "succeeded"
DISPUTED, NOT_DISPUTED = "disputed", "never disputed"


@dataclass(frozen=True, slots=True)
class OurPayment:
    """`paid` None: not paid, as far as we know. `begun_at`: the earliest that the provider may date it."""

    ref: str
    order_id: str
    paid: int | None
    currency: str
    refunded: int
    disputed: bool
    begun_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One difference. `at`: when the payment was made."""

    kind: Kind
    ref: str = ""
    order_id: str = ""
    here: str = ""
    there: str = ""
    at: datetime | None = None


def compare(
    ours: Mapping[str, OurPayment], listed: Mapping[str, ListedPayment], *, orders: Collection[str]
) -> Iterator[Fact]:
    """Both by the provider's id. `ours` without what could not be on their list; `orders`: ids that are ours."""
    for ref, theirs in listed.items():
        if ref in ours:
            yield from _of_both(ours[ref], theirs)
        elif _is_paid(theirs):
            kind = Kind.UNPAID_HERE if theirs.order_id in orders else Kind.UNKNOWN_HERE
            there = format_money(theirs.amount, theirs.currency)
            yield Fact(kind, ref, theirs.order_id, there=there, at=theirs.created_at)
    for ref, own in ours.items():
        if own.paid and ref not in listed:
            yield _fact(Kind.UNKNOWN_THERE, own, format_money(own.paid, own.currency), "")


def _of_both(own: OurPayment, theirs: ListedPayment) -> Iterator[Fact]:
    there = format_money(theirs.amount, theirs.currency)
    if not own.paid:
        if _is_paid(theirs):
            yield Fact(Kind.UNPAID_HERE, own.ref, own.order_id, there=there, at=theirs.created_at)
        return
    here = format_money(own.paid, own.currency)
    if not _is_paid(theirs):
        yield _fact(Kind.UNPAID_THERE, own, here, theirs.status[:40])
        return
    if own.currency != theirs.currency:
        yield _fact(Kind.CURRENCY, own, here, there)
    elif own.paid != theirs.amount:
        yield _fact(Kind.AMOUNT, own, here, there)
    if own.refunded != theirs.refunded:
        back = format_money(own.refunded, own.currency), format_money(theirs.refunded, theirs.currency)
        yield _fact(Kind.REFUNDED, own, *back)
    if own.disputed != theirs.disputed:
        words = {True: DISPUTED, False: NOT_DISPUTED}
        yield _fact(Kind.DISPUTE, own, words[own.disputed], words[theirs.disputed])


def _fact(kind: Kind, own: OurPayment, here: str, there: str) -> Fact:
    return Fact(kind, own.ref, own.order_id, here, there, own.paid_at)


def _is_paid(theirs: ListedPayment) -> bool:
    """A mandate for later costs nothing: there is nothing of it to compare."""
    return theirs.status == PAID and theirs.amount > 0
