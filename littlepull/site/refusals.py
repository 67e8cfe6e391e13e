"""What is said where there is no page, or none for this person. API paths get the bare status: middleware shapes it.

Django's own views for this want a session for their CSRF token, which API paths do not have.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from littlepull.middleware import API_PREFIXES
from littlepull.problems import problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without a database, a session or a frame: any of them may be what broke."""
    if request.path.startswith(API_PREFIXES):
        return problem(request, "internal_error", "This is our fault, and it has been noted.")
    return HttpResponse(render_to_string("500.html"), status=500)


def _refuse(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith(API_PREFIXES):
        return HttpResponse(status=status)
    return render(request, f"{status}.html", status=status)
