"""Credits for requests without a write for each: a key's lease is a hold of the ledger, wide enough for several.

A request reserves its worst cost from the open lease in memory and gives back what it did not use. A lease is closed
when it is used up, idle or old; the worker settles it with what its generations cost. See decision 0009.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from time import monotonic

from django.utils import timezone

from accounts.ids import new_id
from accounts.models import ApiKey
from accounts.off_loop import off_loop
from billing import ledger, spending
from billing.errors import InsufficientCredits
from billing.models import Hold
from routing import journal
from routing.journal import Journal

REQUESTS_AHEAD = 16
MOST_AHEAD = 2048
PLENTY = 4  # times a lease's width must be in the wallet; where it is not even so for 16, it is for one request alone
IDLE_SECONDS = 0.5
OLDEST_SECONDS = 5.0
USED_UP_SOON = 2.0
TICK_SECONDS = 0.25
SETTLING_SECONDS = 1.0  # how long one waits for closed leases to come back before credits are said to be too few
LOOK_AGAIN_SECONDS = 0.04
MOST_PURSES = 10_000


@dataclass(slots=True, eq=False)
class Lease:
    """`free`: not reserved by anybody. It counts as closed to newcomers from `closing` on."""

    id: str
    journal: Journal
    free: int
    purse: Purse
    alone: bool  # for one request
    born: float = field(default_factory=monotonic)
    used: float = field(default_factory=monotonic)
    outstanding: int = 0  # requests under way
    closing: bool = False

    def reserve(self, worst: int) -> Reservation:
        self.free -= worst
        self.outstanding += 1
        self.used = monotonic()
        self.closing = self.alone
        return Reservation(self, worst)


@dataclass(slots=True, eq=False)
class Reservation:
    """The worst cost of one request, until it is known what it cost."""

    lease: Lease
    credits: int
    open: bool = True

    def settle(self, cost: int) -> None:
        """After the journal has it. What was not used is free again."""
        if not self.open:
            return
        self.open = False
        lease = self.lease
        lease.free += self.credits - cost
        lease.outstanding -= 1
        lease.used = monotonic()
        if lease.closing and not lease.outstanding:
            lease.purse.close(lease)


@dataclass(slots=True, eq=False)
class Purse:
    """What this process has in hand of one key's credits. `left`: the wallet's rest when it was last seen."""

    api_key_id: str
    left: int = 0
    ahead: int = REQUESTS_AHEAD  # how many requests the next lease is for: doubled while they are used up in no time
    lease: Lease | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    unsettled: list[tuple[str, float]] = field(default_factory=list)  # closed leases, and when
    ticking: bool = False

    @property
    def remaining(self) -> int:
        return self.left + (self.lease.free if self.lease is not None else 0)

    def close(self, lease: Lease) -> None:
        if self.lease is lease:
            self.left += lease.free
            self.lease = None
        now = monotonic()
        self.unsettled = [one for one in self.unsettled if now - one[1] < 2 * SETTLING_SECONDS]
        self.unsettled.append((lease.id, now))
        lease.journal.note({"t": "closed", "lease": lease.id})
        journal.release(lease.journal)

    def retire(self) -> None:
        """No newcomers for the lease in use; it is closed with the last request that is under way."""
        lease = self.lease
        if lease is None:
            return
        lease.closing = True
        if not lease.outstanding:
            self.close(lease)
        else:
            self.lease = None

    def watch(self) -> None:
        """Looks now and then whether the lease is idle or old."""
        if not self.ticking:
            self.ticking = True
            asyncio.get_running_loop().call_later(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        self.ticking = False
        lease, now = self.lease, monotonic()
        if lease is None:
            self.ahead = REQUESTS_AHEAD
            return
        if now - lease.born > OLDEST_SECONDS or (not lease.outstanding and now - lease.used > IDLE_SECONDS):
            self.retire()
        if self.lease is not None:
            self.watch()


_purses: OrderedDict[str, Purse] = OrderedDict()


def purse_of(api_key_id: str) -> Purse:
    purse = _purses.get(api_key_id)
    if purse is None:
        purse = _purses[api_key_id] = Purse(api_key_id)
        if len(_purses) > MOST_PURSES:
            _forget_an_empty_one()
    return purse


async def reserve(api_key_id: str, worst: int, *, price_version: int) -> Reservation:
    """Raises InsufficientCredits."""
    purse = purse_of(api_key_id)
    lease = purse.lease
    if lease is not None and not lease.closing and lease.free >= worst:
        return lease.reserve(worst)
    async with purse.lock:
        lease = purse.lease  # perhaps somebody has fetched one meanwhile
        if lease is None or lease.closing or lease.free < worst:
            if lease is not None and not lease.closing and monotonic() - lease.born < USED_UP_SOON:
                purse.ahead = min(2 * purse.ahead, MOST_AHEAD)
            purse.retire()
            lease = purse.lease = await _open(purse, worst, price_version)
            purse.watch()
        return lease.reserve(worst)


async def _open(purse: Purse, worst: int, price_version: int) -> Lease:
    patience = monotonic() + SETTLING_SECONDS
    book = journal.current()
    lease_id = new_id("lse")
    # Before the hold: one that no journal knows would stay open for ever.
    book.note({"t": "lease", "lease": lease_id, "key": purse.api_key_id})
    book.leases += 1
    while True:
        try:
            credits, purse.left = await off_loop(_place, purse.api_key_id, lease_id, worst, purse.ahead, price_version)
        except InsufficientCredits:
            if not purse.unsettled or monotonic() > patience:
                _give_up(book, lease_id)
                raise
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            purse.unsettled = await off_loop(_still_open, purse.unsettled)
        except BaseException:
            _give_up(book, lease_id)
            raise
        else:
            return Lease(lease_id, book, credits, purse, alone=credits == worst)


def _give_up(book: Journal, lease_id: str) -> None:
    book.note({"t": "closed", "lease": lease_id})
    journal.release(book)


def _place(api_key_id: str, lease_id: str, worst: int, ahead: int, price_version: int) -> tuple[int, int]:
    """The width of the lease, and what is left in the wallet."""
    api_key = ApiKey.objects.get(pk=api_key_id)
    wallet, room = ledger.get_wallet(api_key), spending.room(api_key_id, timezone.now())
    free = wallet.available if room is None else min(wallet.available, room)
    while ahead > REQUESTS_AHEAD and free < PLENTY * ahead * worst:
        ahead //= 2
    wide = ahead * worst if free >= PLENTY * ahead * worst else worst
    hold = ledger.place_hold(wallet, wide, key=lease_id, price_version=price_version, spender=api_key)
    return hold.credits, wallet.available - hold.credits


def _still_open(closed: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Those that the worker has not settled yet, and those that were just settled: their credits count now."""
    opened = set(
        Hold.objects.filter(key__in=[lease for lease, _ in closed], status=Hold.Status.OPEN).values_list(
            "key", flat=True
        )
    )
    return [one for one in closed if one[0] in opened]


def _forget_an_empty_one() -> None:
    for api_key_id, purse in list(_purses.items())[:100]:
        if purse.lease is None and not purse.lock.locked():
            del _purses[api_key_id]
            return
