"""What the pages about money have in common: rows to read only, and amounts as people write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest

from accounts.admin_audit import AuditedAdmin
from accounts.admin_parts import Large, OnlyShown
from billing.pricing import MICRO, format_credits, format_money, parse_credits

MOST = 1_000_000_000 * MICRO


class ReadOnly(OnlyShown, Large, AuditedAdmin):
    """For rows that only verbs make and change. `micro`, `minor`: columns in micro-credits, in cents and the like."""

    micro: Sequence[str] = ()
    minor: Mapping[str, str] = {}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [self._shown(field.name) for field in self.opts.fields]

    get_readonly_fields = get_fields

    def _shown(self, name: str) -> Any:
        if name in self.micro:
            return credits_of(name)
        return money_of(name, self.minor[name]) if name in self.minor else name


class ShownInline(OnlyShown, admin.TabularInline):
    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields


@cache
def credits_of(field: str) -> Any:
    """A column that shows micro-credits as credits."""

    @admin.display(description=field, ordering=field)
    def column(row: Model) -> str:
        amount = getattr(row, field)
        return "–" if amount is None else format_credits(amount)

    return column


@cache
def money_of(field: str, currency: str) -> Any:
    """A column that shows the smallest unit of a currency as money."""

    @admin.display(description=field, ordering=field)
    def column(row: Model) -> str:
        amount = getattr(row, field)
        return "–" if amount is None else format_money(amount, getattr(row, currency))

    return column


class CreditsField(forms.CharField):
    """Typed as credits, kept as micro-credits."""

    def __init__(self, *, at_least: int = 0, **options: Any) -> None:
        super().__init__(max_length=20, **options)
        self._at_least = at_least

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            credits = parse_credits(text)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if not self._at_least <= credits <= MOST:
            raise ValidationError(f"From {shorten(self._at_least)} to {shorten(MOST)} credits.")
        return credits

    def run_validators(self, value: Any) -> None:
        """Those of text do not apply to what it has become."""

    def prepare_value(self, value: Any) -> Any:
        return shorten(value) if isinstance(value, int) else value


def shorten(micro: int) -> str:
    """Credits without the places that say nothing."""
    return format_credits(micro).rstrip("0").rstrip(".")
