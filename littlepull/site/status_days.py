"""How the last thirty days went, over all accounts: the share that succeeded and the median time, and nothing else.

The database counts durations rounded to two digits, so that what comes back is as small for a million rows as for a
thousand. A day with few requests is not told: its figures could be those of one customer.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, get_args

from django.db.models import Count, F, FloatField, Func, QuerySet, Value
from django.utils import timezone

from accounts.models import ApiKey
from extraction.models import Job
from littlepull.portal.durations import find
from littlepull.site.status_parts import FLOOR
from littlepull.usage import Half, Milliseconds, Period
from routing.models import Generation

DAYS = 30


@dataclass(frozen=True, slots=True)
class Day:
    """`succeeded`: percent, `median_ms`: to two digits. None: too few to tell."""

    day: date
    succeeded: float | None = None
    median_ms: int | None = None


class TwoDigits(Func):
    """2,345 as 2,300, by way of its scientific notation: a CASE over powers of ten takes three times as long."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        (number,) = self.get_source_expressions()
        printed = Func(Value("%.1e"), number, function="PRINTF", template="CAST(%(function)s(%(expressions)s) AS REAL)")
        return printed.as_sql(compiler, connection)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        (number,) = self.get_source_expressions()
        printed = Func(number, Value("9.9EEEE"), function="TO_CHAR", template="%(function)s(%(expressions)s)::float")
        return printed.as_sql(compiler, connection)


def last_days(now: datetime | None = None) -> dict[Half, list[Day]]:
    """Newest first, today included."""
    today = (now or timezone.now()).date()
    since = datetime.combine(today - timedelta(days=DAYS - 1), time(), tzinfo=timezone.get_default_timezone())
    return {half: _of_half(half, since, today) for half in get_args(Half)}


def _of_half(half: Half, since: datetime, today: date) -> list[Day]:
    decided: dict[str, int] = defaultdict(int)
    timed: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for period, status, took, times in _count(half, since):
        decided[period] += times
        if status == "succeeded":
            timed[period].append((round(took or 0), times))
    days = (today - timedelta(days=back) for back in range(DAYS))
    return [_describe(day, decided[day.isoformat()], sorted(timed[day.isoformat()])) for day in days]


def _describe(day: date, decided: int, timed: list[tuple[int, int]]) -> Day:
    if decided < FLOOR:
        return Day(day)
    succeeded = sum(times for _, times in timed)
    # Rounded down, so that 100 is said of nothing less.
    percent = int(1000 * succeeded / decided) / 10
    return Day(day, percent, find(timed, 50) if succeeded >= FLOOR else None)


def _count(half: Half, since: datetime) -> QuerySet[Any, tuple[str, str, float | None, int]]:
    rows, took = _rows(half, since)
    live = rows.filter(api_key__mode=ApiKey.Mode.LIVE, status__in=("succeeded", "failed", "cut"))
    told = live.annotate(period=Period("created_at"), took=TwoDigits(took)).order_by()
    return told.values_list("period", "status", "took").annotate(times=Count("pk"))


def _rows(half: Half, since: datetime) -> tuple[QuerySet[Any], Any]:
    if half == "gateway":
        return Generation.objects.filter(created_at__gte=since), F("latency_ms") * 1.0
    return Job.objects.filter(created_at__gte=since), Milliseconds("finished_at", "created_at")
