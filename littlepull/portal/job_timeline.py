"""A job's events as a timeline: how long each stage took, and where on the way it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from extraction.models import Job, JobEvent
from littlepull.portal.job_words import STAGES, Words, duration_words

LEAST_WIDTH = 0.4  # of a hundred: what took a millisecond is seen


@dataclass(frozen=True, slots=True)
class Step:
    """`start` and `width` in hundredths of the whole. `is_open`: it goes on."""

    stage: str
    name: Words
    began: datetime
    took: str
    start: float
    width: float
    done: int
    total: int
    is_open: bool


@dataclass(slots=True)
class _Stretch:
    stage: str
    began: datetime
    done: int = 0
    total: int = 0


def read_timeline(job: Job, events: Iterable[JobEvent]) -> list[Step]:
    """`events` in their order. A stage that comes again, after a fault of ours, stands there twice."""
    stretches: list[_Stretch] = []
    ended: datetime | None = None
    for event in events:
        if event.kind != JobEvent.Kind.PROGRESS:
            ended = event.created_at
            break
        if not stretches or stretches[-1].stage != event.stage:
            stretches.append(_Stretch(event.stage, event.created_at))
        stretches[-1].done, stretches[-1].total = event.done, event.total
    last = ended or timezone.now()
    ends = [*(one.began for one in stretches[1:]), last][: len(stretches)]
    return [
        _step(one, end, whole=(stretches[0].began, last), is_open=ended is None and one is stretches[-1])
        for one, end in zip(stretches, ends, strict=True)
    ]


def _step(one: _Stretch, end: datetime, *, whole: tuple[datetime, datetime], is_open: bool) -> Step:
    first, last = whole
    seconds, all_of_it = (end - one.began).total_seconds(), (last - first).total_seconds() or 1.0
    start = min(100 * (one.began - first).total_seconds() / all_of_it, 100 - LEAST_WIDTH)
    width = max(100 * seconds / all_of_it, LEAST_WIDTH)
    return Step(
        stage=one.stage,
        name=STAGES.get(one.stage, one.stage),
        began=one.began,
        took=duration_words(max(round(1000 * seconds), 0)),
        start=round(start, 2),
        width=round(width, 2),
        done=one.done,
        total=one.total,
        is_open=is_open,
    )
