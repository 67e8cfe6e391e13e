"""The HTTP client both SDKs are given, so that one place decides about sockets.

The context for TLS costs 20 ms to build and is shared; a client costs half of one, and
lives for one call, since a pool of connections would be tied to its event loop.
"""

from __future__ import annotations

import ssl
from functools import lru_cache

import httpx2

# The router's own deadline ends a slow answer; only a host that cannot be reached is given up on earlier.
TIMEOUT = httpx2.Timeout(None, connect=5.0)


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


def open_client() -> httpx2.AsyncClient:
    """Redirects are not followed: a prompt goes to the host that was configured, and nowhere else."""
    return httpx2.AsyncClient(verify=tls_context(), timeout=TIMEOUT, follow_redirects=False)
