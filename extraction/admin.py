"""Extractions as staff see them: how they went, never what was in them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin_audit import AuditedAdmin
from accounts.audit_words import AuditAct
from extraction import jobs
from extraction.models import Job, JobEvent, SavedSchema, SchemaVersion, WorkerBeat


class EventInline(admin.TabularInline):
    model = JobEvent
    fields = ["sequence", "kind", "stage", "done", "total", "error_code", "created_at"]
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_add_permission = has_delete_permission = has_change_permission


@admin.register(Job)
class JobAdmin(AuditedAdmin):
    audit_act, audit_subject = AuditAct.JOB_CANCELED, "api_key.user"
    list_display = ["id", "api_key", "status", "stage", "media_type", "attempts", "error_code", "created_at"]
    list_filter = ["status", "media_type"]
    list_select_related = ["api_key"]
    search_fields = ["id", "api_key__public_id"]
    ordering = ["-id"]
    inlines = [EventInline]
    actions = ["cancel"]

    @admin.action(permissions=["change"], description="Cancel, release credits, destroy media")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset:
            if jobs.cancel(job):
                self.log_change(request, job, "canceled")

    def get_readonly_fields(self, request: HttpRequest, obj: Job | None = None) -> list[str]:
        return [field.name for field in Job._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False


@admin.register(WorkerBeat)
class WorkerBeatAdmin(AuditedAdmin):
    list_display = ["worker_id", "ready", "seen_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: WorkerBeat | None = None) -> bool:
        return False


class VersionInline(admin.TabularInline):
    model = SchemaVersion
    fields = ["number", "created_at"]
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_add_permission = has_delete_permission = has_change_permission


@admin.register(SavedSchema)
class SavedSchemaAdmin(admin.ModelAdmin):
    """Names, versions and dates; what a schema asks for stays sealed."""

    list_display = ["name", "user", "created_at"]
    list_select_related = ["user"]
    search_fields = ["id", "name", "user__email"]
    ordering = ["-id"]
    inlines = [VersionInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SavedSchema | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SavedSchema | None = None) -> bool:
        return False
