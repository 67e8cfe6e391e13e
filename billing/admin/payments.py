"""Products to keep; payments, subscriptions, refunds and receipts to read; refunds to ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.admin_audit import AuditedAdmin
from accounts.audit_words import AuditAct
from billing import payments
from billing.admin import attention
from billing.admin.acts import lead_to_act
from billing.admin.refunding import OPEN, refund
from billing.admin.shown import CreditsField, ReadOnly, ShownInline, credits_of, money_of
from billing.errors import BillingError
from billing.models import AutoTopUp, BalanceAlert, Payment, Product, Receipt, Refund, Subscription
from billing.pricing import format_money
from billing.providers.errors import ProviderUnavailable


class ProductForm(forms.ModelForm):
    credits = CreditsField(at_least=1, help_text="For a plan: each month.")

    class Meta:
        model = Product
        fields = ["code", "kind", "name", "credits", "amount", "currency", "dodo_ref", "paddle_ref", "active"]
        help_texts = {"amount": "Before tax, in the currency's smallest unit: cents of a dollar."}


@admin.register(Product)
class ProductAdmin(AuditedAdmin):
    audit_act = AuditAct.PRODUCT_CHANGED
    asks_reason = True
    form = ProductForm
    list_display = [
        "code", "kind", "name", credits_of("credits"), money_of("amount", "currency"), "dodo_ref", "paddle_ref",
        "active",
    ]  # fmt: skip
    list_filter = ["kind", "active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        return ["code", "kind"] if obj else []  # payments hang on it

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # payments name it: offer it no more


class RefundInline(ShownInline):
    model = Refund
    fields = ["id", "asked", "status", "reason", "actor", "ref", "created_at"]

    @admin.display(description="amount")
    def asked(self, refund: Refund) -> str:
        return _money_of(refund)


def _money_of(refund: Refund) -> str:
    return format_money(refund.amount, refund.payment.paid_currency)


@admin.register(Payment)
class PaymentAdmin(ReadOnly):
    audit_act, audit_subject = AuditAct.REFUND_REQUESTED, "user"
    change_form_template = "billing/admin/payment.html"
    change_list_template = "billing/admin/payments.html"
    micro = ("credits",)
    minor = {"amount": "currency", "paid": "paid_currency", "refunded": "paid_currency"}
    list_display = [
        "id", "user", "product_id", "provider", "purpose", "status", money_of("paid", "paid_currency"),
        money_of("refunded", "paid_currency"), "created_at",
    ]  # fmt: skip
    list_filter = ["status", "provider", "purpose"]
    list_select_related = ["user"]
    search_fields = ["id", "ref", "user__email", "user__email__iexact"]
    ordering = ["-id"]
    inlines = [RefundInline]
    actions = ["refund_one"]
    leading = ("refund_one",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("attention/", wrap(self.attention), name="billing_payment_attention"),
            path("<path:pk>/refund/", wrap(self.refund), name="billing_payment_refund"),
        ]
        return [*own, *super().get_urls()]

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.refund_payment")  # type: ignore[union-attr]

    def attention(self, request: HttpRequest) -> HttpResponse:
        return attention.show(self, request, allowed=self.has_view_permission(request))

    def refund(self, request: HttpRequest, pk: str) -> HttpResponse:
        return refund(self, request, pk, allowed=self.has_refund_permission(request))

    @admin.action(permissions=["refund"], description="Refund the selected payment")
    def refund_one(self, request: HttpRequest, rows: QuerySet[Payment]) -> Any:
        return lead_to_act(self, request, rows, "refund")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        kwargs["extra_context"] = {"may_refund": self.has_refund_permission(request)}
        return super().change_view(request, object_id, *args, **kwargs)


@admin.register(Refund)
class RefundAdmin(ReadOnly):
    audit_act, audit_subject = AuditAct.REFUND_REQUESTED, "payment.user"
    list_display = ["id", "payment_id", "asked", "status", "reason", "actor", "ref", "created_at"]
    list_filter = ["status", "payment__provider"]
    list_select_related = ["payment", "actor"]
    search_fields = ["id", "ref", "payment__id"]
    ordering = ["-id"]
    actions = ["ask_again"]

    @admin.display(description="amount")
    def asked(self, refund: Refund) -> str:
        return _money_of(refund)

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.refund_payment")  # type: ignore[union-attr]

    @admin.action(permissions=["refund"], description="Ask the provider again for those it has not answered")
    def ask_again(self, request: HttpRequest, rows: QuerySet[Refund]) -> None:
        for row in rows.filter(status=Refund.Status.REQUESTED, ref="").select_related("payment"):
            try:
                payments.request_refund(row.payment, amount=row.amount, reason=row.reason, key=row.key)
            except ProviderUnavailable:
                self.message_user(request, f"{row.pk}: {OPEN}", messages.WARNING)
            except BillingError as refused:
                self.message_user(request, f"{row.pk}: {refused}", messages.ERROR)
            else:
                self.log_change(request, row, "asked again")


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly):
    list_display = ["id", "user", "product_id", "provider", "status", "period_end", "cancels_at", "created_at"]
    list_filter = ["status", "provider"]
    list_select_related = ["user"]
    search_fields = ["id", "ref", "user__email", "user__email__iexact"]
    ordering = ["-id"]


@admin.register(Receipt)
class ReceiptAdmin(ReadOnly):
    list_display = ["number", "payment_id", "issued_at"]
    search_fields = ["number", "payment__id"]
    ordering = ["-number"]


@admin.register(AutoTopUp)
class AutoTopUpAdmin(ReadOnly):
    micro = ("threshold", "target")
    list_display = ["wallet_id", "product_id", credits_of("threshold"), "enabled", "failures", "not_before"]
    list_filter = ["enabled"]


@admin.register(BalanceAlert)
class BalanceAlertAdmin(ReadOnly):
    micro = ("credits",)
    list_display = ["id", "wallet_id", credits_of("credits"), "percent", "told_at"]
    ordering = ["-id"]
