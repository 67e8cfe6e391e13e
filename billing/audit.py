"""Proves the ledger: every invariant as one query, each fault as one sentence."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, TruncMonth

from billing.models import Entry, Hold, Lot, Spending, Transaction, Wallet
from billing.written_once import missing_triggers

Account = Entry.Account
ON_WALLETS = {"available": 1, "held": 1, "frozen": 1, "debt": -1}  # a debt is owed: its entries are negative
ON_LOTS = {"left": Account.AVAILABLE, "frozen": Account.FROZEN}


def find_faults() -> Iterator[str]:
    yield from _unbalanced_transactions()
    yield from _wrong_wallets()
    yield from _wrong_lots()
    yield from _wrong_holds()
    yield from _unfounded_debts()
    yield from _wrong_spending()
    for name in sorted(missing_triggers(connection)):
        yield f"trigger {name} is missing: the database would let the ledger be changed"


def sum_of_entries() -> int:
    return Entry.objects.aggregate(total=Coalesce(Sum("credits"), 0))["total"]


def _unbalanced_transactions() -> Iterator[str]:
    unbalanced = Transaction.objects.annotate(total=Coalesce(Sum("entries__credits"), 0)).exclude(total=0)
    for row in unbalanced:
        yield f"transaction {row.pk} sums to {row.total}, not to zero"


def _wrong_wallets() -> Iterator[str]:
    for account, sign in ON_WALLETS.items():
        entries = _total(Entry.objects.filter(wallet=OuterRef("pk"), account=account), "wallet")
        for wallet in Wallet.objects.annotate(entries_total=entries).exclude(entries_total=sign * F(account)):
            said = sign * wallet.entries_total
            yield f"wallet {wallet.pk}: {account} is {getattr(wallet, account)}, its entries say {said}"
    open_holds = _total(Hold.objects.filter(wallet=OuterRef("pk"), status=Hold.Status.OPEN), "wallet")
    for pk, held, total in (
        Wallet.objects.annotate(total=open_holds).exclude(total=F("held")).values_list("pk", "held", "total")
    ):
        yield f"wallet {pk}: held is {held}, its open holds say {total}"


def _wrong_lots() -> Iterator[str]:
    for column, account in ON_LOTS.items():
        entries = _total(Entry.objects.filter(lot=OuterRef("pk"), account=account), "lot")
        for lot in Lot.objects.annotate(entries_total=entries).exclude(entries_total=F(column)):
            yield f"lot {lot.pk}: {column} is {getattr(lot, column)}, its entries say {lot.entries_total}"
    strangers = Entry.objects.filter(lot__isnull=False).exclude(wallet=F("lot__wallet"))
    for pk in strangers.values_list("pk", flat=True):
        yield f"entry {pk} is on a lot of another wallet"


def _wrong_holds() -> Iterator[str]:
    closing = Q(transactions__kind__in=[Transaction.Kind.SETTLE, Transaction.Kind.RELEASE])
    holds = Hold.objects.annotate(closings=Count("transactions", filter=closing))
    # A hold of nothing moves nothing, yet its transactions are written: closed means closed once.
    for hold in holds.filter(status=Hold.Status.OPEN, closings__gt=0):
        yield f"hold {hold.pk} is open, yet the ledger has closed it"
    for hold in holds.exclude(status=Hold.Status.OPEN).exclude(closings=1):
        yield f"hold {hold.pk} is {hold.status}, closed {hold.closings} times in the ledger"


def _unfounded_debts() -> Iterator[str]:
    reversed_ones = Transaction.objects.filter(entries__account=Account.DEBT, kind=Transaction.Kind.REVERSAL)
    for pk in Wallet.objects.filter(debt__gt=0).exclude(transactions__in=reversed_ones).values_list("pk", flat=True):
        yield f"wallet {pk} owes credits, yet no payment of it was taken back"


def _wrong_spending() -> Iterator[str]:
    counted = Case(When(status=Hold.Status.OPEN, then=F("credits")), default=F("charged"))
    by_month = Hold.objects.annotate(month=TruncMonth("created_at")).values("spender", "month")
    spent = {
        (row["spender"], row["month"].date()): row["total"] for row in by_month.annotate(total=Sum(counted)).order_by()
    }
    for api_key_id, month, credits in Spending.objects.values_list("api_key", "month", "credits"):
        if credits != (said := spent.get((api_key_id, month), 0)):
            yield f"spending of {api_key_id} in {month:%Y-%m} is {credits}, its holds say {said}"


def _total(rows: QuerySet, group: str) -> Coalesce:
    totals = rows.order_by().values(group).annotate(total=Sum("credits")).values("total")
    return Coalesce(Subquery(totals), 0)
