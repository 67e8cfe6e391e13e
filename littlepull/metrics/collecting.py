"""All figures of one moment: what the database knows, what this machine does, and what processes have counted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from time import monotonic

from asgiref.sync import sync_to_async
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
    """As prometheus_client wants it. `took`: how long the database did to answer; None: it does not."""

    def __init__(self, took: float | None) -> None:
        self.took = took

    def collect(self) -> Iterator[Metric]:
        yield from meters.collect()
        yield from machine.look_at_disks()
        yield from machine.tell_database(self.took)
        if self.took is None:
            return  # each further question would be waited for as long
        with _turn:
            for look, lasts in LOOKS:
                yield from _recent(look, lasts)


async def render() -> bytes:
    registry = CollectorRegistry()
    registry.register(Everything(await machine.time_database()))
    return await sync_to_async(generate_latest)(registry)


def forget() -> None:
    _held.clear()


def _recent(look: Look, lasts: float) -> list[Metric]:
    """Where the database does not answer, nothing: an alert on what is absent says so, an old figure would not."""
    held = _held.get(look)
    if held is None or monotonic() - held[0] >= lasts:
        try:
            held = _held[look] = monotonic(), list(look())
        except DatabaseError as error:
            log.warning("figures are left out (%s): %s", look.__name__, type(error).__name__)
            _held.pop(look, None)
            return []
    return held[1]
