"""How the product protects what it is given, in its own words and figures; and whom to tell of a fault (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from math import log2
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone

from accounts.api_keys import ALPHABET, SECRET_LENGTH
from accounts.outbound import LEAST_PORT
from accounts.signed_links import VALID
from accounts.webhook_secrets import SIGNS_ALONG
from extraction.engines.limits import DATA_LIMITS, GIB
from littlepull.headers import CONTENT_SECURITY_POLICY
from littlepull.site.showing import show
from routing.models import METADATA_KEPT

GOOD_FOR = timedelta(days=364)  # from the beginning of today: less than the year that the RFC recommends
HOUR = timedelta(hours=1)
KEPT_SECONDS = 3600


async def security_page(request: HttpRequest) -> HttpResponse:
    """Figures come from where they are decided: what is said here is what is done."""
    context = {
        "contact": settings.CONTACT_EMAIL,
        "key_bits": int(SECRET_LENGTH * log2(len(ALPHABET))),
        "policy": " ".join([CONTENT_SECURITY_POLICY, *settings.SIGN_IN_HOSTS]).split("; "),
        "cookie": settings.SESSION_COOKIE_NAME,
        "session_hours": settings.SESSION_COOKIE_AGE // int(HOUR.total_seconds()),
        "reauthentication_minutes": settings.ACCOUNT_REAUTHENTICATION_TIMEOUT // 60,
        "hsts": settings.SECURE_HSTS_SECONDS,
        "memory": {role: limit // GIB for role, limit in DATA_LIMITS.items()},
        "least_port": LEAST_PORT,
        "link_hours": VALID // HOUR,
        "overlap_hours": SIGNS_ALONG // HOUR,
        "metadata_days": METADATA_KEPT.days,
        "trusted_hosts": bool(settings.OUTBOUND_TRUSTED_HOSTS),
    }
    return await show(request, "site/security.html", context)


async def security_txt(request: HttpRequest) -> HttpResponse:
    """From the settings, never from the Host header: it may be signed by nobody, but it is ours."""
    midnight = datetime.combine(timezone.now().astimezone(UTC), time(), tzinfo=UTC)
    fields = {
        "Contact": f"mailto:{quote(settings.CONTACT_EMAIL, safe='@+')}",
        "Expires": f"{midnight + GOOD_FOR:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages": ", ".join(code for code, _name in settings.LANGUAGES),
        "Canonical": f"{settings.SITE_URL}{reverse('security_txt')}",
        "Policy": f"{settings.SITE_URL}{reverse('security')}",
    }
    lines = "".join(f"{name}: {value}\n" for name, value in fields.items())
    response = HttpResponse(lines, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response


urlpatterns = [
    path("security", security_page, name="security"),
    path(".well-known/security.txt", security_txt, name="security_txt"),
]
