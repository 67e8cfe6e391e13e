"""How a transaction of the ledger is made up: credits drawn from lots, put back into them, and written at once.

A Movement holds wallets under their locks. What it adds up in memory are the entries; `write` stores them together
with the projection of wallets and lots, so that neither can exist without the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from billing.errors import InsufficientCredits, LedgerBug
from billing.models import Entry, Lot, Transaction, Wallet

Account = Entry.Account
PRIORITY = {Lot.Kind.GIFT: 10, Lot.Kind.PLAN: 20, Lot.Kind.PAID: 30}
Drawn = list[tuple[Lot, int]]


class Movement:
    """`wallet`: whose transaction it is. Every wallet whose lots are touched must be among the locked ones."""

    def __init__(self, wallet: Wallet, *others: Wallet, now: datetime | None = None) -> None:
        self.wallet = wallet
        self.now = now or timezone.now()
        self._wallets = {one.pk: one for one in (wallet, *others)}
        self._lots: dict[str, Lot] = {}
        self._entries: dict[tuple[int, Account, str | None], int] = {}

    def note(self, account: Account, credits: int, *, wallet: Wallet | None = None) -> None:
        """On an account that has no lots."""
        holder = self._wallets[(wallet or self.wallet).pk]
        self._add(holder, account, None, credits)
        if account == Account.DEBT:
            holder.debt -= credits

    def move(self, lot: Lot, credits: int, *, account: Account) -> None:
        """Onto (or, negative, off) an account of a lot."""
        lot = self._lots.setdefault(lot.pk, lot)
        holder = self._wallets[lot.wallet_id]
        self._add(holder, account, lot.pk, credits)
        if account == Account.AVAILABLE:
            lot.left += credits
            holder.available += credits
        elif account == Account.HELD:
            holder.held += credits
        else:
            lot.frozen += credits
            holder.frozen += credits

    def open_lot(
        self, wallet: Wallet, kind: Lot.Kind, *, expires_at: datetime | None = None, payment: Any = None
    ) -> Lot:
        lot = Lot.objects.create(
            wallet=wallet,
            kind=kind,
            priority=PRIORITY[kind],
            expires_at=expires_at,
            payment=payment,
            created_at=self.now,
        )
        return self._lots.setdefault(lot.pk, lot)

    def put(self, lot: Lot, credits: int) -> None:
        """Into the free credits of a lot: what is owed is repaid first, and what has expired meanwhile expires."""
        holder = self._wallets[lot.wallet_id]
        if repaid := min(credits, holder.debt):
            self.note(Account.DEBT, repaid, wallet=holder)
        if not (rest := credits - repaid):
            return
        if lot.expires_at is not None and lot.expires_at <= self.now:
            self.note(Account.EXPIRED, rest, wallet=holder)
        else:
            self.move(lot, rest, account=Account.AVAILABLE)

    def draw(self, credits: int) -> Drawn:
        """Off the free credits of the wallet, in the order in which lots are spent. Raises InsufficientCredits."""
        lots = self.spendable()
        if credits > (free := sum(lot.left for lot in lots)):
            raise InsufficientCredits(required=credits, available=free)
        return self.draw_from(lots, credits)

    def draw_from(self, lots: Iterable[Lot], credits: int) -> Drawn:
        """As much of it as they have."""
        drawn: Drawn = []
        for lot in lots:
            if not (part := min(credits, lot.left)):
                continue
            self.move(lot, -part, account=Account.AVAILABLE)
            drawn.append((lot, part))
            credits -= part
        return drawn

    def spendable(self) -> list[Lot]:
        """Priority, then what expires earlier, then age. What has expired and was not swept yet is not among them."""
        return [lot for lot in self._filled() if not lot.expires_at or lot.expires_at > self.now]

    def unswept(self) -> list[Lot]:
        """What has expired and was not swept yet: nobody may spend it, and nothing is owed while it is there."""
        return [lot for lot in self._filled() if lot.expires_at and lot.expires_at <= self.now]

    def _filled(self) -> list[Lot]:
        rows = Lot.objects.filter(wallet=self.wallet, left__gt=0).order_by(
            "priority", F("expires_at").asc(nulls_last=True), "created_at", "pk"
        )
        return [self._lots.setdefault(lot.pk, lot) for lot in rows]

    def write(self, kind: Transaction.Kind, key: str, **fields: Any) -> Transaction:
        """Once. A movement of nothing is written too, without entries."""
        entries = {place: credits for place, credits in self._entries.items() if credits}
        if sum(entries.values()):
            raise LedgerBug("The entries of a transaction sum to zero.")
        written = Transaction.objects.create(wallet=self.wallet, kind=kind, key=key, created_at=self.now, **fields)
        Entry.objects.bulk_create(
            Entry(transaction=written, wallet_id=wallet_id, account=account, lot_id=lot_id, credits=credits)
            for (wallet_id, account, lot_id), credits in entries.items()
        )
        for pk in {wallet_id for wallet_id, _, _ in entries}:
            one = self._wallets[pk]
            Wallet.objects.filter(pk=pk).update(
                available=one.available, held=one.held, frozen=one.frozen, debt=one.debt
            )
        for lot_id in {lot_id for _, account, lot_id in entries if lot_id and account != Account.HELD}:
            lot = self._lots[lot_id]
            Lot.objects.filter(pk=lot_id).update(left=lot.left, frozen=lot.frozen)
        return written

    def _add(self, wallet: Wallet, account: Account, lot_id: str | None, credits: int) -> None:
        place = (wallet.pk, account, lot_id)
        self._entries[place] = self._entries.get(place, 0) + credits


def lock(wallet_id: int) -> Wallet:
    """The row lock; on SQLite the IMMEDIATE transaction is the lock. It lets rows that point here be written."""
    return Wallet.objects.select_for_update(no_key=True).get(pk=wallet_id)


def lock_all(wallet_ids: Iterable[int]) -> dict[int, Wallet]:
    """In one order for everybody, so that two who lock the same ones never wait for each other."""
    return {pk: lock(pk) for pk in sorted(set(wallet_ids))}
