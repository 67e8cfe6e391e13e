"""What the gateway counts. Labels are rows of the catalogue and words of our lists, nothing a caller wrote."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from time import time
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from accounts.meters import METERS
from routing.contracts import Usage

if TYPE_CHECKING:  # those count here
    from routing.records import Tried

OVERHEAD = Histogram(
    "littlepull_gateway_overhead_seconds", "Of a chat completion, what was spent here and not upstream.", ["streamed"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.1, 0.5), registry=METERS,
)  # fmt: skip
ATTEMPTS = Histogram(
    "littlepull_provider_attempt_seconds", "Tries at a provider: to the whole answer, or to a stream's first event.",
    ["provider", "outcome", "status"], buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60), registry=METERS,
)  # fmt: skip
FIRST_TOKEN = Histogram(
    "littlepull_provider_first_token_seconds", "Streams: from the asking to the first event.", ["provider"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30), registry=METERS,
)  # fmt: skip
TOKENS = Counter("littlepull_gateway_tokens", "Tokens of chat completions.", ["provider", "kind"], registry=METERS)
CIRCUIT_OPENINGS = Counter(
    "littlepull_circuit_openings", "Times a model was left alone.", ["provider"], registry=METERS
)
CIRCUIT_OPEN_UNTIL = Gauge(
    "littlepull_circuit_open_until_timestamp_seconds", "When the last of its models is asked again.", ["provider"],
    registry=METERS,
)  # fmt: skip

# Found once: to look a label up takes as long as to count it.
_overhead = cache(OVERHEAD.labels)
_attempt = cache(ATTEMPTS.labels)
_first_token = cache(FIRST_TOKEN.labels)
_tokens = cache(TOKENS.labels)


def note_run(*, streamed: bool, overhead: float, tries: Iterable[Tried], usage: Usage, answered_by: str | None) -> None:
    _overhead("yes" if streamed else "no").observe(max(overhead, 0.0))
    for one in tries:
        provider = _provider(one.model)
        note_attempt(provider, one.outcome, one.status, one.latency)
        if one.first_token is not None:
            _first_token(provider).observe(one.first_token)
    if answered_by:
        provider = _provider(answered_by)
        _tokens(provider, "input").inc(usage.input_tokens)
        _tokens(provider, "output").inc(usage.output_tokens)


def note_attempt(provider: str, outcome: str, status: int | None, seconds: float) -> None:
    _attempt(provider, outcome, str(status or "none")).observe(seconds)


def note_opening(model: str, *, pause: float) -> None:
    provider = _provider(model)
    CIRCUIT_OPENINGS.labels(provider).inc()
    CIRCUIT_OPEN_UNTIL.labels(provider).set(time() + pause)


def _provider(model: str) -> str:
    return model.partition("/")[0]
