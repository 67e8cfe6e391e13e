"""Who is asking: the API's bearer authentication, scopes, and the request rate of a key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from accounts import api_keys, counts, page_tickets
from accounts.counts import Count
from accounts.errors import NotAuthenticated, RateLimited, ScopeMissing
from accounts.models import ApiKey, Scope

REMEMBERED_SECONDS = 1.0
_SCOPE_KEY = "littlepull.api_key"
_noting: set[asyncio.Task[None]] = set()  # the event loop keeps only weak references to tasks


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a key's requests in the running window; `reset` in seconds."""

    limit: int
    remaining: int
    reset: int
    window: int


class KeyRequest(HttpRequest):
    """A request as endpoints behind ApiKeyAuth get it."""

    auth: ApiKey
    allowance: Allowance
    request_id: str


class ApiKeyAuth(HttpBearer):
    """`request.auth` is the ApiKey; `request.allowance` what the RateLimit headers say."""

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    async def __call__(self, request: HttpRequest) -> ApiKey:  # type: ignore[override]
        return await self.authenticate(request, request.headers.get("Authorization", ""))

    async def authenticate(self, request: Any, token: str) -> ApiKey:
        key = _known(request) or await authenticate(token)
        request.auth, request.allowance = key, await count_request(key)
        if request.allowance.remaining < 0:
            raise RateLimited(request.allowance.reset)
        if self.scope is not None:
            check_scope(key, self.scope)
        elif page_tickets.is_ticket(_presented(token)):
            raise NotAuthenticated  # what is open to every key is not open to a page
        if api_keys.use_is_due(key):
            task = asyncio.create_task(api_keys.note_use(key))  # off the hot path
            _noting.add(task)
            task.add_done_callback(_noting.discard)
        return key


def remember(scope: MutableMapping[str, Any], key: ApiKey) -> None:
    """For the view behind a middleware that has authenticated the request already."""
    scope[_SCOPE_KEY] = key, time.monotonic()


def _known(request: HttpRequest) -> ApiKey | None:
    """Only for a moment: a key that was revoked while its upload arrived opens nothing any more."""
    key, at = getattr(request, "scope", {}).get(_SCOPE_KEY, (None, 0.0))
    return key if time.monotonic() - at < REMEMBERED_SECONDS else None


async def authenticate(authorization: str) -> ApiKey:
    """The key behind an Authorization header. Raises NotAuthenticated, and never says why."""
    presented = _presented(authorization)
    if page_tickets.is_ticket(presented):
        key = await page_tickets.afind_key(presented)
    else:
        key = await api_keys.afind_key(presented)
    if key is None:
        raise NotAuthenticated
    return key


def _presented(authorization: str) -> str:
    """What follows `Bearer`; nothing of any other scheme."""
    scheme, _, presented = authorization.partition(" ")
    return presented.strip() if scheme.lower() == "bearer" else ""


async def count_request(key: ApiKey) -> Allowance:
    counted = request_count(key)
    (before,) = await counts.take([counted])
    return allowance_after(before)


def request_count(key: ApiKey) -> Count:
    """A fixed window per key."""
    window = settings.RATE_LIMIT_WINDOW_SECONDS
    return Count(f"requests:{key.pk}:{int(time.time()) // window}", 1, 2 * window)


def allowance_after(before: int) -> Allowance:
    """What is left behind a request before which so many came."""
    limit, window = settings.RATE_LIMIT_REQUESTS, settings.RATE_LIMIT_WINDOW_SECONDS
    reset = window - int(time.time()) % window
    return Allowance(limit=limit, remaining=limit - before - 1, reset=reset, window=window)


def check_scope(key: ApiKey, scope: Scope) -> None:
    if scope not in key.scopes:
        raise ScopeMissing(scope)
