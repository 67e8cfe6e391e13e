"""The limits of a key (F47): so many requests, tokens, micro-credits in a second, a minute, an hour, a day, a month.

Short windows are counted by `accounts.counts`: by all processes together where Redis is there, else in this one. Of an
hour and longer, what the books say is added to what this process has seen in the last moments, which the books may not
have yet. So a limit errs by moments.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from accounts import counts
from accounts.auth import Allowance, allowance_after, request_count
from accounts.counts import Count
from routing.known_keys import KnownKey
from routing.windows import KEPT_WINDOWS, LENGTHS, begin_of, end_of
from routing.words import Window

SHORT_WINDOWS = (Window.SECOND, Window.MINUTE)
RECENT_SECONDS = 3.0  # within it the books have heard of everything
AT_MOST = 10_000


class LimitReached(Exception):
    """`resets_in`: seconds until the window ends."""

    code = "key_limit_reached"

    def __init__(self, resource: str, window: Window, limit: int, resets_in: float) -> None:
        super().__init__(f"This key's limit of {limit} {resource} a {window} is reached.")
        self.resets_in = resets_in


@dataclass(slots=True)
class _Recent:
    """Of one key, here: single amounts of the last moments."""

    amounts: deque[tuple[float, str, int]] = field(default_factory=deque)

    def sum(self, resource: str, now: datetime) -> int:
        while self.amounts and self.amounts[0][0] < now.timestamp() - RECENT_SECONDS:
            self.amounts.popleft()
        return sum(amount for _, counted, amount in self.amounts if counted == resource)

    def add(self, resource: str, amount: int, now: datetime) -> None:
        self.amounts.append((now.timestamp(), resource, amount))


_recent: OrderedDict[str, _Recent] = OrderedDict()


async def count_request(key: KnownKey) -> tuple[Allowance, LimitReached | None]:
    """Against the rate of requests and the key's own limits, in one round trip; it counts where all have room."""
    now = datetime.now(UTC)
    full = _find_full(key, now)
    short = [limit for limit in key.limits if limit[1] in SHORT_WINDOWS and full is None]
    own = [_count(key, resource, window, now, int(resource == "requests"), limit) for resource, window, limit in short]
    rate, *before = await counts.take([request_count(key.row), *own])
    for (resource, window, limit), used in zip(short, before, strict=True):
        if used >= limit:
            full = LimitReached(resource, window, limit, _until(window, now))
            break
    if key.limits and full is None:
        _of(key).add("requests", 1, now)
    return allowance_after(rate), full


def note_use(key: KnownKey, *, tokens: int, cost: int) -> None:
    """After the answer: only then are they known."""
    if not key.limits:
        return
    now = datetime.now(UTC)
    used = {"tokens": tokens, "cost": cost}
    for resource, amount in used.items():
        _of(key).add(resource, amount, now)
    short = {(resource, window) for resource, window, _ in key.limits if window in SHORT_WINDOWS and resource in used}
    if short:
        counts.add_soon([_count(key, resource, window, now, used[resource], None) for resource, window in short])


def _find_full(key: KnownKey, now: datetime) -> LimitReached | None:
    """Of the windows that the books keep."""
    for resource, window, limit in key.limits:
        if window in KEPT_WINDOWS and key.used.get((resource, window), 0) + _of(key).sum(resource, now) >= limit:
            return LimitReached(resource, window, limit, _until(window, now))
    return None


def _count(key: KnownKey, resource: str, window: Window, now: datetime, amount: int, limit: int | None) -> Count:
    name = f"{resource}:{window}:{key.id}:{begin_of(window, now).timestamp():.0f}"
    return Count(name, amount, 2 * round(LENGTHS[window].total_seconds()), limit)


def _until(window: Window, now: datetime) -> float:
    return (end_of(window, now) - now).total_seconds()


def _of(key: KnownKey) -> _Recent:
    recent = _recent.get(key.id)
    if recent is None:
        recent = _recent[key.id] = _Recent()
        if len(_recent) > AT_MOST:
            _recent.popitem(last=False)
    return recent
