"""The figures at the top of the dashboard, and its tables, from sums that are made in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import ApiKey, User
from billing.models import Wallet
from billing.pricing import MICRO
from littlepull.portal.charts import Line, draw_line
from littlepull.portal.day_range import Days
from littlepull.portal.durations import Durations, measure
from littlepull.portal.group_words import Named, name_group
from littlepull.portal.job_words import duration_words
from littlepull.usage import Grouping, Half, Slot, Sums, sum_usage

RATE_DAYS = 7
YEAR = 365
MOST_ROWS = 20
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Credits:
    """Micro-credits. `daily`: what a day took in the mean of the last seven."""

    left: int
    daily: int

    @property
    def lasting(self) -> str:
        if not self.daily:
            return _("no spending in the last 7 days")
        days = self.left // self.daily
        if days >= YEAR:
            return _("more than a year at the rate of the last 7 days")
        if days < 1:
            return _("less than a day at the rate of the last 7 days")
        words = ngettext("about %(count)d day", "about %(count)d days", days) % {"count": days}
        return _("%(days)s at the rate of the last 7 days") % {"days": words}

    @property
    def is_low(self) -> bool:
        return bool(self.daily) and self.left < RATE_DAYS * self.daily


@dataclass(frozen=True, slots=True)
class Timing:
    """Of one half, in words."""

    name: str
    median: str
    p95: str


@dataclass(frozen=True, slots=True)
class Figures:
    """`lines`: how each figure went, by day or hour."""

    credits: Credits
    total: Sums
    rate: str
    timings: list[Timing]
    lines: dict[str, Line | None]

    @property
    def requests(self) -> str:
        return f"{self.total.requests:,}"


@dataclass(frozen=True, slots=True)
class GroupRow:
    name: str
    sums: Sums
    rate: str

    @property
    def requests(self) -> str:
        return f"{self.sums.requests:,}"


def find_figures(user: User, days: Days, periods: list[str], sums: Mapping[Slot, Sums]) -> Figures:
    by_period, timed = _add_up(sums, lambda slot: slot.period), measure(user, days)
    halves = _add_up(sums, lambda slot: slot.half)
    total = sum(halves.values(), Sums())
    timed.sort(key=lambda one: -halves[one.half].succeeded)
    rows = [by_period.get(period, Sums()) for period in periods]
    lines = {
        "credits": draw_line([one.credits / MICRO for one in rows]) if total.credits else None,
        "requests": draw_line([one.requests for one in rows]) if total.requests else None,
        "rate": draw_line([_rate(one) for one in rows], bottom=0.5),
        "time": draw_line(_means(sums, periods, timed[0].half)) if timed else None,
    }
    return Figures(find_credits(user), total, rate_words(total), [_timing(one) for one in timed], lines)


def _means(sums: Mapping[Slot, Sums], periods: list[str], half: Half) -> list[float | None]:
    """Milliseconds: medians of every day would take a sorting of every day."""
    of_half = _add_up({slot: one for slot, one in sums.items() if slot.half == half}, lambda slot: slot.period)
    known = {period: one.milliseconds / one.succeeded for period, one in of_half.items() if one.succeeded}
    return [known.get(period) for period in periods]


def find_credits(user: User) -> Credits:
    """Of live keys: test keys spend nothing."""
    wallets = Wallet.objects.filter(api_key__user=user, api_key__mode=ApiKey.Mode.LIVE)
    left = wallets.aggregate(left=Sum("available", default=0))["left"]
    now = timezone.now()
    spent = sum_usage(user, now - timedelta(days=RATE_DAYS), now, by="media_type").values()
    return Credits(left, sum(one.credits for one in spent) // RATE_DAYS)


def key_rows(user: User, days: Days, keys: Mapping[str, str]) -> list[GroupRow]:
    """Whichever half it was used for: a key's sums are one."""
    sums = sum_usage(user, days.since, days.until, by="key")
    return _ranked({("gateway", name): one for name, one in sums.items()}, "key", keys)


def task_rows(user: User, days: Days, sums: Mapping[Slot, Sums]) -> list[GroupRow]:
    """An extraction has no task: all of them are one row, of the sums that are there already."""
    extractions = _add_up(sums, lambda slot: slot.half).get("extraction")
    tasks = sum_usage(user, days.since, days.until, by="task", halves=["gateway"])
    rows: dict[Named, Sums] = {("gateway", name): one for name, one in tasks.items()}
    return _ranked(rows | ({("extraction", ""): extractions} if extractions else {}), "task", {})


def _ranked(sums: Mapping[Named, Sums], by: Grouping, keys: Mapping[str, str]) -> list[GroupRow]:
    """The dearest first, then the busiest; as many as anybody would read."""
    ranked = sorted(sums.items(), key=lambda one: (-one[1].credits, -one[1].requests, one[0]))
    return [GroupRow(name_group(group, by, keys), one, rate_words(one)) for group, one in ranked[:MOST_ROWS]]


def rate_words(sums: Sums) -> str:
    """Of what came to an end of its own: neither under way nor canceled."""
    rate = _rate(sums)
    if rate is None:
        return "–"
    percent = min(round(100 * rate, 1), 99.9) if sums.failed else 100
    return f"{percent:.4g} %"


def _rate(sums: Sums) -> float | None:
    ended = sums.succeeded + sums.failed
    return sums.succeeded / ended if ended else None


def _timing(one: Durations) -> Timing:
    name = _("extractions") if one.half == "extraction" else _("gateway")
    return Timing(name, duration_words(one.median), duration_words(one.p95))


def _add_up(sums: Mapping[Slot, Sums], by: Callable[[Slot], Key]) -> dict[Key, Sums]:
    added: dict[Key, Sums] = defaultdict(Sums)
    for slot, some in sums.items():
        added[by(slot)] += some
    return added
