"""Which days a page is about: the last so many, or from one to another. Days are those of UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

EARLIEST, LATEST = date(2020, 1, 1), date(2100, 1, 1)
DAY = timedelta(days=1)


def day_field(label: Any) -> forms.DateField:
    picker = forms.DateInput(attrs={"type": "date", "min": f"{EARLIEST}", "max": f"{LATEST}"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=picker, input_formats=["%Y-%m-%d"])


class DaysForm(forms.Form):
    """`from` and `to` are both within. `clean` holds them to a calendar that no arithmetic leaves."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["from"] = day_field(_("From"))  # no name for a class attribute
        self.fields["to"] = day_field(_("To"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("from"), cleaned.get("to")
        for name, day in (("from", first), ("to", last)):
            if day and not EARLIEST <= day <= LATEST:
                self.add_error(name, _("Name a day between 2020 and 2100."))
        if first and last and first > last:
            self.add_error("to", _("The last day comes before the first. Swap them."))
        return cleaned


@dataclass(frozen=True, slots=True)
class Days:
    """Both within."""

    first: date
    last: date

    @classmethod
    def up_to_today(cls, count: int) -> Days:
        today = timezone.now().date()
        return cls(today - (count - 1) * DAY, today)

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    @property
    def until(self) -> datetime:
        """Not within."""
        return datetime.combine(self.last + DAY, time(), UTC)

    @property
    def hourly(self) -> bool:
        return self.first == self.last

    def periods(self) -> list[str]:
        """Each day, or each hour of one, as `usage.Period` writes them; none lies ahead."""
        step, letters = (timedelta(hours=1), 13) if self.hourly else (DAY, 10)
        moment, now, found = self.since, timezone.now(), []
        while moment < self.until and moment <= now:
            found.append(f"{moment:%Y-%m-%d %H}"[:letters])
            moment += step
        return found
