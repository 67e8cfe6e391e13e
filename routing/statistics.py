"""How models do, for everybody to see: per task and model, over thirty days, and only where it names nobody.

A cell is published from so many keys and requests on, each figure of it only if as many keys stand behind that
figure, and rounded to two digits, so that no difference between two days tells of one caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db.models import Avg, Count, F, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import ApiKey
from routing.models import Generation
from routing.words import Task

PERIOD = timedelta(days=30)
KEPT_SECONDS = 600  # counting takes a while; nobody needs it newer
CACHE_KEY = "routing.statistics"
Rows = QuerySet[Generation]


@dataclass(frozen=True, slots=True)
class Thresholds:
    keys: int
    requests: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One task at one model. None: too few keys stand behind this figure."""

    task: str
    model: str
    requests: int
    success_share: float
    input_tokens: int
    output_tokens: int
    first_token_ms_p50: int | None
    first_token_ms_p95: int | None
    tokens_per_second_p50: int | None
    feedback_mean: float | None

    @property
    def success_percent(self) -> int:
        return round(100 * self.success_share)


@dataclass(frozen=True, slots=True)
class Statistics:
    """`withheld`: how many cells have too few keys or requests to be published."""

    since: datetime
    until: datetime
    thresholds: Thresholds
    cells: tuple[Cell, ...]
    withheld: int


def thresholds() -> Thresholds:
    return Thresholds(
        keys=getattr(settings, "STATISTICS_MIN_KEYS", 20), requests=getattr(settings, "STATISTICS_MIN_REQUESTS", 500)
    )


def model_statistics() -> Statistics:
    """At most ten minutes old; counted by each process for itself."""
    cache = caches["process"]
    known = cache.get(CACHE_KEY)
    if known is None:
        known = count()
        cache.set(CACHE_KEY, known, KEPT_SECONDS)
    return known


def count() -> Statistics:
    until = timezone.now()
    enough = thresholds()
    rows = Generation.objects.filter(
        created_at__gte=until - PERIOD, created_at__lt=until, model__isnull=False, api_key__mode=ApiKey.Mode.LIVE
    )
    sums = (
        rows.values("task", "model")
        .annotate(
            requests=Count("pk"),
            keys=Count("api_key", distinct=True),
            canceled=Count("pk", filter=Q(status=Generation.Status.CANCELED)),
            succeeded=Count("pk", filter=Q(status=Generation.Status.SUCCEEDED)),
            input_tokens=Sum("input_tokens"),
            output_tokens=Sum("output_tokens"),
        )
        .order_by("task", "model")
    )
    cells, withheld = [], 0
    for found in sums:
        if found["keys"] >= enough.keys and found["requests"] >= enough.requests:
            cells.append(_cell(found, rows.filter(task=found["task"], model=found["model"]), enough.keys))
        else:
            withheld += 1
    return Statistics(until - PERIOD, until, enough, tuple(cells), withheld)


def _cell(found: Mapping[str, Any], rows: Rows, keys: int) -> Cell:
    first = _of_enough(rows.filter(first_token_ms__isnull=False), keys)
    per_second = 1000.0 * Cast("output_tokens", FloatField()) / (F("latency_ms") - F("first_token_ms"))
    timed = rows.filter(latency_ms__gt=F("first_token_ms"), output_tokens__gt=0)
    speed = _of_enough(timed.annotate(per_second=per_second), keys)
    scored = _of_enough(rows.filter(score__isnull=False), keys)
    decided = found["requests"] - found["canceled"]  # who went away has judged nobody
    return Cell(
        task=found["task"],
        model=found["model"],
        requests=_two_digits(found["requests"]),
        success_share=round(found["succeeded"] / decided, 2) if decided else 0.0,
        input_tokens=_two_digits(found["input_tokens"]),
        output_tokens=_two_digits(found["output_tokens"]),
        first_token_ms_p50=_percentile(first, "first_token_ms", 50),
        first_token_ms_p95=_percentile(first, "first_token_ms", 95),
        tokens_per_second_p50=_percentile(speed, "per_second", 50),
        feedback_mean=None if scored is None else round(scored.aggregate(mean=Avg("score"))["mean"] / 1000, 2),
    )


def _of_enough(rows: Rows, keys: int) -> Rows | None:
    return rows if rows.aggregate(keys=Count("api_key", distinct=True))["keys"] >= keys else None


def _percentile(rows: Rows | None, figure: str, percent: int) -> int | None:
    """The nearest rank: the database sorts, and hands out the one value."""
    if rows is None:
        return None
    at = (rows.count() - 1) * percent // 100
    return _two_digits(rows.order_by(figure).values_list(figure, flat=True)[at])


def _two_digits(number: float) -> int:
    return int(float(f"{number:.1e}"))


def render(statistics: Statistics) -> dict[str, Any]:
    """As the API shows them."""
    return {
        "object": "list",
        "period": {"from": _time(statistics.since), "to": _time(statistics.until)},
        "thresholds": asdict(statistics.thresholds),
        "withheld": statistics.withheld,
        "data": [asdict(cell) for cell in statistics.cells],
    }


def by_task(cells: Iterable[Cell]) -> dict[Task, list[Cell]]:
    tables: dict[Task, list[Cell]] = {}
    for cell in cells:
        tables.setdefault(Task(cell.task), []).append(cell)
    return tables


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
