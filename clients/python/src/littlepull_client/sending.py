"""One request, tried until it is answered: the only place that decides what is tried again, and when.

A repetition carries the same Idempotency-Key, so nothing is done or charged twice.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from littlepull_client.errors import APIError, ConnectionFailed, LittlePullError, RateLimited, ServerFailed, TimedOut
from littlepull_client.flow import Answer, Exchange, Flow, HowPatient, NoAnswer, Pause, Request
from littlepull_client.refusals import error_of

LONGEST_KEY = 255
_chance = random.SystemRandom()


@dataclass(frozen=True)
class Patience:
    """How often, and how long between: a random part of 0.5, 1, 2, 4, then 8 seconds, on top of what is asked for."""

    retries: int = 4
    first_delay: float = 0.5
    longest_delay: float = 8.0
    longest_retry_after: float = 60.0  # who is told to wait longer is told so instead
    still_running: float = 60.0  # how long to wait for the first request under the same Idempotency-Key

    def delay(self, failures: int, retry_after: float | None) -> float:
        backoff = min(self.longest_delay, self.first_delay * 2.0 ** min(failures - 1, 30))
        return _chance.uniform(0, backoff) + (retry_after or 0)


USUAL = Patience()


def with_key(request: Request, idempotency_key: str | None = None) -> Request:
    """What costs or creates something is done once, however often it has to be sent."""
    key = idempotency_key if idempotency_key is not None else str(uuid4())
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise ValueError(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters.")
    return replace(request, headers={**request.headers, "Idempotency-Key": key})


def send(request: Request, *, stream: bool = False) -> Flow[Answer]:
    """The answer that is no refusal. Raises APIError, ConnectionFailed or TimedOut."""
    patience: Patience = yield HowPatient()
    failures, began = 0, time.monotonic()
    while True:
        retry_after: float | None = None
        error: LittlePullError
        try:
            answer: Answer = yield Exchange(request, stream=stream)
        except NoAnswer as failed:
            error = TimedOut(str(failed)) if failed.silent else ConnectionFailed(str(failed))
            again = True
        else:
            if 200 <= answer.status < 300:
                return answer
            refused = error_of(answer)
            error, retry_after, again = refused, refused.retry_after, _may_pass(refused)
            if refused.code == "idempotency_in_progress" and time.monotonic() - began < patience.still_running:
                yield Pause(patience.delay(1, retry_after))
                continue
        failures += 1
        if not again or failures > patience.retries or (retry_after or 0) > patience.longest_retry_after:
            raise error
        yield Pause(patience.delay(failures, retry_after))


def ask(request: Request) -> Flow[Any]:
    """As `send`, and what it says: JSON, or None for an empty answer."""
    answer = yield from send(request)
    return parse(answer)


def parse(answer: Answer) -> Any:
    if not answer.body:
        return None
    try:
        return json.loads(answer.body)
    except ValueError:
        raise APIError(answer.status, "not_json", "The server's answer is not JSON: is the base URL right?") from None


def _may_pass(refused: APIError) -> bool:
    return isinstance(refused, RateLimited | ServerFailed)
