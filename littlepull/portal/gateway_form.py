"""By what requests to the gateway are looked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from littlepull.portal.day_range import DaysForm
from littlepull.portal.gateway_words import TASKS
from littlepull.portal.job_form import KeyField, narrow_days
from routing.models import Generation, LanguageModel

MOST_MODELS = 500
STATUSES = [
    ("", _("Any")),
    (Generation.Status.SUCCEEDED.value, _("Succeeded")),
    (Generation.Status.FAILED.value, _("Failed")),
    (Generation.Status.CUT.value, _("Cut off")),
    (Generation.Status.CANCELED.value, _("Canceled")),
]


class ModelField(forms.ChoiceField):
    """Of the catalogue: a model that is switched off has answered too."""

    def __init__(self) -> None:
        ids = LanguageModel.objects.order_by("pk").values_list("pk", flat=True)[:MOST_MODELS]
        super().__init__(label=_("Model"), required=False, choices=[("", _("Any")), *((id, id) for id in ids)])


class GenerationForm(DaysForm):
    status = forms.ChoiceField(label=_("Status"), choices=STATUSES, required=False)
    task = forms.ChoiceField(label=_("Task"), choices=[("", _("Any")), *TASKS.items()], required=False)
    id = forms.CharField(
        label=_("Id"), required=False, max_length=32, widget=forms.TextInput(attrs={"type": "search"}), strip=True
    )
    field_order = ["status", "task", "model", "key", "from", "to", "id"]

    def __init__(self, asked: QueryDict, *, user: User) -> None:
        super().__init__(asked)
        self.fields["key"] = KeyField(user)
        self.fields["model"] = ModelField()
        self.order_fields(self.field_order)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """By what is valid of it."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        columns = {"status": "status", "task": "task", "model": "model", "key": "api_key", "id": "pk"}
        return narrow_days(rows, asked).filter(
            **{column: asked[name] for name, column in columns.items() if name in asked}
        )
