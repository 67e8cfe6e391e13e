"""Requests to addresses that strangers name: public, https, and connected to exactly what was checked.

The name is resolved once, by us; every address it has must be public; the connection goes to one of those,
while the certificate is still checked against the name. Redirects are followed by us, each checked alike.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache, partial

import certifi
import httpx
from django.conf import settings

from accounts.errors import AddressFailed, AddressRefused

MAX_URL = 2048
RESOLVE_SECONDS, CONNECT_SECONDS = 5.0, 10.0
GLANCE_SECONDS = 2.0  # for a name that is only being noted down
MOST_ADDRESSES = 3  # of one name, tried in turn
LEAST_PORT = 1024  # besides the port of https itself: nothing that speaks to machines
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
# Global by the registry, or to older versions of ipaddress, and yet not for us.
NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; Oracle's instance metadata
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # Azure's host, as its guests see it
        "2001::/23",  # Teredo and other carriers
        "2002::/16",  # 6to4: an IPv4 address inside, whose network we cannot judge
        "3fff::/20",  # documentation
    )
]
NAME = re.compile(r"[a-z0-9._-]+")
NUMERIC = re.compile(r"(0x[0-9a-f]*|\d+)", re.IGNORECASE)
# Not the event loop's own threads: a name server that never answers must not hold up what they do.
_resolvers = ThreadPoolExecutor(16, "resolver")


def check_address(url: str) -> None:
    """The address as it is written, without asking anybody. Raises AddressRefused."""
    _parse(url)


async def check_public(url: str) -> None:
    """What its name leads to by now, if anywhere; each request checks it again. Raises AddressRefused."""
    try:
        async with asyncio.timeout(GLANCE_SECONDS):
            await _resolve(_parse(url))
    except (AddressFailed, TimeoutError):
        return  # a name may be noted before it exists


@asynccontextmanager
async def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    seconds: float,
    redirects: int = 0,
) -> AsyncIterator[httpx.Response]:
    """The answer, its body not read yet. `seconds` is for all of it. Raises AddressRefused and AddressFailed."""
    limits = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
    try:
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(verify=_trust(), trust_env=False, timeout=limits, follow_redirects=False) as client,
        ):
            response = await _send(client, method, url, headers, content)
            for _ in range(redirects):
                if not response.has_redirect_location:
                    break
                await response.aclose()
                url = _next_address(url, response.headers["location"])
                if response.status_code == 303:
                    method, content = "GET", None
                response = await _send(client, method, url, headers, content)
            try:
                yield response
            finally:
                await response.aclose()
    except (httpx.HTTPError, TimeoutError):
        raise AddressFailed from None


async def _send(
    client: httpx.AsyncClient, method: str, url: str, headers: Mapping[str, str] | None, content: bytes | None
) -> httpx.Response:
    """To the first address of the name that lets us in."""
    asked = _parse(url)
    name = asked.raw_host.decode().rstrip(".")
    for address in await _resolve(asked):
        sent = client.build_request(
            method,
            asked.copy_with(host=address),
            headers={**(headers or {}), "Host": asked.netloc.decode()},
            content=content,
            extensions={"sni_hostname": name},
        )
        try:
            return await client.send(sent, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue  # nothing was said yet, so the next may be asked
        except (ValueError, OSError):
            break  # a name or an answer that some library below chokes on
    raise AddressFailed


def _next_address(url: str, location: str) -> str:
    """Where a redirect leads. Never from https back to http."""
    try:
        here, there = httpx.URL(url), httpx.URL(url).join(location)
    except (httpx.InvalidURL, ValueError):
        raise AddressFailed from None
    if here.scheme == "https" and there.scheme != "https":
        raise AddressRefused
    return str(there)


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise AddressRefused from None
    if len(url) > MAX_URL or not parsed.host or parsed.userinfo or parsed.scheme not in {"http", "https"}:
        raise AddressRefused
    if not _is_trusted(parsed):
        _check_stranger(parsed)
    return parsed


def _check_stranger(url: httpx.URL) -> None:
    port = _port(url)
    if url.scheme != "https" or not (port == 443 or LEAST_PORT <= port < 2**16):
        raise AddressRefused
    try:
        if not _is_public(ipaddress.ip_address(url.host)):
            raise AddressRefused
    except ValueError:
        # Octal, hexadecimal and short forms of IPv4, which a resolver would take for numbers.
        name = url.raw_host.decode()
        if not NAME.fullmatch(name) or NUMERIC.fullmatch(name.rstrip(".").rpartition(".")[2]):
            raise AddressRefused from None


def _is_trusted(url: httpx.URL) -> bool:
    return bool({url.host, f"{url.host}:{_port(url)}"} & set(settings.OUTBOUND_TRUSTED_HOSTS))


def _port(url: httpx.URL) -> int:
    return url.port if url.port is not None else (443 if url.scheme == "https" else 80)


async def _resolve(url: httpx.URL) -> list[str]:
    """The addresses of the name, after all of them were found to be public."""
    ask = partial(socket.getaddrinfo, url.raw_host, _port(url), type=socket.SOCK_STREAM)
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await asyncio.get_running_loop().run_in_executor(_resolvers, ask)
    except (OSError, UnicodeError, TimeoutError):
        raise AddressFailed from None
    addresses = [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found]
    if not _is_trusted(url) and not all(_is_public(address) for address in addresses):
        raise AddressRefused
    return [str(address) for address in addresses[:MOST_ADDRESSES]]


def _is_public(address: IPAddress) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return _is_public(address.ipv4_mapped)
        if address not in GLOBAL_IPV6:
            return False
    if any(address in network for network in NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@cache
def _trust() -> ssl.SSLContext:
    """The system's authorities and the usual ones, or just those of SSL_CERT_FILE; loading takes a while, so once."""
    context = ssl.create_default_context()
    if "SSL_CERT_FILE" not in os.environ:
        context.load_verify_locations(certifi.where())
    return context
