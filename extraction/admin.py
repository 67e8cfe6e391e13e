"""Extractions as staff see them: how they went, never what was in them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin_audit import REASON, AuditedAdmin
from accounts.admin_parts import Large, OnlyShown
from accounts.audit import record
from accounts.audit_words import AuditAct
from extraction import jobs
from extraction.models import Job, JobEvent, SavedSchema, SchemaVersion, WorkerBeat


class EventInline(OnlyShown, admin.TabularInline):
    model = JobEvent
    fields = ["sequence", "kind", "stage", "done", "total", "error_code", "created_at"]
    extra = 0


class MediaFilter(admin.SimpleListFilter):
    """By family: Django's own filter would read every row to see which types there are."""

    title = parameter_name = "media"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("image/", "Images"), ("application/pdf", "PDFs"), ("audio/", "Recordings")]

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        known = {family for family, _title in self.lookup_choices}
        return rows.filter(media_type__startswith=self.value()) if self.value() in known else rows


@admin.register(Job)
class JobAdmin(Large, AuditedAdmin):
    audit_act, audit_subject = AuditAct.JOB_CANCELED, "api_key.user"
    list_display = ["id", "api_key", "status", "stage", "media_type", "attempts", "error_code", "created_at"]
    list_filter = ["status", MediaFilter]
    list_select_related = ["api_key"]
    search_fields = ["id", "api_key__public_id", "api_key__user__email", "api_key__user__email__iexact"]
    search_help_text = "The id of an extraction, the public part of a key, or an address: all of it."
    ordering = ["-id"]
    inlines = [EventInline]
    actions = ["cancel", "put_back"]

    @admin.action(permissions=["change"], description="Take from its worker, and put in the queue again")
    def put_back(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset.select_related("api_key__user"):
            if jobs.put_back(job):
                with transaction.atomic():
                    record(
                        AuditAct.JOB_REQUEUED,
                        actor=request.user,  # type: ignore[arg-type]
                        subject=job.api_key.user,
                        on=job,
                        reason=request.POST[REASON].strip(),
                    )
            else:
                self.message_user(request, f"{job.pk} is not running, or its text has been read.", messages.WARNING)

    @admin.action(permissions=["change"], description="Cancel, release credits, destroy media")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset:
            if jobs.cancel(job):
                self.log_change(request, job, "canceled")
            else:
                self.message_user(request, f"{job.pk} has ended already.", messages.WARNING)

    def get_readonly_fields(self, request: HttpRequest, obj: Job | None = None) -> list[str]:
        return [field.name for field in Job._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False


@admin.register(WorkerBeat)
class WorkerBeatAdmin(OnlyShown, admin.ModelAdmin):
    list_display = ["worker_id", "ready", "seen_at"]


class VersionInline(OnlyShown, admin.TabularInline):
    model = SchemaVersion
    fields = ["number", "created_at"]
    extra = 0


@admin.register(SavedSchema)
class SavedSchemaAdmin(OnlyShown, admin.ModelAdmin):
    """Names, versions and dates; what a schema asks for stays sealed."""

    list_display = ["name", "user", "created_at"]
    list_select_related = ["user"]
    search_fields = ["id", "name", "user__email"]
    ordering = ["-id"]
    inlines = [VersionInline]
