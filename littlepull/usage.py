"""What an account has used, summed: extractions and gateway requests, by day, key, model, task or kind of media.

From the records of both halves, which hold times, kinds, states and costs, and no content.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args

from django.db.models import CharField, Count, F, FloatField, Func, Q, QuerySet, Sum, Value

from accounts.models import User
from extraction.models import Job
from routing.models import Generation

Grouping = Literal["day", "key", "model", "task", "media_type"]
GROUPINGS: tuple[str, ...] = get_args(Grouping)
Half = Literal["extraction", "gateway"]
BOTH: tuple[Half, ...] = get_args(Half)
NOT_OF_THIS_KIND = ""  # a gateway request has no media, an extraction no task


@dataclass(frozen=True, slots=True)
class Sums:
    """`credits`: micro-credits charged. `milliseconds`: what all that succeeded took, in sums by period."""

    requests: int = 0
    succeeded: int = 0
    failed: int = 0
    credits: int = 0
    milliseconds: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.requests + other.requests,
            self.succeeded + other.succeeded,
            self.failed + other.failed,
            self.credits + other.credits,
            self.milliseconds + other.milliseconds,
        )


class Slot(NamedTuple):
    """Where a sum stands: `period` as `Period` writes it, and the group's name in its half."""

    period: str
    half: Half
    name: str


class Period(Func):
    """The day of a time as text (2026-11-23), or its hour (2026-11-23 14), in UTC.

    Cut by the database itself: TruncDay calls back into Python for each row on SQLite.
    """

    output_field = CharField()

    def __init__(self, column: str, *, hourly: bool = False) -> None:
        super().__init__(column, letters=13 if hourly else 10, format="YYYY-MM-DD HH24" if hourly else "YYYY-MM-DD")

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="SUBSTR(%(expressions)s, 1, %(letters)s)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "TO_CHAR(%(expressions)s AT TIME ZONE 'UTC', '%(format)s')"
        return self.as_sql(compiler, connection, template=template, **context)


class Milliseconds(Func):
    """From the second time to the first, likewise by the database itself."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "((JULIANDAY(%(expressions)s)) * 86400000.0)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - JULIANDAY(", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(EXTRACT(EPOCH FROM (%(expressions)s)) * 1000.0)::double precision"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)


# Of each half: its rows, the columns it can be grouped by, what it cost, how long it took.
HALVES: dict[Half, tuple[QuerySet[Any], dict[str, str], str, Any]] = {
    "extraction": (
        Job.objects.all(),
        {"key": "api_key", "media_type": "media_type"},
        "charged",
        Milliseconds("finished_at", "created_at"),
    ),
    "gateway": (
        Generation.objects.all(),
        {"key": "api_key", "model": "model", "task": "task"},
        "cost",
        F("latency_ms"),
    ),
}


def sum_usage(
    user: User, since: datetime, until: datetime, *, by: Grouping, halves: Collection[Half] = BOTH
) -> dict[str, Sums]:
    """By the group's name, in the order of names; `until` is not within."""
    sums: dict[str, Sums] = defaultdict(Sums)
    for half in halves:
        for slot, some in _sum_half(half, user, since, until, by=by):
            sums[slot.name] += some
    return dict(sorted(sums.items()))


def sum_by_period(
    user: User, since: datetime, until: datetime, *, by: Grouping, hourly: bool = False
) -> dict[Slot, Sums]:
    """By day or hour, half and group."""
    period = Period("created_at", hourly=hourly)
    return {slot: some for half in BOTH for slot, some in _sum_half(half, user, since, until, by=by, period=period)}


def _sum_half(
    half: Half, user: User, since: datetime, until: datetime, *, by: Grouping, period: Period | None = None
) -> Iterable[tuple[Slot, Sums]]:
    rows, columns, cost, took = HALVES[half]
    within = rows.filter(api_key__user=user, created_at__gte=since, created_at__lt=until)
    group: Any = F(columns[by]) if by in columns else Value(NOT_OF_THIS_KIND)
    if by == "day":
        group = Period("created_at")
    succeeded = Q(status="succeeded")
    summed = (
        within.annotate(period=period or Value(""), grouped=group)
        .order_by()
        .values("period", "grouped")
        .annotate(
            requests=Count("pk"),
            succeeded=Count("pk", filter=succeeded),
            failed=Count("pk", filter=Q(status__in=("failed", "cut"))),
            credits=Sum(cost),
            milliseconds=Sum(took, filter=succeeded) if period else Value(0),
        )
    )
    for row in summed.filter(requests__gt=0):  # a group of all has a row even where there is nothing
        milliseconds = round(row["milliseconds"] or 0)
        sums = Sums(row["requests"], row["succeeded"], row["failed"], row["credits"] or 0, milliseconds)
        yield Slot(row["period"], half, row["grouped"] or NOT_OF_THIS_KIND), sums
