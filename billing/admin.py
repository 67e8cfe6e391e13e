"""The ledger as staff see it: everything to read, nothing to change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from billing.models import Entry, Hold, Price, Transaction, Wallet
from billing.pricing import format_credits


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def credits_of(field: str) -> Any:
    """A column that shows micro-credits as credits."""

    @admin.display(description=field, ordering=field)
    def column(row: Model) -> str:
        return format_credits(getattr(row, field))

    return column


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display = ["api_key", credits_of("available"), credits_of("held"), "created_at"]
    list_select_related = ["api_key"]


class EntryInline(admin.TabularInline):
    model = Entry
    fields = ["account", "credits"]
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_add_permission = has_delete_permission = has_change_permission


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    list_display = ["id", "wallet", "kind", "note", "created_at"]
    list_filter = ["kind"]
    search_fields = ["id", "key", "wallet__api_key__public_id"]
    inlines = [EntryInline]


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "wallet",
        "status",
        credits_of("credits"),
        credits_of("charged"),
        "created_at",
        "closed_at",
    ]
    list_filter = ["status"]


@admin.register(Price)
class PriceAdmin(ReadOnlyAdmin):
    list_display = ["version", "item", credits_of("credits"), "effective_at"]
