"""Our middleware, native async; and Django's own, which API paths skip.

Each of Django's stock middlewares costs two hops between threads under ASGI, together more than a
whole API request. The API needs none of them: no session, no cookie, no CSRF.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from asgiref.sync import markcoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.auth import KeyRequest
from accounts.worked_on import told_of
from billing.models import Wallet
from billing.pricing import format_credits
from littlepull.headers import security_headers
from littlepull.problems import problem

API_PREFIXES = ("/v1/", "/webhooks/", "/.well-known/", "/healthz", "/readyz", "/metrics")
PARAMETER = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")
NO_SUCH_OBJECT = "There is no such object, or it is not yours."
PLAIN_REFUSALS = {
    400: ("malformed_request", "The request cannot be read."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not answer that method."),
    422: ("invalid_request", "No text of ours has a NUL in it."),
    413: ("body_too_large", "The body of this request is too large."),
}


def request_context(get_response: Callable[[KeyRequest], Awaitable[HttpResponse]]) -> Callable:
    """Outermost: the request id, headers that every response carries, and refusals in one shape."""

    async def middleware(request: KeyRequest) -> HttpResponse:
        told = told_of(getattr(request, "scope", None) or _scope_of(request))
        request.request_id = told.request_id
        api = request.path.startswith(API_PREFIXES)
        # No object has such a name, no text of ours such a letter, and PostgreSQL fails at it.
        if "\0" in request.path:
            response = problem(request, "not_found", NO_SUCH_OBJECT) if api else HttpResponse(status=404)
        elif api and "%00" in request.META.get("QUERY_STRING", ""):
            response = HttpResponse(status=422)
        else:
            response = await get_response(request)
        if request.resolver_match is not None:
            told.route = template_of(request.resolver_match.route)
        if api:
            response = _in_our_shape(request, response)
            await _add_allowances(request, response)
        response["X-Request-Id"] = request.request_id
        for name, value in security_headers(secure=request.is_secure()).items():
            response.setdefault(name, value)
        return response

    markcoroutinefunction(middleware)
    return middleware


@cache
def template_of(route: str) -> str:
    """Django's pattern as an address with names in braces."""
    named = PARAMETER.sub(lambda found: f"{{{found[1] or found[2]}}}", route.removeprefix("^").removesuffix("$"))
    return f"/{named}"


def _scope_of(request: HttpRequest) -> dict[str, Any]:
    """Of a request that came through a server without ASGI: what is needed of one."""
    return {"headers": [(b"x-request-id", request.headers.get("X-Request-Id", "").encode())]}


request_context.sync_capable = False  # type: ignore[attr-defined]
request_context.async_capable = True  # type: ignore[attr-defined]


def _in_our_shape(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Refusals that Django or ninja made before any of our code ran."""
    plain = PLAIN_REFUSALS.get(response.status_code)
    if plain is None or response.streaming or "json" in response.get("Content-Type", ""):
        return response
    code, detail = plain
    allow = {"Allow": response["Allow"]} if "Allow" in response else None
    return problem(request, code, detail, headers=allow)


async def _add_allowances(request: KeyRequest, response: HttpResponse) -> None:
    """What an authenticated caller has left: requests in this window, and credits."""
    allowance = getattr(request, "allowance", None)
    if allowance is None:
        return
    response["RateLimit-Policy"] = f'"default";q={allowance.limit};w={allowance.window}'
    response["RateLimit"] = f'"default";r={max(allowance.remaining, 0)};t={allowance.reset}'
    payer = request.auth.pays_from_id or request.auth.pk
    left = await Wallet.objects.filter(api_key_id=payer).values_list("available", flat=True).afirst()
    response["X-Credits-Remaining"] = format_credits(left or 0)


def _for_the_site(stock: type) -> type:
    """A stock middleware that lets API requests pass untouched."""

    class SiteOnly(stock):
        def __call__(self, request: HttpRequest) -> Any:
            if not self.async_mode and request.path.startswith(API_PREFIXES):
                return self.get_response(request)
            return super().__call__(request)

        async def __acall__(self, request: HttpRequest) -> HttpResponse:
            if request.path.startswith(API_PREFIXES):
                return await self.get_response(request)
            return await super().__acall__(request)

        if hasattr(stock, "process_view"):

            async def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
                if request.path.startswith(API_PREFIXES):
                    return None
                return await sync_to_async(stock.process_view, thread_sensitive=True)(self, request, *view)

    SiteOnly.__name__ = SiteOnly.__qualname__ = f"Site{stock.__name__}"
    return SiteOnly


def site_language(get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> Callable:
    """The account's language, kept in the session; or else the browser's. No cookie of its own."""

    async def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(API_PREFIXES):
            return await get_response(request)
        wish = await request.session.aget("language") if settings.SESSION_COOKIE_NAME in request.COOKIES else ""
        chosen = wish or translation.get_language_from_request(request)
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = await get_response(request)
        response.setdefault("Content-Language", chosen)
        patch_vary_headers(response, ["Accept-Language"])
        return response

    markcoroutinefunction(middleware)
    return middleware


site_language.sync_capable = False  # type: ignore[attr-defined]
site_language.async_capable = True  # type: ignore[attr-defined]

SiteSecurity = _for_the_site(SecurityMiddleware)
SiteSession = _for_the_site(SessionMiddleware)
SiteCommon = _for_the_site(CommonMiddleware)
SiteCsrf = _for_the_site(CsrfViewMiddleware)
SiteAuthentication = _for_the_site(AuthenticationMiddleware)
SiteMessages = _for_the_site(MessageMiddleware)
SiteFrameOptions = _for_the_site(XFrameOptionsMiddleware)
