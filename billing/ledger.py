"""The verbs that move credits. Each is idempotent under its key and owns its transaction.

The order inside is always the same: lock the wallet's row, look the idempotency key up, and only
then judge the balance; so a retry of what already succeeded is never refused for lack of credits.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, User
from billing import spending
from billing.errors import HoldError, InsufficientCredits, TransferRefused
from billing.models import Entry, Hold, Lot, Transaction, Wallet
from billing.movement import Account, Drawn, Movement, lock, lock_all

Kind = Transaction.Kind


def get_wallet(api_key: ApiKey) -> Wallet:
    """The wallet a key pays from, its own or the one it shares; opened empty at the first call."""
    wallet, _ = Wallet.objects.get_or_create(api_key_id=api_key.pays_from_id or api_key.pk)
    return wallet


@transaction.atomic
def grant(
    wallet: Wallet,
    credits: int,
    *,
    key: str,
    note: str = "",
    kind: Lot.Kind = Lot.Kind.GIFT,
    expires_at: datetime | None = None,
) -> Transaction:
    """Puts credits into a wallet, once per key. What the wallet owes is repaid first."""
    if credits <= 0:
        raise ValueError("A grant is a positive number of micro-credits.")
    locked = lock(wallet.pk)
    if granted := locked.transactions.filter(key=key).first():
        return granted
    movement = Movement(locked)
    movement.note(Account.FUNDING, -credits)
    movement.put(movement.open_lot(locked, kind, expires_at=expires_at), credits)
    return movement.write(Kind.GRANT, key, note=note)


@transaction.atomic
def place_hold(wallet: Wallet, credits: int, *, key: str, price_version: int, spender: ApiKey | None = None) -> Hold:
    """Sets credits aside for work about to begin. Raises InsufficientCredits and SpendingCapReached."""
    locked = lock(wallet.pk)
    if hold := locked.holds.filter(key=key).first():
        return hold
    if locked.available < credits:
        raise InsufficientCredits(required=credits, available=locked.available)
    movement = Movement(locked)
    drawn = movement.draw(credits)
    spender_id = spender.pk if spender is not None else locked.api_key_id
    spending.spend(spender_id, credits, movement.now)
    hold = Hold.objects.create(
        wallet=locked,
        spender_id=spender_id,
        key=key,
        credits=credits,
        price_version=price_version,
        created_at=movement.now,
    )
    for lot, part in drawn:
        movement.move(lot, part, account=Account.HELD)
    movement.write(Kind.HOLD, f"hold:{key}", hold=hold)
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
    locked = lock(hold.wallet_id)
    hold = locked.holds.get(pk=hold.pk)
    if hold.status == status and hold.charged == charged:
        return hold  # a retry
    if hold.status != Hold.Status.OPEN:
        raise HoldError("This hold is closed already.")
    if not 0 <= charged <= hold.credits:
        raise HoldError("A hold cannot be charged more than it holds.")
    hold.status, hold.charged, hold.closed_at = status, charged, timezone.now()
    hold.save(update_fields=["status", "charged", "closed_at"])
    movement = Movement(locked, now=hold.closed_at)
    movement.note(Account.REVENUE, charged)
    owed = charged
    for lot, part in _drawn_for(hold):
        movement.move(lot, -part, account=Account.HELD)
        paid = min(part, owed)
        owed -= paid
        movement.put(lot, part - paid)
    spending.give_back(hold.spender_id, hold.credits - charged, hold.created_at)
    kind = Kind.SETTLE if status == Hold.Status.SETTLED else Kind.RELEASE
    movement.write(kind, f"{kind}:{hold.key}", hold=hold)
    return hold


def _drawn_for(hold: Hold) -> Drawn:
    """The lots it was drawn from, in that order."""
    entries = Entry.objects.filter(transaction__hold=hold, transaction__kind=Kind.HOLD, account=Account.HELD)
    return [(entry.lot, entry.credits) for entry in entries.select_related("lot").order_by("pk") if entry.lot]


@transaction.atomic
def transfer(source: Wallet, target: Wallet, credits: int, *, key: str) -> Transaction:
    """Between two keys of one owner. The credits keep their kind, their expiry and the payment they came from."""
    if credits <= 0:
        raise ValueError("A transfer is a positive number of micro-credits.")
    wallets = lock_all([source.pk, target.pk])
    _check_transfer(source, target)
    giving, taking = wallets[source.pk], wallets[target.pk]
    if written := giving.transactions.filter(key=key).first():
        return written
    movement = Movement(giving, taking)
    for lot, part in movement.draw(credits):
        lot_there = movement.open_lot(taking, Lot.Kind(lot.kind), expires_at=lot.expires_at, payment=lot.payment)
        movement.put(lot_there, part)
    return movement.write(Kind.TRANSFER, key)


def _check_transfer(source: Wallet, target: Wallet) -> None:
    giver, taker = source.api_key, target.api_key
    if source.pk == target.pk:
        raise TransferRefused("These two keys pay from the same wallet.")
    if giver.user_id != taker.user_id or giver.mode != taker.mode:
        raise TransferRefused("Credits move only between live keys of one account.")


@transaction.atomic
def adjust(
    wallet: Wallet, credits: int, *, key: str, reason: Transaction.Reason, note: str, actor: User
) -> Transaction:
    """By staff: credits given, or taken where the wallet has them. Raises InsufficientCredits."""
    if not credits or not note.strip():
        raise ValueError("An adjustment has an amount and a note.")
    locked = lock(wallet.pk)
    if written := locked.transactions.filter(key=key).first():
        return written
    movement = Movement(locked)
    movement.note(Account.FUNDING, -credits)
    if credits > 0:
        movement.put(movement.open_lot(locked, Lot.Kind.GIFT), credits)
    else:
        movement.draw(-credits)
    return movement.write(Kind.ADJUSTMENT, key, reason=reason, note=note, actor=actor)


def expire_lots(*, now: datetime | None = None, limit: int = 1000) -> int:
    """What was not spent in time, a transaction for each lot; how many. What is held expires when it comes back."""
    moment = now or timezone.now()
    due = Lot.objects.filter(left__gt=0, expires_at__lte=moment).order_by("wallet_id")
    return sum(_expire(pk, wallet_id, now) for pk, wallet_id in list(due.values_list("pk", "wallet_id")[:limit]))


@transaction.atomic
def _expire(lot_id: str, wallet_id: int, now: datetime | None) -> bool:
    locked = lock(wallet_id)
    lot = Lot.objects.get(pk=lot_id)
    if not lot.left:
        return False
    movement = Movement(locked, now=now)
    movement.note(Account.EXPIRED, lot.left)
    movement.move(lot, -lot.left, account=Account.AVAILABLE)
    movement.write(Kind.EXPIRY, f"expiry:{lot.pk}", payment_id=lot.payment_id)
    return True
