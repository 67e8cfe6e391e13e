"""Tickets: messages of a broker (QUEUE_URL), each of which sends one worker to the job table once.

A ticket names its queue and nothing else. Who takes it claims the job of that queue whose turn it is, which keeps
fairness exact, and makes a ticket that comes twice, or after its job has gone, a look at a table. One that is lost is
replaced by the sweep, so nothing but speed depends on the broker.
"""

from __future__ import annotations

import importlib
import logging
import time
from typing import Any

from django.db.models import Count

from extraction.models import Job

log = logging.getLogger(__name__)
TASK = "extraction.take_ticket"
LEAVE_ALONE_SECONDS = 5.0  # a broker that did not answer: nobody else waits for it
MOST_AT_ONCE = 1000

_away_until = 0.0


def publish(queue: str, count: int = 1) -> int:
    """How many were sent. Never fails."""
    global _away_until
    if time.monotonic() < _away_until:
        return 0
    try:
        for _ in range(count):
            _app().send_task(TASK, queue=queue, ignore_result=True)
    except _trouble() as error:
        _away_until = time.monotonic() + LEAVE_ALONE_SECONDS
        log.warning("the broker did not answer: %s", type(error).__name__)
        return 0
    return count


def publish_missing() -> int:
    """For the sweep: as many tickets in each queue as jobs wait in it; how many had to be sent."""
    waiting = Job.objects.waiting().values_list("queue").annotate(count=Count("pk"))
    return sum(_publish_missing(queue, count) for queue, count in waiting)


def _publish_missing(queue: str, waiting: int) -> int:
    try:
        missing = min(waiting - _count(queue), MOST_AT_ONCE)
    except _trouble() as error:
        log.warning("the broker did not answer: %s", type(error).__name__)
        return 0
    return publish(queue, missing) if missing > 0 else 0


def _count(queue: str) -> int:
    """Tickets that nobody has taken yet."""
    with _app().connection_for_write() as connection, connection.channel() as channel:
        try:
            return channel.queue_declare(queue, passive=True).message_count
        except connection.channel_errors:  # there is none of this name yet
            return 0


def _app() -> Any:
    """Celery, imported only where there is a broker."""
    return importlib.import_module("extraction.broker").app


def _trouble() -> tuple[type[Exception], ...]:
    return importlib.import_module("extraction.broker").TROUBLE
