"""Sums that run out by themselves, for limits: one for all processes where Redis is there, else one in each process.

While Redis is away each process counts by itself, from nothing: a limit is then as many times as wide as there are
processes, and nobody is refused for our trouble. One question is one round trip, however many counts it is about.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic

from accounts import redis_link

AT_MOST = 20_000
# KEYS: the counts. ARGV: of each what is added, the seconds it is kept, and its limit (empty: none).
TAKE = """
local before, room = {}, true
for i, key in ipairs(KEYS) do
  before[i] = tonumber(redis.call('GET', key) or '0')
  local limit = ARGV[3 * i]
  if limit ~= '' and before[i] >= tonumber(limit) then room = false end
end
for i, key in ipairs(KEYS) do
  local amount = ARGV[3 * i - 2]
  if amount ~= '0' and (room or ARGV[3 * i] == '') then
    redis.call('INCRBY', key, amount)
    redis.call('EXPIRE', key, ARGV[3 * i - 1])
  end
end
return before
"""


@dataclass(frozen=True, slots=True)
class Count:
    """`seconds` it is kept after it was last added to; its name says of which window it is."""

    name: str
    amount: int
    seconds: int
    limit: int | None = None


_sums: OrderedDict[str, tuple[float, int]] = OrderedDict()  # name -> until when, and how much
_adding: set[asyncio.Task[list[int]]] = set()  # the event loop keeps only weak references to tasks


async def take(counts: Sequence[Count]) -> list[int]:
    """What each was before. All are added to where each has room below its limit, else only those without a limit."""
    if redis_link.is_set() and redis_link.outage.may_try():
        try:
            before = await _ask_redis(counts)
        except redis_link.TROUBLE as error:
            redis_link.outage.met(error)
        else:
            redis_link.outage.ended()
            return before
    return _take_here(counts)


def add_soon(counts: Sequence[Count]) -> None:
    """Without anybody waiting for it."""
    if not redis_link.is_set():
        _take_here(counts)
        return
    task = asyncio.get_running_loop().create_task(take(counts))
    _adding.add(task)
    task.add_done_callback(_adding.discard)


async def _ask_redis(counts: Sequence[Count]) -> list[int]:
    names = [redis_link.blind(count.name) for count in counts]
    about: Iterable[int | str] = (
        value for count in counts for value in (count.amount, count.seconds, "" if count.limit is None else count.limit)
    )
    return await redis_link.evaluate(TAKE, names, about)


def _take_here(counts: Sequence[Count]) -> list[int]:
    now = monotonic()
    before = [
        until_and_sum[1] if (until_and_sum := _sums.get(c.name)) and until_and_sum[0] > now else 0 for c in counts
    ]
    room = all(count.limit is None or sum_ < count.limit for count, sum_ in zip(counts, before, strict=True))
    for count, sum_ in zip(counts, before, strict=True):
        if count.amount and (room or count.limit is None):
            _sums[count.name] = now + count.seconds, sum_ + count.amount
            _sums.move_to_end(count.name)
    while len(_sums) > AT_MOST:
        _sums.popitem(last=False)  # the one that was added to longest ago
    return before
