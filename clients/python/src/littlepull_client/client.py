"""The two clients: the same operations, blocking and asynchronous."""

from __future__ import annotations

import os
import re
from types import TracebackType
from typing import Any

import httpx

from littlepull_client import accounts, batches, extractions, gateway, receipts, schemas
from littlepull_client.awaiting import AsyncHands
from littlepull_client.binding import AsyncIterates, Awaits, Iterates, Runs
from littlepull_client.blocking import Hands
from littlepull_client.chat import AsyncChat, Chat
from littlepull_client.errors import NotConfigured
from littlepull_client.exchange import Terms
from littlepull_client.sending import Patience
from littlepull_client.version import __version__

LOCAL = "http://127.0.0.1:8000"  # where `make run` serves
USER_AGENT = f"littlepull-python/{__version__}"
PRINTABLE = re.compile(r"[\x21-\x7e]+")


class Schemas:
    """/v1/schemas"""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands

    create = Runs(schemas.create)
    update = Runs(schemas.update)
    get = Runs(schemas.get)
    list = Iterates(schemas.iterate)
    versions = Iterates(schemas.versions)
    delete = Runs(schemas.delete)
    lint = Runs(schemas.lint)


class Credits:
    """/v1/credits"""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands

    ledger = Iterates(accounts.ledger)
    transfer = Runs(accounts.transfer)


class Generations:
    """/v1/generations"""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands

    get = Runs(gateway.get_generation)
    list = Iterates(gateway.list_generations)
    feedback = Runs(gateway.give_feedback)


class LittlePull:
    """A client that blocks. It may be shared by threads; close it, or use it as a context manager."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = 30.0,
        max_retries: int = 4,
        http_client: httpx.Client | None = None,
    ) -> None:
        """`timeout`: of silence, in seconds. `http_client`: your own, for proxies and certificates; you close it."""
        self._owned = http_client is None
        self.hands = Hands(http_client or httpx.Client(), make_terms(api_key, base_url, timeout, max_retries))
        self.schemas, self.credits = Schemas(self.hands), Credits(self.hands)
        self.chat, self.generations = Chat(self.hands), Generations(self.hands)

    extract = Runs(extractions.extract)
    quote = Runs(extractions.quote)
    get = Runs(extractions.get)
    wait = Runs(extractions.wait)
    list = Iterates(extractions.iterate)
    delete = Runs(extractions.delete)
    events = Iterates(extractions.events)
    batch = Runs(batches.batch)
    get_batch = Runs(batches.get_batch)
    delete_batch = Runs(batches.delete_batch)
    batch_results = Iterates(batches.batch_results)
    account = Runs(accounts.get_account)
    usage = Runs(accounts.get_usage)
    models = Runs(gateway.list_models)
    signing_keys = Runs(receipts.get_signing_keys)
    verify_receipt = Runs(receipts.verify_published)

    def close(self) -> None:
        if self._owned:
            self.hands.http.close()

    def __enter__(self) -> LittlePull:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"LittlePull(base_url={self.hands.terms.base_url!r})"


class AsyncSchemas:
    """/v1/schemas"""

    def __init__(self, hands: AsyncHands) -> None:
        self.hands = hands

    create = Awaits(schemas.create)
    update = Awaits(schemas.update)
    get = Awaits(schemas.get)
    list = AsyncIterates(schemas.iterate)
    versions = AsyncIterates(schemas.versions)
    delete = Awaits(schemas.delete)
    lint = Awaits(schemas.lint)


class AsyncCredits:
    """/v1/credits"""

    def __init__(self, hands: AsyncHands) -> None:
        self.hands = hands

    ledger = AsyncIterates(accounts.ledger)
    transfer = Awaits(accounts.transfer)


class AsyncGenerations:
    """/v1/generations"""

    def __init__(self, hands: AsyncHands) -> None:
        self.hands = hands

    get = Awaits(gateway.get_generation)
    list = AsyncIterates(gateway.list_generations)
    feedback = Awaits(gateway.give_feedback)


class AsyncLittlePull:
    """The same, to be awaited, in one event loop."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = 30.0,
        max_retries: int = 4,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        """As of LittlePull."""
        self._owned = http_client is None
        terms = make_terms(api_key, base_url, timeout, max_retries)
        self.hands = AsyncHands(http_client or httpx.AsyncClient(), terms)
        self.schemas, self.credits = AsyncSchemas(self.hands), AsyncCredits(self.hands)
        self.chat, self.generations = AsyncChat(self.hands), AsyncGenerations(self.hands)

    extract = Awaits(extractions.extract)
    quote = Awaits(extractions.quote)
    get = Awaits(extractions.get)
    wait = Awaits(extractions.wait)
    list = AsyncIterates(extractions.iterate)
    delete = Awaits(extractions.delete)
    events = AsyncIterates(extractions.events)
    batch = Awaits(batches.batch)
    get_batch = Awaits(batches.get_batch)
    delete_batch = Awaits(batches.delete_batch)
    batch_results = AsyncIterates(batches.batch_results)
    account = Awaits(accounts.get_account)
    usage = Awaits(accounts.get_usage)
    models = Awaits(gateway.list_models)
    signing_keys = Awaits(receipts.get_signing_keys)
    verify_receipt = Awaits(receipts.verify_published)

    async def close(self) -> None:
        if self._owned:
            await self.hands.http.aclose()

    async def __aenter__(self) -> AsyncLittlePull:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncLittlePull(base_url={self.hands.terms.base_url!r})"


def fetch_signing_keys(*, base_url: str | None = None, timeout: float = 30.0) -> dict[str, Any]:
    """The keys by which destruction receipts are verified: they are public, and no API key is asked for."""
    terms = Terms(find_base_url(base_url), "", timeout, Patience(), USER_AGENT)
    with httpx.Client() as http:
        return Hands(http, terms).run(receipts.get_signing_keys())


def make_terms(api_key: str | None, base_url: str | None, timeout: float, max_retries: int) -> Terms:
    """From the arguments, or else the environment. Raises NotConfigured, and never says what the key was."""
    key = (os.environ.get("LITTLEPULL_API_KEY", "") if api_key is None else api_key).strip()
    if not key:
        raise NotConfigured("No API key: pass api_key, or set LITTLEPULL_API_KEY.")
    if not PRINTABLE.fullmatch(key):
        raise NotConfigured("The API key holds characters that no key has.")
    return Terms(find_base_url(base_url), key, timeout, Patience(retries=max_retries), USER_AGENT)


def find_base_url(given: str | None) -> str:
    """With or without /v1 at its end. Raises NotConfigured."""
    url = (given or os.environ.get("LITTLEPULL_BASE_URL") or LOCAL).strip().rstrip("/").removesuffix("/v1")
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise NotConfigured("The base URL is no URL.") from None
    if parsed.scheme not in ("https", "http") or not parsed.host or parsed.userinfo or parsed.query or parsed.fragment:
        raise NotConfigured("The base URL is like https://littlepull.example.com: no user, no query.")
    return url
