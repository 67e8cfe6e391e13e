"""What an account has used, summed: extractions and gateway requests, by day, key, model, task or kind of media.

From the records of both halves, which hold times, kinds, states and costs, and no content.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import TruncDay

from accounts.models import User
from extraction.models import Job
from routing.models import Generation

Grouping = Literal["day", "key", "model", "task", "media_type"]
GROUPINGS: tuple[str, ...] = get_args(Grouping)
NOT_OF_THIS_KIND = ""  # a gateway request has no media, an extraction no task
JOB_COLUMNS = {"key": "api_key", "media_type": "media_type"}
GENERATION_COLUMNS = {"key": "api_key", "model": "model", "task": "task"}


@dataclass(frozen=True, slots=True)
class Sums:
    """`credits`: micro-credits charged."""

    requests: int = 0
    succeeded: int = 0
    failed: int = 0
    credits: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.requests + other.requests,
            self.succeeded + other.succeeded,
            self.failed + other.failed,
            self.credits + other.credits,
        )


def sum_usage(user: User, since: datetime, until: datetime, *, by: Grouping) -> dict[str, Sums]:
    """By the group's name, in the order of names; `until` is not within."""
    jobs = Job.objects.filter(api_key__user=user, created_at__gte=since, created_at__lt=until)
    generations = Generation.objects.filter(api_key__user=user, created_at__gte=since, created_at__lt=until)
    sums: dict[str, Sums] = defaultdict(Sums)
    for rows, columns, cost in ((jobs, JOB_COLUMNS, "charged"), (generations, GENERATION_COLUMNS, "cost")):
        for name, some in _grouped(rows, columns.get(by), cost, by_day=by == "day"):
            sums[name] += some
    return dict(sorted(sums.items()))


def _grouped(rows: QuerySet[Any], column: str | None, cost: str, *, by_day: bool) -> Iterable[tuple[str, Sums]]:
    group: Any = TruncDay("created_at", tzinfo=UTC) if by_day else Value(NOT_OF_THIS_KIND)
    if column is not None:
        group = F(column)
    summed = (
        rows.annotate(grouped=group)
        .order_by()
        .values("grouped")
        .annotate(
            requests=Count("pk"),
            succeeded=Count("pk", filter=Q(status="succeeded")),
            failed=Count("pk", filter=Q(status__in=("failed", "cut"))),
            credits=Sum(cost),
        )
    )
    for row in summed.filter(requests__gt=0):  # a group of all has a row even where there is nothing
        name = row["grouped"]
        shown = f"{name:%Y-%m-%d}" if isinstance(name, datetime) else str(name or NOT_OF_THIS_KIND)
        yield shown, Sums(row["requests"], row["succeeded"], row["failed"], row["credits"] or 0)
