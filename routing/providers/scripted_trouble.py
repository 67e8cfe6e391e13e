"""The ways in which the scripted provider fails, each under the name of the model that is asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import orjson
from aiohttp import web

Trouble = Callable[[web.Request, bool], Awaitable[web.StreamResponse]]

WAIT_SECONDS = 2
DRIP_SECONDS = 0.2
HANG_SECONDS = 600
EVENT = (
    b'data: {"id":"chatcmpl-scripted","object":"chat.completion.chunk","created":1767225600,"model":"scripted",'
    b'"choices":[{"index":0,"delta":{"role":"assistant","content":"This is"},"finish_reason":null}]}\n\n'
)
ERROR_EVENT = b'data: {"error":{"message":"scripted","type":"server_error","code":null}}\n\n'
HALF_ANSWER = b'{"id":"chatcmpl-scripted","object":"chat.completion","choices":[{"index":0,"mess'


def _error(status: int, *, says: str | None = None, headers: Mapping[str, str] | None = None) -> web.Response:
    error = {"message": "scripted", "type": "scripted_error", "code": says, "param": None}
    body = orjson.dumps({"error": error})
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


async def _fail(request: web.Request, stream: bool, *, status: int, says: str | None = None) -> web.Response:
    return _error(status, says=says)


async def _limit(request: web.Request, stream: bool, *, headers: Mapping[str, str]) -> web.Response:
    return _error(429, says="rate_limit_exceeded", headers=headers)


async def _limit_until(request: web.Request, stream: bool) -> web.Response:
    moment = datetime.now(UTC) + timedelta(seconds=WAIT_SECONDS)
    return _error(429, headers={"retry-after": format_datetime(moment, usegmt=True)})


async def _hang(request: web.Request, stream: bool) -> web.StreamResponse:
    await asyncio.sleep(HANG_SECONDS)
    return _error(504)


async def _drop(request: web.Request, stream: bool) -> web.StreamResponse:
    """The connection ends without a word."""
    _hang_up(request)
    return web.Response()


async def _say(request: web.Request, stream: bool, *, body: bytes, kind: str = "application/json") -> web.Response:
    """With status 200, as if all were well."""
    if stream and kind == "application/json":
        return web.Response(body=b"data: " + body + b"\n\n", content_type="text/event-stream")
    return web.Response(body=body, content_type=kind)


async def _begin(request: web.Request, *, length: int | None = None) -> web.StreamResponse:
    kind = "text/event-stream" if length is None else "application/json"
    response = web.StreamResponse(headers={"content-type": kind})
    response.content_length = length
    await response.prepare(request)
    return response


async def _cut(request: web.Request, stream: bool, *, said: bytes = EVENT) -> web.StreamResponse:
    """The connection breaks in the middle of an answer."""
    response = await _begin(request, length=None if stream else 1_000)
    await response.write(said if stream else HALF_ANSWER)
    await asyncio.sleep(0.01)  # else the end may overtake the beginning
    _hang_up(request)
    return response


async def _end_early(request: web.Request, stream: bool, *, said: bytes = EVENT) -> web.StreamResponse:
    """A stream that ends in good order, but before its end."""
    if not stream:
        return _error(502)
    response = await _begin(request)
    await response.write(said)
    await response.write_eof()
    return response


async def _drip(request: web.Request, stream: bool) -> web.StreamResponse:
    """A byte now and then, and never a whole event after the first."""
    response = await _begin(request, length=None if stream else len(EVENT) * 100)
    if stream:
        await response.write(EVENT)
    for byte in EVENT * 99:
        if byte != ord("\n"):
            await response.write(bytes([byte]))
        await asyncio.sleep(DRIP_SECONDS)
    return response


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


TROUBLE: dict[str, Trouble] = {
    "refuses": partial(_fail, status=403),
    "too-long": partial(_fail, status=400, says="context_length_exceeded"),
    "fails-500": partial(_fail, status=500),
    "fails-502": partial(_fail, status=502),
    "fails-503": partial(_fail, status=503),
    "busy": partial(_limit, headers={}),
    "busy-seconds": partial(_limit, headers={"retry-after": str(WAIT_SECONDS)}),
    "busy-date": _limit_until,
    "busy-ms": partial(_limit, headers={"retry-after-ms": str(WAIT_SECONDS * 1000)}),
    "busy-azure-ms": partial(_limit, headers={"x-ms-retry-after-ms": str(WAIT_SECONDS * 1000)}),
    "busy-reset": partial(
        _limit,
        headers={
            "x-ratelimit-remaining-requests": "12",
            "x-ratelimit-reset-requests": "1m2.5s",
            "x-ratelimit-remaining-tokens": "0",
            "x-ratelimit-reset-tokens": f"{WAIT_SECONDS}s",
        },
    ),
    "hangs": _hang,
    "drops": _drop,
    "cut": _cut,
    "no-done": _end_early,
    "error-event": partial(_end_early, said=EVENT + ERROR_EVENT),
    "error-first": partial(_end_early, said=ERROR_EVENT),
    "malformed": partial(_say, body=HALF_ANSWER),
    "other-shape": partial(_say, body=b'{"answer": 42}'),
    "empty": partial(_say, body=b""),
    "html": partial(_say, body=b"<html>Bad gateway</html>", kind="text/html"),
    "drips": _drip,
}
