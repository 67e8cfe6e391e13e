"""What a provider's headers say about its rate limit: how long to wait, and how much room is left.

Vendors agree on little: waits come as seconds, milliseconds, "1m2.5s", a date, or seconds since 1970.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import time

from routing.contracts import Room

IN_MILLISECONDS = ("retry-after-ms", "x-ms-retry-after-ms")
REMAINING_REQUESTS = (
    "x-ratelimit-remaining-requests",
    "x-ratelimit-remaining",
    "anthropic-ratelimit-requests-remaining",
)
REMAINING_TOKENS = (
    "x-ratelimit-remaining-tokens",
    "x-tokenlimit-remaining",
    "x-ratelimit-remaining-tokens-prompt",
    "x-ratelimit-remaining-tokens-generated",
    "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-input-tokens-remaining",
    "anthropic-ratelimit-output-tokens-remaining",
)
# Each reset stands beside the remainder it belongs to.
RESETS = {
    "x-ratelimit-reset-requests": "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-tokens": "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset": "x-ratelimit-remaining",
    "x-tokenlimit-reset": "x-tokenlimit-remaining",
    "anthropic-ratelimit-requests-reset": "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-tokens-reset": "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-input-tokens-reset": "anthropic-ratelimit-input-tokens-remaining",
    "anthropic-ratelimit-output-tokens-reset": "anthropic-ratelimit-output-tokens-remaining",
}
# A span of seconds longer than this is not one: it counts from 1970.
EPOCH_FROM = 1_000_000_000.0
SPAN = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|us|µs|ns|d|h|m|s))+", re.ASCII)
COUNT = re.compile(r"\d{1,18}", re.ASCII)
PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|d|h|m|s)", re.ASCII)
UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
NO_ROOM = Room()


def read_retry_after(headers: Mapping[str, str], *, exhausted: bool = False) -> float | None:
    """Seconds from now. `exhausted`: the limit was hit, so the moment of its reset is an answer too."""
    for name in IN_MILLISECONDS:
        if (value := headers.get(name)) and (wait := read_wait(value)) is not None:
            return wait / 1000
    if (value := headers.get("retry-after")) and (wait := read_wait(value)) is not None:
        return wait
    return _wait_for_reset(headers) if exhausted else None


def read_room(headers: Mapping[str, str]) -> Room:
    requests = _least(headers, REMAINING_REQUESTS)
    tokens = _least(headers, REMAINING_TOKENS)
    if requests is None and tokens is None:
        return NO_ROOM
    resets = [wait for name in RESETS if (value := headers.get(name)) and (wait := read_wait(value)) is not None]
    return Room(requests, tokens, max(resets, default=None))


def read_wait(value: str) -> float | None:
    """A moment or a span, in seconds from now and never below 0. None: neither, or no number of seconds."""
    value = value.strip()
    try:
        seconds = float(value)
    except ValueError:
        seconds = _read_span(value) if SPAN.fullmatch(value) else _seconds_until(value)
    if seconds >= EPOCH_FROM:
        seconds -= time()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _read_span(value: str) -> float:
    return sum(float(number) * UNITS[unit] for number, unit in PART.findall(value))


def _seconds_until(date: str) -> float:
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        try:
            moment = parsedate_to_datetime(date)
        except ValueError:
            return math.nan
    if moment.tzinfo is None:  # "-0000": a date in UTC that says so in the old way
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()


def _wait_for_reset(headers: Mapping[str, str]) -> float | None:
    """Of the limits that are used up, the last to be reset; where none says that it is, the last of all."""
    waits = {name: wait for name in RESETS if (value := headers.get(name)) and (wait := read_wait(value)) is not None}
    used_up = [wait for name, wait in waits.items() if headers.get(RESETS[name]) == "0"]
    return max(used_up or waits.values(), default=None)


def _least(headers: Mapping[str, str], names: Iterable[str]) -> int | None:
    counts = [int(value) for name in names if (value := headers.get(name)) and COUNT.fullmatch(value)]
    return min(counts, default=None)
