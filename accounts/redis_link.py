"""The way to Redis, where REDIS_URL names one. It may be away: whoever asks here can do without it for a while.

Answers are waited for shortly. Whoever meets an outage first notes it, and it is logged once; until the next try is
due everybody else does without Redis at once, instead of waiting for it too.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Iterable, Sequence
from threading import Lock
from time import monotonic
from typing import Any

import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionBroken
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)
TROUBLE = (RedisError, OSError)
ANSWER_SECONDS = 0.25
AT_ONCE = 500  # questions of one round trip
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0  # seconds without Redis before it is tried again
_OPTIONS: dict[str, Any] = {
    "socket_connect_timeout": ANSWER_SECONDS,
    "socket_timeout": ANSWER_SECONDS,
    "socket_keepalive": True,
}
# A connection that Redis closed meanwhile is opened once more, and at once.
_AGAIN = (NoBackoff(), 1, (ConnectionBroken,))


class Outage:
    """Of this process, seen by all its threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._again_at, self._pause, self._trying = 0.0, 0.0, False

    def may_try(self) -> bool:
        """Always while all is well; during an outage for one caller when a try is due."""
        if not self._pause:
            return True
        with self._lock:
            due = monotonic() >= self._again_at
            if due:  # should whoever tries be called off, somebody else will be let through
                self._trying, self._again_at = True, monotonic() + LONGEST_PAUSE
            return due

    def met(self, error: BaseException) -> None:
        with self._lock:
            begins = not self._pause
            if begins or self._trying:  # others that were under way when it began tell nothing new
                self._pause = FIRST_PAUSE if begins else min(2 * self._pause, LONGEST_PAUSE)
                self._trying, self._again_at = False, monotonic() + self._pause
        if begins:
            log.warning("Redis does not answer (%s): each process goes on by itself", type(error).__name__)

    def ended(self) -> None:
        if not self._pause:
            return
        with self._lock:
            ends, self._pause, self._trying = bool(self._pause), 0.0, False
        if ends:
            log.warning("Redis answers again")


outage = Outage()


class _Line:
    """Of one event loop: connections cannot move. What is asked while an answer is awaited goes together."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.client = redis.asyncio.Redis.from_url(settings.REDIS_URL, retry=AsyncRetry(*_AGAIN), **_OPTIONS)
        self._waiting: list[tuple[tuple[Any, ...], asyncio.Future[Any]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def evaluate(self, *arguments: Any) -> Any:
        answer: asyncio.Future[Any] = self.loop.create_future()
        self._waiting.append((arguments, answer))
        if self._asking is None or self._asking.done():
            self._asking = self.loop.create_task(self._ask())
        return await answer

    async def _ask(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            answers: list[Any]
            try:
                async with self.client.pipeline(transaction=False) as pipeline:
                    for arguments, _ in asked:
                        pipeline.eval(*arguments)
                    answers = await pipeline.execute(raise_on_error=False)
            except Exception as error:  # whatever it is, each who asked is told
                answers = [error] * len(asked)
            for (_, waiting), answer in zip(asked, answers, strict=True):
                if waiting.done():
                    continue  # called off
                if isinstance(answer, Exception):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)


_line: _Line | None = None


def is_set() -> bool:
    return bool(settings.REDIS_URL)


def options() -> dict[str, Any]:
    """For clients that threads use."""
    return {**_OPTIONS, "retry": Retry(*_AGAIN)}


def client() -> redis.asyncio.Redis:
    """For what keeps a connection to itself."""
    return _of_this_loop().client


async def evaluate(script: str, names: Sequence[str], arguments: Iterable[int | str]) -> Any:
    """What the script returns, carried out as one step."""
    return await _of_this_loop().evaluate(script, len(names), *names, *arguments)


def _of_this_loop() -> _Line:
    global _line
    loop = asyncio.get_running_loop()
    if _line is None or _line.loop is not loop:
        _line = _Line(loop)
    return _line


async def answers() -> bool:
    """Asked anew, whatever is known of an outage."""
    try:
        await client().ping()
    except TROUBLE as error:
        outage.met(error)
        return False
    outage.ended()
    return True


def blind(name: str) -> str:
    """What a count is called in Redis: addresses and accounts in its name cannot be read there, nor guessed."""
    return f"{settings.REDIS_PREFIX}:{hmac.digest(settings.SECRET_KEY.encode(), name.encode(), hashlib.sha256).hex()}"
