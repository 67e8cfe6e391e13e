"""When rows of a table are past their time: the rule beside the words, by which the purge goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from accounts.models import User

AT_ONCE = timedelta()
HOURS_24, DAYS_3 = timedelta(hours=24), timedelta(days=3)
NINETY_DAYS, THREE_YEARS = timedelta(days=90), timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Term:
    """`since`: the column, or path, with the moment from which time counts; `after`: how much of it.

    `past`: which rows these are at a moment, where that is not all there is to it. `by`: the verb that ends them and
    says how many it were, where deleting rows would not do.
    """

    since: str = ""
    after: timedelta = AT_ONCE
    past: Callable[[datetime], QuerySet[Any]] | None = None
    by: Callable[[], int] | None = None

    def find_past(self, table: str, now: datetime) -> QuerySet[Any]:
        if self.past is not None:
            return self.past(now)
        # In the order of time, so that the index on it is used to the end, when nothing is left to be found.
        manager = apps.get_model(table)._base_manager
        return manager.filter(**{f"{self.since}__lt": now - self.after}).order_by(self.since)


def chosen_to_go(now: datetime, *, user: str, since: str) -> Q:
    """Records of use whose owner wants them kept for less time than the account is active."""
    chosen = Q(pk__in=[])
    for days in User.UsageKept:
        chosen |= Q(**{f"{user}__usage_kept_days": days, f"{since}__lt": now - timedelta(days=days)})
    return chosen
