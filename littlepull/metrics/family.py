"""A family of gauges in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily


def gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"littlepull_{name}", says, value=value)


def gauges(name: str, says: str, labels: Iterable[str], values: Mapping[Any, float]) -> GaugeMetricFamily:
    """`values` by the words of the labels. Without one it still says its name."""
    family = GaugeMetricFamily(f"littlepull_{name}", says, labels=list(labels))
    for words, value in values.items():
        family.add_metric(words, value)
    return family


def seconds_since(moment: datetime | None, now: datetime) -> float:
    return max((now - moment).total_seconds(), 0.0) if moment else 0.0


def stamp(moment: datetime | None) -> float:
    """0: never."""
    return moment.timestamp() if moment else 0.0
