"""What the dashboard is asked to show: which days, and by what costs are told apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from littlepull.portal.day_range import Days, DaysForm
from littlepull.usage import Grouping

OWN = "own"
USUAL_DAYS, USUAL_GROUPING = "30", "media_type"
MOST_DAYS = 366
RANGES = [
    ("1", _("Today")),
    ("7", _("Last 7 days")),
    ("30", _("Last 30 days")),
    ("90", _("Last 90 days")),
    (OWN, _("Other days")),
]
STACKS = [
    ("media_type", _("Media type")),
    ("model", _("Model")),
    ("key", _("Key")),
    ("task", _("Task")),
]


class RangeForm(DaysForm):
    """Dates without a range are dates of one's own."""

    days = forms.ChoiceField(label=_("Days"), choices=RANGES, required=False)
    by = forms.ChoiceField(label=_("Costs by"), choices=STACKS, required=False)
    field_order = ["days", "from", "to", "by"]

    def __init__(self, asked: QueryDict) -> None:
        dated = bool(asked.get("from") or asked.get("to"))
        known = {"days": OWN if dated else USUAL_DAYS, "by": USUAL_GROUPING}
        super().__init__({**known, **{name: value for name, value in asked.items() if value}})
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("from"), cleaned.get("to")
        if cleaned.get("days") == OWN and first and (last or timezone.now().date()) - first >= timedelta(MOST_DAYS):
            self.add_error("from", _("Choose a year at most."))
        return cleaned

    def chosen_days(self) -> Days:
        """The usual ones where it is not valid: the page says so, and still shows something."""
        if not self.is_valid():
            return Days.up_to_today(int(USUAL_DAYS))
        if self.cleaned_data["days"] != OWN:
            return Days.up_to_today(int(self.cleaned_data["days"]))
        today = timezone.now().date()
        first, last = self.cleaned_data["from"], self.cleaned_data["to"]
        if last is None:
            last = max(today, first) if first else today
        return Days(first or last - timedelta(int(USUAL_DAYS) - 1), last)

    def grouping(self) -> Grouping:
        return cast(Grouping, self.cleaned_data.get("by") or USUAL_GROUPING)
