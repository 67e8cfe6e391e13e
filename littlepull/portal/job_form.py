"""By what jobs are looked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, User
from extraction.models import Job
from littlepull.portal.day_range import Days, DaysForm
from littlepull.portal.group_words import name_key

MOST_KEYS = 200
KINDS = {"image": "image/", "pdf": "application/pdf", "audio": "audio/"}
STATUSES = [
    ("", _("Any")),
    (Job.Status.QUEUED.value, _("Waiting")),
    (Job.Status.RUNNING.value, _("Running")),
    (Job.Status.SUCCEEDED.value, _("Succeeded")),
    (Job.Status.FAILED.value, _("Failed")),
    (Job.Status.CANCELED.value, _("Canceled")),
]
MEDIA = [("", _("Any")), ("image", _("Images")), ("pdf", _("PDF documents")), ("audio", _("Recordings"))]


class KeyField(forms.ChoiceField):
    """One of somebody's own keys, the newest first; those that have ended have a past too."""

    def __init__(self, user: User) -> None:
        keys = ApiKey.objects.owned_by(user).order_by("-pk")[:MOST_KEYS]
        super().__init__(
            label=_("Key"), required=False, choices=[("", _("Any")), *((key.pk, name_key(key)) for key in keys)]
        )


class JobForm(DaysForm):
    status = forms.ChoiceField(label=_("Status"), choices=STATUSES, required=False)
    kind = forms.ChoiceField(label=_("Media"), choices=MEDIA, required=False)
    id = forms.CharField(
        label=_("Id"), required=False, max_length=32, widget=forms.TextInput(attrs={"type": "search"}), strip=True
    )
    field_order = ["status", "kind", "key", "from", "to", "id"]

    def __init__(self, asked: QueryDict, *, user: User) -> None:
        super().__init__(asked)
        self.fields["key"] = KeyField(user)
        self.order_fields(self.field_order)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """By what is valid of it."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        rows = narrow_days(rows, asked)
        if "status" in asked:
            rows = rows.filter(status=asked["status"])
        if "kind" in asked:
            rows = rows.filter(media_type__startswith=KINDS[asked["kind"]])
        if "key" in asked:
            rows = rows.filter(api_key=asked["key"])
        return rows.filter(pk=asked["id"]) if "id" in asked else rows


def narrow_days(rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
    if "from" in asked:
        rows = rows.filter(created_at__gte=Days(asked["from"], asked["from"]).since)
    if "to" in asked:
        rows = rows.filter(created_at__lt=Days(asked["to"], asked["to"]).until)
    return rows
