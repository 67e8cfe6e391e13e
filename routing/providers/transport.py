"""Connections to providers: one pool for each event loop, closed with it. One place decides about sockets.

No proxy is taken from the environment and no redirect is followed: a prompt goes to the
host that was configured, and nowhere else.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import AbstractAsyncContextManager
from functools import lru_cache
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

import aiohttp
import httpx2

# The router's own deadline ends a slow answer; only a host that cannot be reached is given up on earlier.
CONNECT_SECONDS = 5.0
TIMEOUT = httpx2.Timeout(None, connect=CONNECT_SECONDS)
KEEP_ALIVE_SECONDS = 30.0
DNS_SECONDS = 60
IDLE_CONNECTIONS = 256

Kept = TypeVar("Kept")
_kept: WeakKeyDictionary[
    asyncio.AbstractEventLoop, dict[Hashable, tuple[AsyncGenerator[Any, None], asyncio.Future[Any]]]
]
_kept = WeakKeyDictionary()


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """20 ms to build, so it is shared."""
    return httpx2.create_ssl_context()


async def keep(key: Hashable, open_one: Callable[[], AbstractAsyncContextManager[Kept]]) -> Kept:
    """The one under this key of the running event loop; whoever comes while it is being opened waits for the same.

    It lives inside an asynchronous generator, because that is what a loop ends before it closes.
    """
    kept = _kept.setdefault(asyncio.get_running_loop(), {})
    if key not in kept:
        holder = _hold(kept, key, open_one)
        kept[key] = (holder, asyncio.ensure_future(anext(holder)))
    opened = cast("asyncio.Future[Kept]", kept[key][1])
    if opened.done() and opened.exception() is None:
        return opened.result()
    try:
        return await asyncio.shield(opened)  # one who gives up waiting does not end it for the others
    except Exception:
        kept.pop(key, None)  # the next one tries again
        raise


async def _hold(
    kept: dict[Hashable, Any], key: Hashable, open_one: Callable[[], AbstractAsyncContextManager[Kept]]
) -> AsyncGenerator[Kept, None]:
    async with open_one() as one:
        try:
            yield one
        finally:
            kept.pop(key, None)


async def close_connections() -> None:
    """Close all that the running event loop holds open, as it does itself when it ends."""
    for holder, _ in list(_kept.get(asyncio.get_running_loop(), {}).values()):
        await holder.aclose()


def open_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            ssl=tls_context(),
            limit=0,  # the gateway limits how much is under way; a queue in here would be seen by nobody
            ttl_dns_cache=DNS_SECONDS,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
        ),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        # Compressed events would come in clumps, and bytes are to be passed on as they are.
        headers={"Accept-Encoding": "identity", "User-Agent": "littlepull"},
    )


def open_client() -> httpx2.AsyncClient:
    """The client that Anthropic's SDK is given."""
    return httpx2.AsyncClient(
        verify=tls_context(),
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
        limits=httpx2.Limits(
            max_connections=None,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
        ),
    )
