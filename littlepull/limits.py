"""Caps every body that is not an upload, while it arrives: Django would take in all of it first."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from accounts.worked_on import told_of
from littlepull.problems import PROBLEMS

Message = MutableMapping[str, Any]


class BodyTooLarge(Exception):
    pass


def bounded_bodies(application: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """ASGI middleware: past MAX_BODY_BYTES the caller gets 413 and the rest is not read."""

    async def bounded(scope: MutableMapping[str, Any], receive: Callable, send: Callable) -> None:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > settings.MAX_BODY_BYTES:
                raise BodyTooLarge
            return message

        try:
            await application(scope, counted, send)
        except BodyTooLarge:
            await _refuse(send, told_of(scope).request_id)

    return bounded


async def _refuse(send: Callable[[Message], Awaitable[None]], request_id: str) -> None:
    """Django has not begun, so this is the one problem document not made by `problem`."""
    status, title = PROBLEMS["body_too_large"]
    problem = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": f"At most {settings.MAX_BODY_BYTES} bytes.",
    }
    body = json.dumps({**problem, "code": "body_too_large", "request_id": request_id}).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
