"""All figures of one moment: what the database knows, what this machine does, and what processes have counted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from time import monotonic

from django.db import DatabaseError
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric

from accounts import meters
from littlepull.metrics import duties, machine, money, work

log = logging.getLogger(__name__)
Look = Callable[[], Iterator[Metric]]
# What is asked for again and again costs the database so much in so many seconds, however many ask.
FRESH, CALM = 1.0, 15.0
LOOKS: Sequence[tuple[Look, float]] = (
    (machine.look_at_disks, FRESH),
    (machine.look_at_journals, FRESH),
    (work.look_at_jobs, FRESH),
    (work.look_at_workers, FRESH),
    (work.look_at_webhooks, FRESH),
    (work.look_lately, CALM),
    (money.look_at_ledger, FRESH),
    (money.look_at_payments, CALM),
    (duties.look_at_promises, FRESH),
    (duties.look_at_requests, CALM),
)

_turn = Lock()
_held: dict[Look, tuple[float, list[Metric]]] = {}


class Everything:
    """As prometheus_client wants it."""

    def collect(self) -> Iterator[Metric]:
        yield from meters.collect()
        up, seconds = machine.ask_database()
        yield from machine.tell_database(up, seconds)
        with _turn:
            for look, lasts in LOOKS:
                yield from _recent(look, lasts)


def render() -> bytes:
    registry = CollectorRegistry()
    registry.register(Everything())
    return generate_latest(registry)


def forget() -> None:
    _held.clear()


def _recent(look: Look, lasts: float) -> list[Metric]:
    """Where the database does not answer, nothing: an alert on what is absent says so, an old figure would not."""
    held = _held.get(look)
    if held is None or monotonic() - held[0] >= lasts:
        try:
            held = _held[look] = monotonic(), list(look())
        except DatabaseError:
            _held.pop(look, None)
            return []
    return held[1]
