"""Outermost around all that answers over HTTP: the request's id, its meter, and its line in the log.

What is said of a request: method, route template, status, how long it took. Never its address, which may name
something, its query, its headers, or where it came from.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from time import perf_counter
from typing import Any

from django.conf import settings
from prometheus_client import Counter, Histogram

from accounts import tracing
from accounts.meters import METERS
from accounts.worked_on import request_id, told_of

log = logging.getLogger("littlepull.access")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
PROBES = {"/healthz", "/readyz", "/metrics"}  # asked every few seconds, and worth a line when they refuse
BROKEN_OFF = 499  # its caller went away before there was an answer

REQUESTS = Histogram(
    "littlepull_http_request_seconds", "Requests, to the last byte of their answer.", ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30), registry=METERS,
)  # fmt: skip
REFUSALS = Counter("littlepull_http_refusals", "Answers from 400 on, by their number.", ["status"], registry=METERS)
_requests = cache(REQUESTS.labels)

Message = MutableMapping[str, Any]
Application = Callable[[Message, Callable, Callable], Awaitable[None]]


def observed(application: Application) -> Application:
    """ASGI middleware."""
    write_lines = settings.LOG_REQUESTS

    async def observe(scope: Message, receive: Callable, send: Callable[[Message], Awaitable[None]]) -> None:
        told = told_of(scope)
        request_id.set(told.request_id)
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        began, status = perf_counter(), BROKEN_OFF

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in METHODS else "other"
        try:
            with tracing.span(method, request_id=told.request_id) as span:
                try:
                    await application(scope, receive, noting)
                finally:
                    span.update_name(f"{method} {told.route}")
                    span.set_attribute("http.response.status_code", status)
        finally:
            _count(method, told.route, status, seconds := perf_counter() - began)
            if write_lines and (status >= 400 or not (told.recorded or told.route in PROBES)):
                _write(method, told.route, status, round(1000 * seconds))

    return observe


def _count(method: str, route: str, status: int, seconds: float) -> None:
    _requests(method, route, f"{status // 100}xx").observe(seconds)
    if status >= 400:
        REFUSALS.labels(str(status)).inc()


def _write(method: str, route: str, status: int, ms: int) -> None:
    fields = {"method": method, "route": route, "status": status, "ms": ms}
    log.info("%s %s %d in %d ms", method, route, status, ms, extra={"fields": fields})
