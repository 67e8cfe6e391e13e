"""The console itself: who may come in, and what its first page says."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from littlepull.console import home


class Console(AdminSite):
    site_header = site_title = "LittlePull console"
    index_title = "What needs somebody"
    site_url = "/"
    enable_nav_sidebar = False  # it keeps its state in localStorage, where the policy says that nothing is

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not _lacks_second_factor(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One door for everybody: second factors and limits hold for staff too, and staff have to have one."""
        if super().has_permission(request) and _lacks_second_factor(request):
            messages.warning(request, "The console asks for a second factor: set up an authenticator or a passkey.")
            return HttpResponseRedirect(reverse("mfa_index"))
        return secure_admin_login(super().login)(request, extra_context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {"needs": home.gather(request.user), **(extra_context or {})})


def _lacks_second_factor(request: HttpRequest) -> bool:
    """Whoever has one was asked for it when they signed in."""
    return settings.STAFF_MFA_REQUIRED and not is_mfa_enabled(request.user)
