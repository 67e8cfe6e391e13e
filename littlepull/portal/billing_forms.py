"""What may be asked of the billing pages. Every form names a key of its user's; anybody else's is not there."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ApiKey, User
from billing.models import Product
from billing.pricing import MICRO
from billing.providers.words import Provider
from billing.windows import EARLIEST, LATEST
from littlepull.portal.billing_fields import LIKELIEST, CreditsField, OwnKey, ProductChoice, live_keys
from littlepull.portal.billing_offers import merchant, sellers

NONCE = re.compile(r"[0-9a-f]{32}")
LAST_DAYS = timedelta(days=30)


class KeyedForm(forms.Form):
    """`place`: what the ids of its fields begin with, there are several on a page; `section`: where it stands there."""

    place = section = "form"
    key = OwnKey(label=gettext_lazy("Key"))

    def __init__(self, *arguments: Any, user: User, **named: Any) -> None:
        named["auto_id"] = f"{self.place}_%s"
        super().__init__(*arguments, **named)
        self.user = user
        cast("OwnKey", self.fields["key"]).offer(self.keys(), of=user)

    @staticmethod
    def keys_of(user: User) -> QuerySet[ApiKey]:
        """Those that can have credits put into them."""
        usable = ApiKey.objects.usable().owned_by(user)
        return live_keys(user).filter(pk__in=usable.values("pk"))

    def keys(self) -> QuerySet[ApiKey]:
        return self.keys_of(self.user)


class OnceForm(KeyedForm):
    """What it asks for is done once, however often it is sent."""

    nonce = forms.CharField(
        required=False,
        widget=forms.HiddenInput({"autocomplete": "off"}),  # else some browsers put an old one back
        initial=lambda: secrets.token_hex(16),
    )

    def clean_nonce(self) -> str:
        nonce = self.cleaned_data["nonce"]
        return nonce if NONCE.fullmatch(nonce) else secrets.token_hex(16)

    def once(self, *what: object) -> str:
        """The idempotency key: another choice in the same form is another act."""
        return ":".join(["portal", self.cleaned_data["nonce"], *map(str, what)])


class OrderForm(OnceForm):
    """A pack, or a plan, for a key, from a provider. With one provider there is nothing to choose."""

    product = ProductChoice(label=gettext_lazy("Pack"))
    provider = forms.ChoiceField(label=gettext_lazy("Pay through"), required=False)

    def __init__(self, *arguments: Any, products: Sequence[Product], **named: Any) -> None:
        super().__init__(*arguments, **named)
        cast("ProductChoice", self.fields["product"]).offer(products)
        selling = dict.fromkeys(provider for one in products for provider in sellers(one))
        provider = cast("forms.ChoiceField", self.fields["provider"])
        provider.choices = [(one.value, merchant(one)) for one in selling]
        if len(selling) < 2:
            provider.widget = forms.HiddenInput()
        if products:
            self.initial.setdefault("product", products[0].pk)

    def clean(self) -> dict[str, Any]:
        product = self.cleaned_data.get("product")
        if product is not None and not self.cleaned_data.get("provider"):
            self.cleaned_data["provider"] = sellers(product)[0].value
        return self.cleaned_data

    def refuse(self, words: str) -> None:
        """Beside the choice of a provider, or of the product where there is no such choice."""
        self.add_error("product" if self.fields["provider"].widget.is_hidden else "provider", words)


class BuyForm(OrderForm):
    place = section = "buy"


class SubscribeForm(OrderForm):
    place = section = "plan"
    product = ProductChoice(label=gettext_lazy("Plan"))


class AutoTopUpForm(KeyedForm):
    place, section = "auto", "auto-top-up"
    threshold = CreditsField(label=gettext_lazy("When fewer credits are left than"))
    product = ProductChoice(label=gettext_lazy("Buy"))
    target = CreditsField(
        label=gettext_lazy("As often as it takes to have"),
        required=False,
        help_text=gettext_lazy("Credits. Empty: one pack at a time."),
    )

    def __init__(self, *arguments: Any, products: Sequence[Product], **named: Any) -> None:
        super().__init__(*arguments, **named)
        kept = [one for one in products if Provider.DODO in sellers(one)]  # who alone charges under a mandate
        cast("ProductChoice", self.fields["product"]).offer(kept)
        self.has_products = bool(kept)


class AlertForm(KeyedForm):
    place, section = "alert", "alerts"
    threshold = CreditsField(label=gettext_lazy("When free credits fall below"))
    unit = forms.ChoiceField(
        label=gettext_lazy("Of"),
        choices=(
            ("credits", gettext_lazy("credits")),
            ("percent", gettext_lazy("percent of what came in last")),
        ),
    )

    def clean(self) -> dict[str, Any]:
        threshold, unit = self.cleaned_data.get("threshold"), self.cleaned_data.get("unit")
        whole = threshold is not None and threshold % MICRO == 0 and threshold <= 100 * MICRO
        if unit == "percent" and threshold is not None and not whole:
            self.add_error("threshold", _("A percentage is a whole number from 1 to 100."))
        return self.cleaned_data

    def in_credits(self) -> int | None:
        return self.cleaned_data["threshold"] if self.cleaned_data["unit"] == "credits" else None

    def in_percent(self) -> int | None:
        return self.cleaned_data["threshold"] // MICRO if self.cleaned_data["unit"] == "percent" else None


class CapForm(KeyedForm):
    place, section = "cap", "caps"
    cap = CreditsField(label=gettext_lazy("At most, in a month (credits)"))

    def keys(self) -> QuerySet[ApiKey]:
        """Those that pay from another, too: each has a cap of its own."""
        return ApiKey.objects.usable().owned_by(self.user).filter(mode=ApiKey.Mode.LIVE).order_by(*LIKELIEST)


class MoveForm(OnceForm):
    place = section = "move"
    key = OwnKey(label=gettext_lazy("From"))
    to = OwnKey(label=gettext_lazy("To"))
    credits = CreditsField(label=gettext_lazy("Credits"))
    field_order = ("key", "to", "credits")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        cast("OwnKey", self.fields["to"]).offer(self.keys_of(self.user), of=self.user)

    def keys(self) -> QuerySet[ApiKey]:
        """One that was revoked or has expired too: its credits are still its owner's."""
        return live_keys(self.user).filter(free__gt=0)  # type: ignore[misc]  # annotated


class StatementForm(KeyedForm):
    place = section = "statement"
    begin = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    end = forms.DateField(
        label=gettext_lazy("To, that day included (UTC)"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    field_order = ("key", "begin", "end")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        today = timezone.now().astimezone(UTC).date()
        self.initial.setdefault("begin", today - LAST_DAYS)
        self.initial.setdefault("end", today)

    def keys(self) -> QuerySet[ApiKey]:
        return live_keys(self.user)

    def clean_begin(self) -> datetime:
        return _midnight(self.cleaned_data["begin"])

    def clean_end(self) -> datetime:
        return _midnight(self.cleaned_data["end"]) + timedelta(days=1)

    def clean(self) -> dict[str, Any]:
        begin, end = self.cleaned_data.get("begin"), self.cleaned_data.get("end")
        if begin and end and begin >= end:
            self.add_error("end", _("It lies before the first day."))
        return self.cleaned_data


def _midnight(day: date) -> datetime:
    """In UTC. What lies outside of the years that are known is refused, as at the API."""
    moment = datetime.combine(day, time(), UTC)
    if not EARLIEST <= moment < LATEST:
        raise forms.ValidationError(_("Name a day between the years 2000 and 2200."))
    return moment
