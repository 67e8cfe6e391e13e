"""What was done and signed, to be read: erasures, downloads, attestations, policies and who was told of them.

A policy is published from a file that others have read, by `manage.py publish_policy`, and never typed in here.
"""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin_parts import Large, OnlyShown
from privacy.models import Attestation, ErasureRun, Export, PolicyNotice, PolicyVersion


@admin.register(ErasureRun)
class ErasureRunAdmin(OnlyShown, admin.ModelAdmin):
    list_display = ["id", "status", "request", "previewed_at", "approved_at", "approved_by", "run_at"]
    list_filter = ["status"]
    list_select_related = ["request", "approved_by"]
    search_fields = ["id", "request__id"]
    search_help_text = "The id of an erasure or of a request."
    ordering = ["-previewed_at"]


@admin.register(Export)
class ExportAdmin(OnlyShown, Large):
    list_display = ["id", "user", "request", "asked_at", "expires_at", "read_at"]
    list_select_related = ["user", "request"]
    search_fields = ["id", "request__id", "user__email__iexact"]
    search_help_text = "The id of a download or of a request, or an address: all of it."
    ordering = ["-asked_at"]


@admin.register(Attestation)
class AttestationAdmin(OnlyShown, Large):
    list_display = ["at", "promises", "broken"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attestation]:
        return super().get_queryset(request).defer("jws")


@admin.register(PolicyVersion)
class PolicyVersionAdmin(OnlyShown, admin.ModelAdmin):
    list_display = ["number", "effective_on", "major", "digest", "published_at"]
    ordering = ["-number"]


@admin.register(PolicyNotice)
class PolicyNoticeAdmin(OnlyShown, Large):
    list_display = ["version", "user", "tries", "tried_at", "sent_at"]
    list_filter = ["version", ("sent_at", admin.EmptyFieldListFilter)]
    list_select_related = ["version", "user"]
    search_fields = ["user__email__iexact", "user_id"]
    search_help_text = "The address or the id of an account: all of it."
    ordering = ["-pk"]
