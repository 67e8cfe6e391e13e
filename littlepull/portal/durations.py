"""How long successful work took: the median and the 95th percentile of a range of days.

The database counts how often each duration occurs, to a hundredth of a second: what comes back is as small for a
million rows as for a thousand, and, as rounding keeps the order, the percentile is the one that sorting would find.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Round

from accounts.models import User
from extraction.models import Job
from littlepull.portal.day_range import Days
from littlepull.usage import Half, Milliseconds
from routing.models import Generation

STEP = 10.0  # milliseconds


@dataclass(frozen=True, slots=True)
class Durations:
    """Milliseconds."""

    half: Half
    median: int
    p95: int


def measure(user: User, days: Days) -> list[Durations]:
    """Of each half in which something succeeded."""
    within = {"api_key__user": user, "created_at__gte": days.since, "created_at__lt": days.until}
    jobs = Job.objects.filter(**within, status=Job.Status.SUCCEEDED)
    generations = Generation.objects.filter(**within, status=Generation.Status.SUCCEEDED)
    timed: dict[Half, QuerySet[Any]] = {
        "extraction": jobs.annotate(took=Milliseconds("finished_at", "created_at")),
        "gateway": generations.annotate(took=F("latency_ms") * 1.0),
    }
    counted = {half: sorted(_count(rows)) for half, rows in timed.items()}
    return [Durations(half, find(found, 50), find(found, 95)) for half, found in counted.items() if found]


def _count(rows: QuerySet[Any]) -> Iterable[tuple[int, int]]:
    """Durations, and how often each occurs."""
    counted = rows.annotate(steps=Round(F("took") / STEP)).order_by().values("steps").annotate(times=Count("pk"))
    return ((round(row["steps"] * STEP), row["times"]) for row in counted if row["steps"] is not None)


def find(counted: list[tuple[int, int]], percent: int) -> int:
    """By the nearest rank; of an even number the lower of the two in the middle."""
    rank = (sum(times for _, times in counted) - 1) * percent // 100 + 1
    for took, times in counted:
        rank -= times
        if rank <= 0:
            return took
    raise ValueError("Nothing was counted.")
