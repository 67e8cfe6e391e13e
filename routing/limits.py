"""The limits of a key (F47): so many requests, tokens, micro-credits in a second, a minute, an hour, a day, a month.

Short windows are counted in this process; of an hour and longer, what the books say is added to what this process
has seen in the last moments, which the books may not have yet. So a limit errs by moments, to the strict side.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from routing.known_keys import KnownKey
from routing.windows import KEPT_WINDOWS, begin_of, end_of
from routing.words import Window

RECENT_SECONDS = 3.0  # within it the books have heard of everything
AT_MOST = 10_000


class LimitReached(Exception):
    """`resets_in`: seconds until the window ends."""

    code = "key_limit_reached"

    def __init__(self, resource: str, window: Window, limit: int, resets_in: float) -> None:
        super().__init__(f"This key's limit of {limit} {resource} a {window} is reached.")
        self.resets_in = resets_in


@dataclass(slots=True)
class _Counts:
    """Of one key, here: sums of the running short windows, and single amounts of the last moments."""

    sums: dict[tuple[str, Window], tuple[datetime, int]] = field(default_factory=dict)
    recent: deque[tuple[float, str, int]] = field(default_factory=deque)


_counts: OrderedDict[str, _Counts] = OrderedDict()


def check_limits(key: KnownKey) -> None:
    """Raises LimitReached for the first window that is full; counts the request where all have room."""
    if not key.limits:
        return
    now = datetime.now(UTC)
    counts = _of(key)
    for resource, window, limit in key.limits:
        if _used(key, counts, resource, window, now) >= limit:
            raise LimitReached(resource, window, limit, (end_of(window, now) - now).total_seconds())
    _add(counts, "requests", 1, now)


def note_use(key: KnownKey, *, tokens: int, cost: int) -> None:
    """After the answer: only then are they known."""
    if key.limits:
        now = datetime.now(UTC)
        counts = _of(key)
        _add(counts, "tokens", tokens, now)
        _add(counts, "cost", cost, now)


def _of(key: KnownKey) -> _Counts:
    counts = _counts.get(key.id)
    if counts is None:
        counts = _counts[key.id] = _Counts()
        if len(_counts) > AT_MOST:
            _counts.popitem(last=False)
    return counts


def _used(key: KnownKey, counts: _Counts, resource: str, window: Window, now: datetime) -> int:
    if window in KEPT_WINDOWS:
        oldest = now.timestamp() - RECENT_SECONDS
        while counts.recent and counts.recent[0][0] < oldest:
            counts.recent.popleft()
        here = sum(amount for _, counted, amount in counts.recent if counted == resource)
        return key.used.get((resource, window), 0) + here
    begun, amount = counts.sums.get((resource, window), (now, 0))
    return amount if begun == begin_of(window, now) else 0


def _add(counts: _Counts, resource: str, amount: int, now: datetime) -> None:
    counts.recent.append((now.timestamp(), resource, amount))
    for window in (Window.SECOND, Window.MINUTE):
        begun = begin_of(window, now)
        before, sum_before = counts.sums.get((resource, window), (begun, 0))
        counts.sums[resource, window] = (begun, amount + (sum_before if before == begun else 0))
