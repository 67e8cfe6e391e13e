"""One POST to a server that speaks OpenAI's wire format, and what comes back of it: bytes, or an error of ours.

Errors are raised outside of `except`: aiohttp's own hold addresses and pieces of bodies, and would be their context.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import lru_cache
from time import monotonic
from typing import Any

import aiohttp
import orjson
from multidict import CIMultiDict
from yarl import URL

from routing.contracts import Endpoint
from routing.errors import BadCompletion, StreamCut, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from routing.providers.failures import from_status
from routing.providers.transport import keep, open_session

LARGEST_ANSWER = 32 * 1024 * 1024
LARGEST_ERROR = 64 * 1024
ERROR_SECONDS = 1.0  # for the body of an error, of which little is needed
DRAIN_SECONDS = 0.05  # for the end of a stream whose last event has come
# A kept connection that the server has closed meanwhile fails at once: nothing was read of the request.
STALE_SECONDS = 0.5


def encode(body: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # a whole number past 64 bits, half a surrogate pair: JSON has them, orjson does not
        pass
    return json.dumps(body).encode()


async def post(endpoint: Endpoint, body: bytes) -> aiohttp.ClientResponse:
    """The response of a server that agreed. Whoever takes it reads it to its end, or closes it."""
    provider = endpoint.provider
    failure: UpstreamError
    try:
        response = await _send(endpoint, body)
    except aiohttp.ServerTimeoutError:
        failure = UpstreamTimeout(provider)
    except (aiohttp.ClientError, OSError, ValueError):
        failure = UpstreamUnavailable(provider)
    else:
        if response.status == 200:
            return response
        failure = from_status(provider, response.status, response.headers, await _read_error(response))
    raise failure


async def read_answer(provider: str, response: aiohttp.ClientResponse) -> bytes:
    failure: UpstreamError
    try:
        return await _read_up_to(LARGEST_ANSWER, response)
    except (aiohttp.ClientError, OSError):
        failure = UpstreamUnavailable(provider)
    except ValueError:
        failure = BadCompletion(provider)
    finally:
        response.close()  # of an answer read to its end, the connection has gone back to the pool already
    raise failure


async def read_piece(provider: str, response: aiohttp.ClientResponse, *, until: float | None, delivered: bool) -> bytes:
    """What has arrived of a stream, at least a byte; none at its end. `until`: on the clock of the event loop."""
    try:
        async with asyncio.timeout_at(until):
            return await response.content.readany()
    except (aiohttp.ClientError, OSError):  # TimeoutError is an OSError
        pass
    raise StreamCut(provider, delivered=delivered)


async def end_stream(response: aiohttp.ClientResponse, *, whole: bool) -> None:
    """Close the connection at once, unless the stream is whole: then it is kept for the next request."""
    try:
        if whole and not response.content.at_eof():
            async with asyncio.timeout(DRAIN_SECONDS):
                await response.content.readany()
    except (aiohttp.ClientError, OSError):
        pass  # the answer is whole: that its connection is not kept is nobody's loss
    finally:
        response.close()


async def _send(endpoint: Endpoint, body: bytes) -> aiohttp.ClientResponse:
    session = await keep("openai_compatible", open_session)
    url, headers = _address(endpoint.base_url, endpoint.api_key)
    started = monotonic()
    try:
        return await session.post(url, data=body, headers=headers, allow_redirects=False)
    except (aiohttp.ServerDisconnectedError, ConnectionResetError):
        if monotonic() - started > STALE_SECONDS:
            raise
    return await session.post(url, data=body, headers=headers, allow_redirects=False)


@lru_cache(maxsize=64)
def _address(base_url: str, api_key: str) -> tuple[URL, CIMultiDict[str]]:
    headers = CIMultiDict({"Content-Type": "application/json"})
    if api_key:  # a server of one's own may want none
        headers["Authorization"] = f"Bearer {api_key}"
    return URL(f"{base_url.rstrip('/')}/chat/completions"), headers


async def _read_error(response: aiohttp.ClientResponse) -> bytes:
    try:
        async with asyncio.timeout(ERROR_SECONDS):
            return await _read_up_to(LARGEST_ERROR, response)
    except (aiohttp.ClientError, OSError, ValueError):
        return b""
    finally:
        response.close()


async def _read_up_to(limit: int, response: aiohttp.ClientResponse) -> bytes:
    pieces = []
    left = limit
    while piece := await response.content.readany():
        left -= len(piece)
        if left < 0:
            raise ValueError
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
