"""What transactions did to the balance of one wallet: a page of them, or the balance at a moment.

Transfers belong to the wallet that gave; here they are found by their entries, so that who took sees them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.models import Entry, Transaction, Wallet

Account = Entry.Account
CUSTOMERS = (Account.AVAILABLE, Account.HELD, Account.FROZEN, Account.DEBT)
ASIDE = (Account.HELD, Account.FROZEN)


@dataclass(frozen=True, slots=True)
class Move:
    """`change` of the balance and `set_aside` of it, signed; `balance` after it. Micro-credits."""

    transaction: Transaction
    change: int
    set_aside: int
    balance: int

    @property
    def reference(self) -> str:
        return reference_of(self.transaction)


def moves_of(wallet: Wallet) -> QuerySet[Any]:
    """Its transactions, each with what it changed and set aside."""
    own = Q(entries__wallet=wallet)
    rows = Transaction.objects.filter(own).select_related("hold")
    return rows.annotate(
        change=Coalesce(Sum("entries__credits", filter=own & Q(entries__account__in=CUSTOMERS)), 0),
        set_aside=Coalesce(Sum("entries__credits", filter=own & Q(entries__account__in=ASIDE)), 0),
    )


def read_page(wallet: Wallet, *, limit: int, cursor: str | None) -> tuple[list[Move], str | None]:
    """Newest first. The page is found before anything is summed: a long history costs no more than a short one."""
    own = Entry.objects.filter(wallet=wallet)
    older = own.filter(transaction_id__lt=cursor) if cursor else own
    newest = older.order_by("-transaction_id").values_list("transaction_id", flat=True).distinct()
    ids = list(newest[: limit + 1])
    if not ids:
        return [], None
    page = ids[:limit]
    rows = list(moves_of(wallet).filter(pk__in=page).order_by("-pk"))
    return _with_balances(rows, _balance_after(wallet, page[0])), page[-1] if len(ids) > limit else None


def balance_before(wallet: Wallet, moment: datetime) -> int:
    entries = Entry.objects.filter(wallet=wallet, account__in=CUSTOMERS, transaction__created_at__lt=moment)
    return entries.aggregate(total=Sum("credits"))["total"] or 0


def reference_of(row: Transaction) -> str:
    """The payment, the extraction, or the lease of the gateway that it was for."""
    return row.payment_id or (row.hold.key if row.hold else "")


def _balance_after(wallet: Wallet, transaction_id: str) -> int:
    """The balance now less what came later: one statement, so that both are of the same moment."""
    later = Entry.objects.filter(wallet=OuterRef("pk"), account__in=CUSTOMERS, transaction_id__gt=transaction_id)
    total = later.order_by().values("wallet").annotate(total=Sum("credits")).values("total")
    now = F("available") + F("held") + F("frozen") - F("debt")
    found = Wallet.objects.filter(pk=wallet.pk).annotate(then=now - Coalesce(Subquery(total), 0))
    return found.values_list("then", flat=True).get()


def _with_balances(rows: Sequence[Any], balance: int) -> list[Move]:
    moves = []
    for row in rows:
        moves.append(Move(row, row.change, row.set_aside, balance))
        balance -= row.change
    return moves
