"""What every answer says to browsers, whoever made it: pages, the API, the gateway, static files, early refusals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

Application = Callable[[MutableMapping[str, Any], Callable, Callable], Awaitable[None]]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
SECURITY_HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def security_headers(*, secure: bool) -> dict[str, str]:
    policy = " ".join([CONTENT_SECURITY_POLICY, *settings.SIGN_IN_HOSTS])
    headers = {"Content-Security-Policy": policy, **SECURITY_HEADERS}
    if settings.SECURE_HSTS_SECONDS and secure:
        headers["Strict-Transport-Security"] = _only_by_https()
    return headers


def _only_by_https() -> str:
    """As Django's own middleware says it of the pages."""
    words = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        words.append("includeSubDomains")
    if settings.SECURE_HSTS_PRELOAD:
        words.append("preload")
    return "; ".join(words)


def with_security_headers(application: Application) -> Application:
    """ASGI middleware, outermost: adds those that an answer lacks."""
    plain, secured = (
        [(name.lower().encode(), value.encode()) for name, value in security_headers(secure=secure).items()]
        for secure in (False, True)
    )

    async def headed(scope: MutableMapping[str, Any], receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        wanted = secured if _is_secure(scope) else plain

        async def send_headed(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                present = {bytes(name).lower() for name, _value in headers}
                message = {**message, "headers": [*headers, *(one for one in wanted if one[0] not in present)]}
            await send(message)

        await application(scope, receive, send_headed)

    return headed


def _is_secure(scope: MutableMapping[str, Any]) -> bool:
    """By its own scheme, or by what a proxy says that is to be believed."""
    if scope.get("scheme") == "https":
        return True
    if not (believed := getattr(settings, "SECURE_PROXY_SSL_HEADER", None)):
        return False
    name = believed[0].removeprefix("HTTP_").replace("_", "-").lower().encode()
    return dict(scope["headers"]).get(name, b"").decode("latin-1").partition(",")[0].strip() == believed[1]
