"""GET /metrics, in Prometheus' text format: for this installation's monitor and nobody else."""

from __future__ import annotations

from hmac import compare_digest
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST

from littlepull.metrics.collecting import render
from littlepull.problems import problem

# Whoever comes with one of these came through a proxy, whether or not the settings say that there is one.
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")


async def metrics(request: HttpRequest) -> HttpResponse:
    if not (_has_token(request) or _comes_from_here(request)):
        if not settings.METRICS_TOKEN:
            return problem(request, "not_found", "There is nothing at this address.")
        detail = "This address asks for the token of this installation's monitor."
        return problem(request, "not_authenticated", detail, headers={"WWW-Authenticate": "Bearer"})
    if request.method not in ("GET", "HEAD"):
        detail = "This address does not answer that method."
        return problem(request, "method_not_allowed", detail, headers={"Allow": "GET, HEAD"})
    response = HttpResponse(await render(), content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response


def _has_token(request: HttpRequest) -> bool:
    presented = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and compare_digest(presented.encode(), expected.encode())


def _comes_from_here(request: HttpRequest) -> bool:
    """By the address of the connection. Behind a proxy on this machine everybody's is this machine's."""
    if settings.BEHIND_PROXY or settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return False
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback or any(address in network for network in settings.METRICS_ALLOWED)
