"""One request, answered by the first candidate that can: the verb behind mapping and the gateway.

Candidates are tried in order inside one budget of time. Cancelling the caller cancels
the call upstream: each try owns its connection and closes it on the way out.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic

from accounts import tracing
from routing import meters
from routing.configured import get_candidates, get_endpoint, mapping_candidates
from routing.contracts import Attempt, Candidate, Completion, CompletionRequest
from routing.errors import UpstreamError, UpstreamTimeout
from routing.providers import load_adapter
from routing.structured import read_object

SHORTEST_TRY = 0.05  # seconds: with less left, a try could only time out


def available_models() -> list[str]:
    """What "auto" chooses from, as "provider/model", in the order in which it tries them."""
    return [candidate.name for candidate in mapping_candidates()]


async def complete(request: CompletionRequest, *, model: str = "auto", budget_seconds: float = 30) -> Completion:
    """`model`: "auto" or "provider/model". Raises the most hopeful of the failures when every try failed.

    Every kind of failure moves on to the next candidate. Even a 400 does: vendors answer
    it for a retired model, an empty account or a context of theirs that is too small.
    """
    candidates = get_candidates(model)
    deadline = monotonic() + budget_seconds
    attempts: list[Attempt] = []
    failures: list[UpstreamError] = []
    for position, candidate in enumerate(candidates):
        left = deadline - monotonic()
        if left < SHORTEST_TRY and failures:
            break
        # Half of what is left, all of it for the last: a provider that hangs cannot use up the others' time.
        seconds = left if position == len(candidates) - 1 else left / 2
        started = monotonic()
        try:
            completion = await _attempt(candidate, request, seconds)
        except UpstreamError as error:
            failures.append(error)
            attempts.append(_attempted(candidate, error.code, started, error.status))
        else:
            attempts.append(_attempted(candidate, "ok", started, 200))
            return replace(completion, latency=attempts[-1].latency, attempts=tuple(attempts))
    failure = next((failure for failure in failures if failure.retryable), failures[-1])
    failure.attempts = tuple(attempts)
    raise failure


async def _attempt(candidate: Candidate, request: CompletionRequest, seconds: float) -> Completion:
    endpoint = get_endpoint(candidate.provider)
    adapter = await load_adapter(candidate.provider)
    try:
        with tracing.span("attempt", provider=candidate.provider):
            async with asyncio.timeout(seconds):
                completion = await adapter.complete(endpoint, replace(request, model=candidate.model))
    except TimeoutError:
        raise UpstreamTimeout(candidate.provider) from None
    if request.response_schema is not None:
        read_object(completion)  # an answer that cannot be read is a failed try, and the next is made
    return completion


def _attempted(candidate: Candidate, outcome: str, started: float, status: int | None) -> Attempt:
    attempt = Attempt(candidate.provider, candidate.model, outcome, latency=monotonic() - started)
    meters.note_attempt(attempt.provider, outcome, status, attempt.latency)
    return attempt
