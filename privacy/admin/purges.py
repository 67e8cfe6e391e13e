"""The console's list of purges: what each deleted, and above them what is past its time, which ought to be nothing."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.admin_parts import OnlyShown
from privacy.models import PurgeRun
from privacy.retention import SWEPT_WITHIN, find_overdue


@admin.register(PurgeRun)
class PurgeRunAdmin(OnlyShown, admin.ModelAdmin):
    change_list_template = "privacy/admin/purge_runs.html"
    list_display = ["id", "started_at", "ended_at", "rows", "digest"]
    date_hierarchy = "started_at"
    ordering = ["-started_at"]
    fields = ["id", "started_at", "ended_at", "counts", "digest", "jws"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        overdue = find_overdue()
        shown = {
            "overdue": overdue,
            "overdue_rows": sum(overdue.values()),
            "swept_within_hours": SWEPT_WITHIN.total_seconds() // 3600,
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[PurgeRun]:
        return super().get_queryset(request).defer("jws")
