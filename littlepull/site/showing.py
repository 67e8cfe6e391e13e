"""How a public page is shown: from the event loop, and to strangers from any cache."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

FIVE_MINUTES = 300


async def show(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Whoever has a session sees their own frame around it, which is nobody else's to keep."""
    response = await sync_to_async(render)(request, template, context)
    known = settings.SESSION_COOKIE_NAME in request.COOKIES
    response["Cache-Control"] = "private, no-store" if known else f"public, max-age={FIVE_MINUTES}"
    response["Vary"] = "Cookie, Accept-Language"
    return response
