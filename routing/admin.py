"""The gateway as staff see it: the catalogue to keep, prices and scores by new versions, requests to read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Max, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.admin_audit import AuditedAdmin
from accounts.admin_parts import Large, OnlyShown
from accounts.audit_words import AuditAct
from billing.pricing import format_credits
from routing import catalogue
from routing.models import (
    Attempt,
    Generation,
    KeyLimit,
    KeyPolicy,
    KeyUsage,
    LanguageModel,
    ModelPrice,
    ModelQuality,
    Provider,
    Weighed,
)
from routing.seed import DOLLAR, PRICES

UNKNOWN = "unknown"
SINCE = ("effective_at", "source")


class AddedOnly(AuditedAdmin):
    """What is never changed: a correction is a new row."""

    audit_act = AuditAct.MODEL_CHANGED

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Checked(AuditedAdmin):
    """What the operator has looked at holds until the shipped file has been read later."""

    audit_act = AuditAct.MODEL_CHANGED
    actions = ["switch_on", "switch_off"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # requests name it: switch it off

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.checked_on = timezone.now().date()
        super().save_model(request, obj, form, change)

    @admin.action(permissions=["change"], description="Offer the selected")
    def switch_on(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._switch(request, rows, enabled=True)

    @admin.action(permissions=["change"], description="Offer the selected no more")
    def switch_off(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._switch(request, rows, enabled=False)

    def _switch(self, request: HttpRequest, rows: QuerySet[Any], *, enabled: bool) -> None:
        for row in rows.exclude(enabled=enabled):
            row.enabled = enabled
            with transaction.atomic():
                row.save(update_fields=["enabled"])
                self.log_change(request, row, "switched on" if enabled else "switched off")


@admin.register(Provider)
class ProviderAdmin(Checked):
    list_display = ["name", "adapter", "region", "keeps", "trains", "enabled", "checked_on"]
    list_filter = ["enabled", "trains"]

    @admin.display(description="keeps requests")
    def keeps(self, provider: Provider) -> str:
        return UNKNOWN if provider.retention_days is None else f"{provider.retention_days} days"


class PriceKnown(admin.SimpleListFilter):
    title = "price"
    parameter_name = "price"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("unknown", "Unknown"), ("known", "Known")]

    def queryset(self, request: HttpRequest, rows: QuerySet[LanguageModel]) -> QuerySet[LanguageModel]:
        if self.value() == "unknown":
            return rows.filter(pk__in=catalogue.unpriced())
        return rows.exclude(pk__in=catalogue.unpriced()) if self.value() == "known" else rows


@admin.register(LanguageModel)
class LanguageModelAdmin(Checked):
    list_display = ["id", "context_tokens", "tools", "structured", "vision", "price_in", "price_out", "enabled"]
    list_filter = [PriceKnown, "provider", "enabled"]
    search_fields = ["id"]
    ordering = ["id"]

    def get_readonly_fields(self, request: HttpRequest, obj: LanguageModel | None = None) -> list[str]:
        return ["id"] if obj else []  # requests and prices hang on it

    @admin.display(description="input, $ per million")
    def price_in(self, model: LanguageModel) -> str:
        return dollars_of(_price(model), "input")

    @admin.display(description="output, $ per million")
    def price_out(self, model: LanguageModel) -> str:
        return dollars_of(_price(model), "output")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        warn_of_unpriced(self, request)
        return super().changelist_view(request, extra_context)


class NewPrice(forms.ModelForm):
    """In dollars for a million tokens, as vendors print it; empty is unknown."""

    input, cached_input, cache_write, output = (
        forms.DecimalField(min_value=0, max_digits=14, decimal_places=8, required=False) for _ in PRICES
    )

    class Meta:
        model = ModelPrice
        fields = ["model", *PRICES, *SINCE]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in PRICES:
            amount: Decimal | None = cleaned.get(name)
            cleaned[name] = None if amount is None else int(amount * DOLLAR)
        if model := cleaned.get("model"):
            self.instance.version = 1 + (_newest(ModelPrice.objects.filter(model=model)) or 0)
        return cleaned


@admin.register(ModelPrice)
class ModelPriceAdmin(AddedOnly):
    form = NewPrice
    fields = ["model", *PRICES, *SINCE]
    autocomplete_fields = ["model"]
    list_display = ["model", "version", "dollars_in", "dollars_cached", "dollars_out", "effective_at"]
    list_filter = ["model__provider"]
    search_fields = ["model__id"]
    ordering = ["model", "-version"]

    def get_fields(self, request: HttpRequest, obj: ModelPrice | None = None) -> Any:
        if obj is None:
            return self.fields
        return ["model", "version", "dollars_in", "dollars_cached", "dollars_written", "dollars_out", *SINCE]

    @admin.display(description="input, $ per million")
    def dollars_in(self, price: ModelPrice) -> str:
        return dollars_of(price, "input")

    @admin.display(description="cached input")
    def dollars_cached(self, price: ModelPrice) -> str:
        return dollars_of(price, "cached_input", otherwise="as input")

    @admin.display(description="cache write")
    def dollars_written(self, price: ModelPrice) -> str:
        return dollars_of(price, "cache_write", otherwise="as input")

    @admin.display(description="output")
    def dollars_out(self, price: ModelPrice) -> str:
        return dollars_of(price, "output")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        warn_of_unpriced(self, request)
        return super().changelist_view(request, extra_context)


@admin.register(ModelQuality)
class ModelQualityAdmin(AddedOnly):
    """A new score is a new version of the table; the rest of it stays as it was."""

    fields = ["model", "task", "score"]
    autocomplete_fields = ["model"]
    list_display = ["model", "task", "score", "version"]
    list_filter = ["task", "version", "model__provider"]
    search_fields = ["model__id"]
    ordering = ["model", "task", "-version"]

    def save_model(self, request: HttpRequest, obj: ModelQuality, form: Any, change: bool) -> None:
        obj.version = 1 + (_newest(ModelQuality.objects.all()) or 0)
        super().save_model(request, obj, form, change)


@admin.register(KeyPolicy)
class KeyPolicyAdmin(AuditedAdmin):
    audit_act, audit_subject = AuditAct.KEY_SETTINGS_CHANGED, "api_key.user"
    asks_reason = True
    list_display = ["api_key", "deny_training", "max_retention_days", "regions", "explore", "affinity"]
    list_select_related = ["api_key"]
    raw_id_fields = ["api_key"]
    search_fields = ["api_key__public_id"]


@admin.register(KeyLimit)
class KeyLimitAdmin(AuditedAdmin):
    audit_act, audit_subject = AuditAct.KEY_SETTINGS_CHANGED, "api_key.user"
    asks_reason = True
    list_display = ["api_key", "resource", "window", "limit"]
    list_filter = ["resource", "window"]
    list_select_related = ["api_key"]
    raw_id_fields = ["api_key"]
    search_fields = ["api_key__public_id"]


@admin.register(KeyUsage)
class KeyUsageAdmin(OnlyShown, Large):
    list_display = ["api_key", "window", "starts_at", "requests", "tokens", "cost"]
    list_filter = ["window"]
    list_select_related = ["api_key"]
    search_fields = ["api_key__public_id"]
    ordering = ["-starts_at"]


class Shown(OnlyShown, admin.TabularInline):
    extra = 0


class AttemptInline(Shown):
    model = Attempt
    fields = ["number", "model", "outcome", "status", "latency_ms", "first_token_ms"]
    ordering = ["number"]


class WeighedInline(Shown):
    model = Weighed
    verbose_name_plural = "candidates"
    fields = ["rank", "model", "excluded", "score", "quality", "expected_cost", "expected_ms"]
    ordering = ["rank", "model"]


@admin.register(Generation)
class GenerationAdmin(OnlyShown, Large):
    list_display = ["id", "api_key", "status", "task", "model", "credits", "latency_ms", "created_at"]
    list_filter = ["status", "task", "policy", "outcome"]
    list_select_related = ["api_key"]
    search_fields = ["id", "api_key__public_id"]
    ordering = ["-id"]
    inlines = [AttemptInline, WeighedInline]

    @admin.display(description="cost, credits")
    def credits(self, generation: Generation) -> str:
        return UNKNOWN if generation.cost is None else format_credits(generation.cost)


def warn_of_unpriced(model_admin: admin.ModelAdmin, request: HttpRequest) -> None:
    if missing := catalogue.unpriced():
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        text = f"The price of {', '.join(missing[:3])}{more} is unknown: nobody gets it until it has one."
        model_admin.message_user(request, text, messages.WARNING)


def dollars_of(price: Model | None, name: str, *, otherwise: str = UNKNOWN) -> str:
    amount = None if price is None else getattr(price, name)
    return otherwise if amount is None else f"{Decimal(amount) / DOLLAR:f}"


def _price(model: LanguageModel) -> ModelPrice | None:
    in_effect = Q(effective_at__lte=timezone.now())
    return model.prices.filter(in_effect).order_by("-version").first()


def _newest(rows: QuerySet[Any]) -> int | None:
    return rows.aggregate(newest=Max("version"))["newest"]
