"""The verbs that move credits. Each is idempotent under its key and owns its transaction.

The order inside is always the same: lock the wallet's row, look the idempotency key up, and only
then judge the balance; so a retry of what already succeeded is never refused for lack of credits.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import ApiKey
from billing.errors import HoldError, InsufficientCredits
from billing.models import Entry, Hold, Transaction, Wallet


def get_wallet(api_key: ApiKey) -> Wallet:
    """The wallet of a key, opened empty at the first call."""
    wallet, _ = Wallet.objects.get_or_create(api_key=api_key)
    return wallet


@transaction.atomic
def grant(wallet: Wallet, credits: int, *, key: str, note: str = "") -> Transaction:
    """Puts credits into a wallet, once per key."""
    if credits <= 0:
        raise ValueError("A grant is a positive number of micro-credits.")
    locked = _lock(wallet.pk)
    if granted := locked.transactions.filter(key=key).first():
        return granted
    return _write(
        locked,
        Transaction.Kind.GRANT,
        key,
        {Entry.Account.FUNDING: -credits, Entry.Account.AVAILABLE: credits},
        note=note,
    )


@transaction.atomic
def place_hold(wallet: Wallet, credits: int, *, key: str, price_version: int) -> Hold:
    """Sets credits aside for work about to begin. Raises InsufficientCredits."""
    locked = _lock(wallet.pk)
    if hold := locked.holds.filter(key=key).first():
        return hold
    if locked.available < credits:
        raise InsufficientCredits(required=credits, available=locked.available)
    hold = Hold.objects.create(wallet=locked, key=key, credits=credits, price_version=price_version)
    _write(
        locked,
        Transaction.Kind.HOLD,
        f"hold:{key}",
        {Entry.Account.AVAILABLE: -credits, Entry.Account.HELD: credits},
        hold=hold,
    )
    return hold


@transaction.atomic
def settle_hold(hold: Hold, *, credits: int) -> Hold:
    """Keeps what the work cost and gives the rest back. Never more than was held."""
    return _close(hold, Hold.Status.SETTLED, charged=credits)


@transaction.atomic
def release_hold(hold: Hold) -> Hold:
    """Gives all of it back: the work failed or was never done."""
    return _close(hold, Hold.Status.RELEASED, charged=0)


def _close(hold: Hold, status: Hold.Status, *, charged: int) -> Hold:
    locked = _lock(hold.wallet_id)
    hold = locked.holds.get(pk=hold.pk)
    if hold.status == status and hold.charged == charged:
        return hold  # a retry
    if hold.status != Hold.Status.OPEN:
        raise HoldError("This hold is closed already.")
    if not 0 <= charged <= hold.credits:
        raise HoldError("A hold cannot be charged more than it holds.")
    hold.status, hold.charged, hold.closed_at = status, charged, timezone.now()
    hold.save(update_fields=["status", "charged", "closed_at"])
    kind = Transaction.Kind.SETTLE if status == Hold.Status.SETTLED else Transaction.Kind.RELEASE
    back = hold.credits - charged
    amounts = {
        Entry.Account.HELD: -hold.credits,
        Entry.Account.AVAILABLE: back,
        Entry.Account.REVENUE: charged,
    }
    _write(locked, kind, f"{kind}:{hold.key}", amounts, hold=hold)
    return hold


def _lock(wallet_id: int) -> Wallet:
    """The row lock; on SQLite the IMMEDIATE transaction is the lock."""
    return Wallet.objects.select_for_update().get(pk=wallet_id)


def _write(
    wallet: Wallet,
    kind: Transaction.Kind,
    key: str,
    amounts: dict[Entry.Account, int],
    *,
    hold: Hold | None = None,
    note: str = "",
) -> Transaction:
    """One transaction with its entries, and the wallet's projection of them."""
    if sum(amounts.values()):
        raise HoldError("The entries of a transaction sum to zero.")
    written = Transaction.objects.create(wallet=wallet, kind=kind, key=key, hold=hold, note=note)
    entries = [
        Entry(transaction=written, wallet=wallet, account=account, credits=credits)
        for account, credits in amounts.items()
        if credits
    ]
    Entry.objects.bulk_create(entries)
    Wallet.objects.filter(pk=wallet.pk).update(
        available=F("available") + amounts.get(Entry.Account.AVAILABLE, 0),
        held=F("held") + amounts.get(Entry.Account.HELD, 0),
    )
    return written
