"""Proves the ledger: every invariant as one query, each fault as one sentence."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.models import Entry, Hold, Transaction, Wallet


def find_faults() -> Iterator[str]:
    yield from _unbalanced_transactions()
    yield from _wrong_projections()
    yield from _wrong_holds()


def sum_of_entries() -> int:
    return Entry.objects.aggregate(total=Coalesce(Sum("credits"), 0))["total"]


def _unbalanced_transactions() -> Iterator[str]:
    unbalanced = Transaction.objects.annotate(total=Coalesce(Sum("entries__credits"), 0)).exclude(total=0)
    for row in unbalanced:
        yield f"transaction {row.pk} sums to {row.total}, not to zero"


def _wrong_projections() -> Iterator[str]:
    accounts = {"available": Entry.Account.AVAILABLE, "held": Entry.Account.HELD}
    for column, account in accounts.items():
        entries = _total(Entry.objects.filter(wallet=OuterRef("pk"), account=account), "wallet")
        for wallet in Wallet.objects.annotate(entries_total=entries).exclude(entries_total=F(column)):
            yield f"wallet {wallet.pk}: {column} is {getattr(wallet, column)}, its entries say {wallet.entries_total}"
    open_holds = _total(Hold.objects.filter(wallet=OuterRef("pk"), status=Hold.Status.OPEN), "wallet")
    for pk, held, total in (
        Wallet.objects.annotate(total=open_holds).exclude(total=F("held")).values_list("pk", "held", "total")
    ):
        yield f"wallet {pk}: held is {held}, its open holds say {total}"


def _wrong_holds() -> Iterator[str]:
    closing = Q(transactions__kind__in=[Transaction.Kind.SETTLE, Transaction.Kind.RELEASE])
    holds = Hold.objects.annotate(closings=Count("transactions", filter=closing))
    # A hold of nothing moves nothing, yet its transactions are written: closed means closed once.
    for hold in holds.filter(status=Hold.Status.OPEN, closings__gt=0):
        yield f"hold {hold.pk} is open, yet the ledger has closed it"
    for hold in holds.exclude(status=Hold.Status.OPEN).exclude(closings=1):
        yield f"hold {hold.pk} is {hold.status}, closed {hold.closings} times in the ledger"


def _total(rows: QuerySet, group: str) -> Coalesce:
    totals = rows.order_by().values(group).annotate(total=Sum("credits")).values("total")
    return Coalesce(Subquery(totals), 0)
