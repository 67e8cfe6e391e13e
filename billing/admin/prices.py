"""The price table: every version to read, and a new one to publish. None is ever changed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from accounts.audit_words import AuditAct
from billing.admin.acts import address, show_act
from billing.admin.shown import CreditsField, ReadOnly, credits_of
from billing.models import Price
from billing.prices import current_prices, publish_prices
from billing.pricing import MICRO

Item = Price.Item
MARGIN = Item.GATEWAY_MARGIN
PERCENT = MICRO // 100
WHILE_TYPING = timedelta(minutes=10)


class PublishForm(forms.Form):
    """A field for every item, as it is now."""

    effective_at = forms.DateTimeField(label="In effect from, UTC", help_text="What was quoted before stays as quoted.")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        now, prices = timezone.now(), current_prices().credits
        for item in Item:
            self.fields[item] = CreditsField(label=item.label, help_text="Credits.", initial=prices.get(item, 0))
        margin = Decimal(prices.get(MARGIN, 0)) / PERCENT
        self.fields[MARGIN] = forms.DecimalField(
            label=MARGIN.label, help_text="Percent.", min_value=0, max_value=1000, decimal_places=4, initial=margin
        )
        self.fields["effective_at"].initial = f"{now:%Y-%m-%d %H:%M}"

    def clean_effective_at(self) -> Any:
        effective_at, now = self.cleaned_data["effective_at"], timezone.now()
        if effective_at < now - WHILE_TYPING:
            raise forms.ValidationError("Prices cannot have been in effect before they were published.")
        return max(effective_at, now)

    @property
    def credits(self) -> dict[str, int]:
        asked = self.cleaned_data
        return {item.value: asked[item] for item in Item} | {MARGIN.value: int(asked[MARGIN] * PERCENT)}


@admin.register(Price)
class PriceAdmin(ReadOnly):
    audit_act = AuditAct.PRICE_PUBLISHED
    micro = ("credits",)
    list_display = ["version", "item", credits_of("credits"), "effective_at"]
    list_filter = ["version"]
    ordering = ["-version", "item"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PublishForm(request.POST or None)
        if form.is_valid():
            try:
                version = publish_prices(form.credits, effective_at=form.cleaned_data["effective_at"])
            except IntegrityError:
                form.add_error(None, "Somebody has published another version meanwhile: look at it first.")
            else:
                row = Price.objects.filter(version=version).first()
                assert row is not None  # just written
                self.log_addition(request, row, f"version {version} published")
                self.message_user(request, f"Version {version} is published.", messages.SUCCESS)
                return HttpResponseRedirect(address(Price, "changelist"))
        facts = [("Version in effect", str(current_prices().version))]
        return show_act(self, request, form, title="Publish prices", verb="Publish prices", facts=facts)
