"""Wallets, lots, holds, transactions: to read. Credits move by adjustments alone; caps can be set."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.admin_audit import AuditedAdmin
from accounts.audit_words import AuditAct
from billing.admin.acts import lead_to_act
from billing.admin.adjusting import adjust
from billing.admin.shown import CreditsField, ReadOnly, ShownInline, credits_of
from billing.models import Entry, Hold, Lot, Spending, SpendingCap, Transaction, Wallet


@admin.register(Wallet)
class WalletAdmin(ReadOnly):
    audit_act, audit_subject = AuditAct.CREDITS_ADJUSTED, "api_key.user"
    change_form_template = "billing/admin/wallet.html"
    micro = ("available", "held", "frozen", "debt")
    list_display = ["api_key", *map(credits_of, micro), "created_at"]
    list_select_related = ["api_key"]
    search_fields = ["api_key__public_id", "api_key__user__email", "api_key__user__email__iexact"]
    actions = ["adjust_one"]
    leading = ("adjust_one",)

    def get_urls(self) -> list[URLPattern]:
        adjusting = self.admin_site.admin_view(self.adjust)
        return [path("<path:pk>/adjust/", adjusting, name="billing_wallet_adjust"), *super().get_urls()]

    def has_adjust_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.adjust_wallet")  # type: ignore[union-attr]

    def adjust(self, request: HttpRequest, pk: str) -> HttpResponse:
        return adjust(self, request, pk, allowed=self.has_adjust_permission(request))

    @admin.action(permissions=["adjust"], description="Adjust the credits of the selected wallet")
    def adjust_one(self, request: HttpRequest, wallets: QuerySet[Wallet]) -> Any:
        return lead_to_act(self, request, wallets, "adjust")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        kwargs["extra_context"] = {"may_adjust": self.has_adjust_permission(request)}
        return super().change_view(request, object_id, *args, **kwargs)


@admin.register(Lot)
class LotAdmin(ReadOnly):
    micro = ("left", "frozen")
    list_display = ["id", "wallet_id", "kind", credits_of("left"), credits_of("frozen"), "payment_id", "expires_at"]
    list_filter = ["kind"]
    search_fields = ["id", "payment__id", "wallet__api_key__public_id"]
    ordering = ["-id"]


@admin.register(Hold)
class HoldAdmin(ReadOnly):
    micro = ("credits", "charged")
    list_display = [
        "id", "wallet_id", "status", credits_of("credits"), credits_of("charged"), "price_version", "created_at",
        "closed_at",
    ]  # fmt: skip
    list_filter = ["status"]
    search_fields = ["id", "key", "wallet__api_key__public_id"]
    ordering = ["-id"]


class EntryInline(ShownInline):
    model = Entry
    fields = ["wallet", "account", "lot", "amount"]
    amount = staticmethod(credits_of("credits"))


@admin.register(Transaction)
class TransactionAdmin(ReadOnly):
    list_display = ["id", "wallet_id", "kind", "reason", "actor", "note", "payment_id", "created_at"]
    list_filter = ["kind", "reason"]
    list_select_related = ["actor"]
    search_fields = ["id", "key", "payment__id", "wallet__api_key__public_id"]
    ordering = ["-id"]
    inlines = [EntryInline]


@admin.register(Spending)
class SpendingAdmin(ReadOnly):
    micro = ("credits",)
    list_display = ["api_key", "month", credits_of("credits")]
    list_filter = ["month"]
    list_select_related = ["api_key"]
    search_fields = ["api_key__public_id"]
    ordering = ["-month"]


class CapForm(forms.ModelForm):
    credits = CreditsField(help_text="At most so many in a calendar month, UTC.")

    class Meta:
        model = SpendingCap
        fields = ["api_key", "credits"]


@admin.register(SpendingCap)
class SpendingCapAdmin(AuditedAdmin):
    audit_act, audit_subject = AuditAct.CAP_CHANGED, "api_key.user"
    asks_reason = True
    form = CapForm
    list_display = ["api_key", credits_of("credits")]
    list_select_related = ["api_key"]
    search_fields = ["api_key__public_id"]
    raw_id_fields = ["api_key"]

    def get_readonly_fields(self, request: HttpRequest, obj: SpendingCap | None = None) -> list[str]:
        return ["api_key"] if obj else []
