"""Nobody uses the portal under a policy they have not accepted: by signing up, or on this page when it has changed.

What people may always do stays open to them without it: read, download, correct, delete.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme

from littlepull.portal.access import PortalRequest, signed_in
from privacy import policies


@signed_in
def accept_policy(request: PortalRequest) -> HttpResponse:
    required = policies.find_required()
    if required is None or policies.has_accepted(request.user, required):
        return redirect("dashboard")
    if request.method == "POST":
        policies.accept(request.user, required)
        return redirect(_where_to(request))
    shown = {"section": "privacy", "policy": required, "next": request.GET.get("next", "")}
    return render(request, "portal/accept_policy.html", shown)


def _where_to(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours and wanted.startswith("/portal") else "dashboard"


urlpatterns = [path("portal/privacy/policy", accept_policy, name="accept_policy")]
