"""What may be said of a key in the portal."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ApiKey, Scope, User, every_scope
from billing.pricing import MICRO
from routing.models import KeyLimit, KeyPolicy, Window

LIFETIMES = (
    ("", gettext_lazy("Never")),
    ("7", gettext_lazy("In 7 days")),
    ("30", gettext_lazy("In 30 days")),
    ("90", gettext_lazy("In 90 days")),
    ("365", gettext_lazy("In a year")),
)
GRACES = (
    ("0", gettext_lazy("At once")),
    ("60", gettext_lazy("After a minute")),
    ("900", gettext_lazy("After 15 minutes")),
    ("3600", gettext_lazy("After an hour")),
    ("21600", gettext_lazy("After 6 hours")),
    ("86400", gettext_lazy("After 24 hours")),
)
MOST_CREDITS = 10**9


class Payer(forms.ModelChoiceField):
    def label_from_instance(self, key: ApiKey) -> str:
        return key.name or key.masked


class KeyForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("What it is for, such as “Invoices, production”."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=every_scope,
    )
    cap = forms.DecimalField(
        label=gettext_lazy("Spends at most, in a month (credits)"),
        required=False,
        min_value=Decimal("0.000001"),
        max_value=MOST_CREDITS,
        decimal_places=6,
        help_text=gettext_lazy("Empty: as much as its credits allow."),
    )

    def cap_in_micro(self) -> int | None:
        cap = self.cleaned_data["cap"]
        return None if cap is None else int(cap * MICRO)


class NewKeyForm(KeyForm):
    mode = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=(
            ("live", gettext_lazy("Live: uses credits")),
            ("test", gettext_lazy("Test: free, our own engines only, never reaches a vendor")),
        ),
        widget=forms.RadioSelect,
        initial="live",
    )
    lifetime = forms.ChoiceField(label=gettext_lazy("Expires"), choices=LIFETIMES, required=False)
    pays_from = Payer(
        label=gettext_lazy("Credits"),
        queryset=ApiKey.objects.none(),
        required=False,
        empty_label=gettext_lazy("Its own"),
        help_text=gettext_lazy("Or it shares those of another live key."),
    )
    field_order = ("name", "mode", "lifetime", "pays_from", "cap", "scopes")

    def __init__(self, *arguments: Any, user: User, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if not ApiKey.objects.owned_by(user).exists():
            self.initial.setdefault("mode", "test")  # the first one is for trying
        own = ApiKey.objects.usable().owned_by(user).filter(mode="live", pays_from=None)
        payer = cast("Payer", self.fields["pays_from"])
        payer.queryset = own

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["lifetime"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class PolicyForm(forms.ModelForm):
    class Meta:
        model = KeyPolicy
        fields = ("deny_training", "max_retention_days", "explore", "affinity")
        labels = {
            "deny_training": gettext_lazy("Only providers known not to train on prompts"),
            "max_retention_days": gettext_lazy("Only providers that keep prompts for at most so many days"),
            "explore": gettext_lazy("A small share of “auto” may go to near equals, to learn of them"),
            "affinity": gettext_lazy("Stay with the model of a session, for its prompt cache"),
        }
        help_texts = {
            "deny_training": "",
            "max_retention_days": gettext_lazy("0: none at all. Empty: any."),
            "explore": "",
            "affinity": "",
        }


class LimitForm(forms.Form):
    resource = forms.ChoiceField(
        label=gettext_lazy("At most"),
        choices=(
            ("requests", gettext_lazy("requests")),
            ("tokens", gettext_lazy("tokens")),
            ("cost", gettext_lazy("credits")),
        ),
    )
    limit = forms.IntegerField(label=gettext_lazy("Number"), min_value=1, max_value=MOST_CREDITS)
    window = forms.ChoiceField(label=gettext_lazy("Per"), choices=Window.choices)

    def amount(self) -> int:
        """As the row has it: of credits, micro-credits."""
        limit = self.cleaned_data["limit"]
        return limit * MICRO if self.cleaned_data["resource"] == KeyLimit.Resource.COST else limit


class RevokeForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Its name, to confirm"), max_length=100)

    def __init__(self, *arguments: Any, key: ApiKey, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.key = key

    def clean_name(self) -> str:
        if self.cleaned_data["name"].strip() != (self.key.name or self.key.public_id):
            raise forms.ValidationError(_("That is not its name: the key is untouched."))
        return self.cleaned_data["name"]
