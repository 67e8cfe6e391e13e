"""Who was erased here and is to be masked at a payment provider: to read, and to say that it was done by hand."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.audit_words import AuditAct
from billing.admin.shown import ReadOnly
from billing.customers import close_by_hand
from billing.models import CustomerErasure


@admin.register(CustomerErasure)
class CustomerErasureAdmin(ReadOnly):
    audit_act = AuditAct.MATTER_CLOSED
    list_display = ["id", "provider", "customer_ref", "status", "why", "tries", "asked_at", "done_at"]
    list_filter = ["status", "provider"]
    ordering = ["-id"]
    actions = ["close"]

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.change_customererasure")  # type: ignore[union-attr]

    @admin.action(permissions=["close"], description="Close the selected: they are masked on the provider's own page")
    def close(self, request: HttpRequest, rows: QuerySet[CustomerErasure]) -> None:
        for row in rows.filter(status=CustomerErasure.Status.BY_HAND):
            close_by_hand(row)
            self.log_change(request, row, "closed")
