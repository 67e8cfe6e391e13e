"""How the parts of the product are at this moment, by what its own database and this process know; nobody is asked.

What waits is told in steps, and not at all below a floor: a small number would tell of one customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone

from accounts.models import WebhookDelivery
from billing.models import Price
from extraction.models import Job, WorkerBeat
from routing.catalogue import Offer
from routing.vitals import UNMEASURED, Vital

FLOOR = 20
LATE, TOO_LATE = timedelta(minutes=1), timedelta(minutes=10)


class State(StrEnum):
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    IDLE = "idle"  # there is nothing to judge it by


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    state: State
    facts: dict[str, Any] = field(default_factory=dict)


def look() -> list[Part]:
    """All that the database knows. Raises DatabaseError where it does not answer."""
    return [_database(), _workers(), _queue(), _webhooks()]


def unanswered() -> list[Part]:
    """Without the database."""
    return [Part("database", State.BAD), *(Part(name, State.IDLE) for name in ("workers", "queue", "webhooks"))]


def worst(parts: Iterable[Part]) -> State:
    known = {part.state for part in parts}
    return next((state for state in (State.BAD, State.WARN, State.GOOD) if state in known), State.IDLE)


def _database() -> Part:
    began = perf_counter()
    seeded = Price.objects.exists()
    took = perf_counter() - began
    state = State.WARN if took > LATE.total_seconds() / 60 else State.GOOD
    return Part("database", state if seeded else State.BAD, {"answers_in_ms": max(round(1000 * took), 1)})


def _workers() -> Part:
    ready = list(WorkerBeat.objects.alive().values_list("ready", flat=True))
    state = State.GOOD if any(ready) else State.WARN if ready else State.BAD
    engines = list(settings.ENGINE_PRELOAD) if any(ready) else []
    return Part("workers", state, {"alive": len(ready), "ready": sum(ready), "engines": engines})


def _queue() -> Part:
    now = timezone.now()
    due = Job.objects.filter(status=Job.Status.QUEUED, run_after__lte=now)
    counted = due.aggregate(waiting=Count("pk"), oldest=Min("run_after"))
    return _waiting("queue", counted["waiting"], counted["oldest"], now)


def _webhooks() -> Part:
    counted = WebhookDelivery.objects.due().aggregate(waiting=Count("pk"), oldest=Min("next_attempt_at"))
    return _waiting("webhooks", counted["waiting"], counted["oldest"], timezone.now())


def _waiting(name: str, waiting: int, oldest: datetime | None, now: datetime) -> Part:
    age = now - oldest if oldest else timedelta()
    state = State.BAD if age > TOO_LATE else State.WARN if age > LATE else State.GOOD
    # Below a minute and below the floor: whose work it is could be guessed, and nobody needs to know.
    minutes = int(age / LATE)
    return Part(name, state, {"waiting_at_least": round_down(waiting), "oldest_minutes": minutes})


def round_down(count: int) -> int:
    """Nothing below the floor; then one digit and noughts."""
    if count < FLOOR:
        return 0
    step = 10 ** (len(str(count)) - 1)
    return count // step * step


def judge_providers(offers: Iterable[Offer], vitals: Mapping[str, Vital]) -> list[Part]:
    """Each by its models that somebody has asked since this process began."""
    by_name = groupby(sorted(offers, key=lambda offer: offer.provider), key=lambda offer: offer.provider)
    return [_judge(provider, [vitals.get(offer.id, UNMEASURED) for offer in some]) for provider, some in by_name]


def _judge(provider: str, its: list[Vital]) -> Part:
    asked = [vital for vital in its if vital.measured or vital.bad or vital.open]
    paused = [vital for vital in asked if vital.open]
    limited = any(vital.room is not None and vital.room.requests == 0 for vital in asked)
    state = State.GOOD if asked else State.IDLE
    if paused or limited:
        state = State.BAD if len(paused) == len(asked) else State.WARN
    return Part(provider, state, {"models": len(its), "paused": len(paused), "at_rate_limit": limited})
