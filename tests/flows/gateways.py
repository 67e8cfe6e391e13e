"""A product behind whose providers stands a server of ours, and clients that know nothing of it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai

from routing.providers import scripted
from tests.server import Product

PRICED = {"input": "1", "cached_input": "0.1", "cache_write": None, "output": "4", "source": "https://example.com"}
ASKED = [{"role": "user", "content": "Translate into French: good morning"}]
MICRO = 1_000_000


@contextmanager
def scripted_provider() -> Iterator[str]:
    """Its base URL, while it runs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(scripted.start(), loop).result(10)
    try:
        yield server.base_url
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def add_models(product: Product, names: Iterable[str], *, provider: str = "groq", price: dict | None = None) -> None:
    """Rows of the catalogue, by the operator's command."""
    models = [
        {
            "id": f"{provider}/{name}",
            "upstream_id": name,
            "weights": None,
            "context_tokens": 100_000,
            "max_output_tokens": 10_000,
            "tools": True,
            "structured": True,
            "vision": True,
            "streaming": True,
            "price": price or PRICED,
            "source": "",
        }
        for name in names
    ]
    file = Path(product.folder) / "more.json"
    file.write_text(json.dumps({"read": "2026-11-23", "providers": [], "models": models, "quality": {"weights": {}}}))
    product.manage("load_catalogue", str(file))


def openai_client(product: Product, key: str, **options: Any) -> openai.OpenAI:
    http = httpx.Client(trust_env=False, timeout=30)
    return openai.OpenAI(base_url=f"{product.base_url}/v1", api_key=key, max_retries=0, http_client=http, **options)


def balance(client: httpx.Client) -> tuple[int, int]:
    credits = client.get("/v1/account").json()["credits"]
    return tuple(round(float(credits[name]) * MICRO) for name in ("available", "held"))  # type: ignore[return-value]
