"""What every page's frame needs to know."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from littlepull import __version__


def describe_page(request: HttpRequest) -> dict[str, Any]:
    """`theme`: "", light or dark. The session is looked into only where there is one: public pages set no cookie."""
    known = settings.SESSION_COOKIE_NAME in request.COOKIES
    return {
        "theme": request.session.get("theme", "") if known else "",
        "has_session": known,
        "version": __version__,
        "site_url": settings.SITE_URL,
    }
