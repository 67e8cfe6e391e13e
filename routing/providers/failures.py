"""A provider's HTTP status in our words: one table for all, as they all follow the same conventions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from routing.errors import RateLimited, UpstreamError, UpstreamRefused, UpstreamTimeout, UpstreamUnavailable

BY_STATUS: dict[int, type[UpstreamError]] = {
    408: UpstreamTimeout,
    409: UpstreamUnavailable,
    429: RateLimited,
    504: UpstreamTimeout,
}


def from_status(provider: str, status: int, headers: Mapping[str, str]) -> UpstreamError:
    kind = BY_STATUS.get(status) or (UpstreamRefused if 400 <= status < 500 else UpstreamUnavailable)
    return kind(provider, status=status, retry_after=read_retry_after(headers.get("retry-after", "")))


def read_retry_after(value: str) -> float | None:
    """Seconds from now. The header holds seconds or a date, and vendors send fractions too."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _seconds_until(date: str) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    if moment.tzinfo is None:  # "-0000": a date in UTC that says so in the old way
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()
