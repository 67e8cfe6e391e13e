"""Staff see accounts and keys; a key can be revoked here, by the same verb as everywhere."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import api_keys
from accounts.models import ApiKey, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["email", "id", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "id"]
    ordering = ["-date_joined"]
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
    readonly_fields = ["id", "date_joined", "last_login"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # accounts are made by createkey or createsuperuser

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # erasure is privacy's, with its preview and its receipt


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    list_display = ["masked", "user_email", "mode", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_filter = ["mode"]
    list_select_related = ["user"]
    search_fields = ["public_id", "user__email"]
    actions = ["revoke"]

    @admin.display(description="account")
    def user_email(self, key: ApiKey) -> str:
        return key.user.email

    @admin.action(permissions=["change"], description="Revoke the selected keys, at once")
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys:
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
