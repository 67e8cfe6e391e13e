"""What the providers told, what was not believed, and where their lists and our books differ: to read."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.audit_words import AuditAct
from billing import reconciliation
from billing.admin.shown import ReadOnly, money_of
from billing.models import PaymentEvent, ReconciliationDay, ReconciliationDifference, RefusedDelivery


@admin.register(PaymentEvent)
class PaymentEventAdmin(ReadOnly):
    minor = {"amount": "currency"}
    list_display = [
        "event_id", "provider", "type", "outcome", "order_id", "payment_ref", money_of("amount", "currency"),
        "occurred_at", "received_at",
    ]  # fmt: skip
    list_filter = ["outcome", "provider", "kind"]
    search_fields = ["event_id", "order_id", "payment_ref", "subscription_ref", "refund_ref", "dispute_ref"]
    ordering = ["-id"]


@admin.register(RefusedDelivery)
class RefusedDeliveryAdmin(ReadOnly):
    list_display = ["day", "provider", "reason", "count"]
    list_filter = ["provider", "reason"]
    ordering = ["-day"]


@admin.register(ReconciliationDay)
class ReconciliationDayAdmin(ReadOnly):
    list_display = ["day", "claimed_at", "finished_at"]
    ordering = ["-day"]


class IsOpen(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("open", "Differs still"), ("over", "Does not differ any more")]

    def queryset(self, request: HttpRequest, rows):  # type: ignore[no-untyped-def]
        return rows if self.value() is None else rows.filter(resolved_at__isnull=self.value() == "open")


@admin.register(ReconciliationDifference)
class ReconciliationDifferenceAdmin(ReadOnly):
    audit_act = AuditAct.MATTER_CLOSED
    list_display = ["sentence", "kind", "found_at", "resolved_at"]
    list_filter = [IsOpen, "provider", "kind"]
    search_fields = ["payment_ref", "order_id"]
    ordering = ["-id"]
    actions = ["close"]

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.change_reconciliationdifference")  # type: ignore[union-attr]

    @admin.action(permissions=["close"], description="Close the selected: it is known why they differ")
    def close(self, request: HttpRequest, rows: QuerySet[ReconciliationDifference]) -> None:
        for row in rows:
            reconciliation.close(row)
            self.log_change(request, row, "closed")

    @admin.display(description="difference")
    def sentence(self, difference: ReconciliationDifference) -> str:
        return reconciliation.describe(difference)
