"""Staff see accounts, keys and webhooks; what can be done here is done by the same verbs as everywhere."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import api_keys, webhooks
from accounts.admin_audit import AuditedAdmin
from accounts.admin_parts import Large, OnlyShown
from accounts.audit_words import AuditAct
from accounts.errors import WebhookError
from accounts.models import ApiKey, User, WebhookAttempt, WebhookDelivery, WebhookEndpoint

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(AuditedAdmin, GroupAdmin):
    audit_act = AuditAct.ROLE_CHANGED
    asks_reason = True


@admin.register(User)
class UserAdmin(Large, AuditedAdmin):
    audit_act = AuditAct.RECTIFIED
    audit_acts = dict.fromkeys(["is_staff", "is_superuser", "groups"], AuditAct.ROLE_CHANGED)
    asks_reason = True
    list_display = ["email", "id", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["id", "email", "email__iexact"]
    search_help_text = "An address or the id of an account: all of it."
    ordering = ["-id"]
    fields = [
        "id",
        "email",
        "name",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "date_joined",
        "last_login",
    ]
    # Who could type an address here could sign in as anybody: its owner changes it, and confirms it.
    readonly_fields = ["id", "email", "date_joined", "last_login"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Who may do what is a superuser's to say; anybody else could make themselves one."""
        rights = [] if request.user.is_superuser else ["is_staff", "is_superuser", "groups"]  # type: ignore[union-attr]
        return [*self.readonly_fields, *rights]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        above = obj is not None and obj.is_superuser and not request.user.is_superuser  # type: ignore[union-attr]
        return not above and super().has_change_permission(request, obj)

    def act_of(self, obj: User, name: str) -> AuditAct:
        if name == "is_active":
            return AuditAct.USER_UNLOCKED if obj.is_active else AuditAct.USER_LOCKED
        return super().act_of(obj, name)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # accounts are made by createkey or createsuperuser

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # erasure is privacy's, with its preview and its receipt


@admin.register(ApiKey)
class ApiKeyAdmin(Large, AuditedAdmin):
    audit_act, audit_subject = AuditAct.KEY_REVOKED, "user"
    list_display = ["masked", "user_email", "mode", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_filter = ["mode"]
    list_select_related = ["user"]
    search_fields = ["public_id", "id", "user__email", "user__email__iexact"]
    search_help_text = "The public part of a key, or the address of its owner: all of it."
    ordering = ["-id"]
    actions = ["revoke"]

    @admin.display(description="account")
    def user_email(self, key: ApiKey) -> str:
        return key.user.email

    @admin.action(permissions=["change"], description="Revoke the selected keys, at once")
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys:
            with transaction.atomic():
                api_keys.revoke_key(key)
                self.log_change(request, key, "revoked")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        return [field.name for field in ApiKey._meta.fields]

    def get_exclude(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        return ["digest"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(OnlyShown, admin.ModelAdmin):
    list_display = ["id", "user_email", "url", "disabled_because", "failures_in_a_row", "created_at"]
    list_filter = ["disabled_because"]
    list_select_related = ["user"]
    search_fields = ["id", "user__email"]
    ordering = ["-id"]
    fields = [field.name for field in WebhookEndpoint._meta.fields]

    @admin.display(description="account")
    def user_email(self, endpoint: WebhookEndpoint) -> str:
        return endpoint.user.email


class AttemptInline(OnlyShown, admin.TabularInline):
    model = WebhookAttempt
    extra = 0
    fields = ["number", "started_at", "milliseconds", "status_code", "error"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(Large, AuditedAdmin):
    audit_act, audit_subject = AuditAct.MESSAGE_SENT_AGAIN, "user"
    list_display = ["id", "event_type", "url", "status", "attempts", "next_attempt_at", "created_at"]
    list_filter = ["status", "event_type"]
    search_fields = ["id", "event_id", "endpoint_id", "user__email", "user__email__iexact"]
    search_help_text = "The id of a message, an event or an endpoint, or an address: all of it."
    ordering = ["-id"]
    exclude = ["payload"]  # the caller's own labels are nothing of ours
    readonly_fields = [field.name for field in WebhookDelivery._meta.fields if field.name != "payload"]
    inlines = [AttemptInline]
    actions = ["send_again"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: WebhookDelivery | None = None) -> bool:
        return False

    @admin.action(permissions=["change"], description="Send the selected messages again, now")
    def send_again(self, request: HttpRequest, deliveries: QuerySet[WebhookDelivery]) -> None:
        for delivery in deliveries.select_related("endpoint"):
            try:
                webhooks.resend(delivery)
            except WebhookError as refused:
                self.message_user(request, f"{delivery.pk}: {refused}", messages.WARNING)
            else:
                self.log_change(request, delivery, "sent again")
