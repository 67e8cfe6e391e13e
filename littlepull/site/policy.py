"""What anybody may read about privacy here: the policy, its versions, processors, the cookie, receipts of erasures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_safe

from accounts.signing import NotGenuine, public_keys, read_statement
from privacy import policies
from privacy.models import ErasureRun, PolicyVersion
from privacy.processors import list_processors


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    current = policies.find_current()
    if current is None:
        raise Http404
    return _render_version(request, current)


@require_safe
def policy_version(request: HttpRequest, number: int) -> HttpResponse:
    return _render_version(request, get_object_or_404(PolicyVersion, pk=number), with_changes=True)


@require_safe
def processors(request: HttpRequest) -> HttpResponse:
    return render(request, "site/policy_processors.html", {"processors": list_processors()})


@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    """From the settings themselves: what is said here is what is set."""
    cookie = {
        "name": settings.SESSION_COOKIE_NAME,
        "hours": settings.SESSION_COOKIE_AGE // timedelta(hours=1).seconds,
        "http_only": settings.SESSION_COOKIE_HTTPONLY,
        "same_site": settings.SESSION_COOKIE_SAMESITE,
        "secure": settings.SESSION_COOKIE_SECURE,
        "domain": settings.SESSION_COOKIE_DOMAIN,
    }
    return render(request, "site/policy_cookies.html", {"cookie": cookie})


@require_safe
def erased(request: HttpRequest, erasure_id: str) -> HttpResponse:
    """The proof of an erasure, for whoever holds its number: it names nobody."""
    run = _get_done(erasure_id)
    try:
        statement = read_statement(run.receipt, public_keys())
    except NotGenuine:  # the key it was signed with is published no more: then it is shown as it is, and not read out
        statement = None
    return render(request, "site/policy_erased.html", {"run": run, "statement": statement})


@require_safe
def erasure_receipt(request: HttpRequest, erasure_id: str) -> HttpResponse:
    answer = HttpResponse(_get_done(erasure_id).receipt, content_type="application/jose")
    answer["Content-Disposition"] = f'attachment; filename="littlepull-{erasure_id}.jws"'
    return answer


def _get_done(erasure_id: str) -> ErasureRun:
    return get_object_or_404(ErasureRun, pk=erasure_id, status=ErasureRun.Status.DONE)


def _render_version(request: HttpRequest, version: PolicyVersion, *, with_changes: bool = False) -> HttpResponse:
    shown: dict[str, Any] = {
        "policy": version,
        "is_upcoming": policies.is_upcoming(version),
        "current": policies.find_current(),
        "versions": PolicyVersion.objects.defer("text").order_by("-number"),
        "blocks": policies.parse(version.text),
    }
    if with_changes:
        shown["before"] = PolicyVersion.objects.filter(number__lt=version.number).order_by("-number").first()
        shown["changes"] = policies.compare(shown["before"], version) if shown["before"] else []
    return render(request, "site/policy.html", shown)


urlpatterns = [
    path("privacy", policy, name="policy"),
    path("privacy/versions/<int:number>", policy_version, name="policy_version"),
    path("privacy/processors", processors, name="processors"),
    path("privacy/cookies", cookies, name="cookies"),
    path("privacy/erased/<str:erasure_id>", erased, name="erased"),
    path("privacy/erased/<str:erasure_id>/receipt.jws", erasure_receipt, name="erasure_receipt"),
]
