"""What a worker counts that the database does not know: its engines, and what its sweeps found."""

from __future__ import annotations

from collections.abc import Mapping
from time import time

from prometheus_client import Counter, Gauge

from accounts.meters import METERS

STARTS = Counter("littlepull_engine_starts", "Media processes that were started.", ["role"], registry=METERS)
FAILURES = Counter(
    "littlepull_engine_failures", "Calls a media process did not answer.", ["role", "code"], registry=METERS
)
RESIDENT = Gauge("littlepull_engine_resident_bytes", "Memory of media processes.", ["role"], registry=METERS)
SWEPT = Counter("littlepull_swept", "Stalled jobs, expired results and files of nobody.", ["what"], registry=METERS)
SWEPT_AT = Gauge("littlepull_swept_timestamp_seconds", "The last sweep that ended.", [], registry=METERS)


def note_sweep(found: Mapping[str, int]) -> None:
    for what, count in found.items():
        SWEPT.labels(what).inc(count)
    SWEPT_AT.set(time())
