"""Who sells model calls: a literal table, in the order in which "auto" tries them.

An adapter is a module with the three functions of `Adapter`. It is named here and not
imported, because the SDK it imports costs a second or more: see `load_adapter`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

from routing.contracts import ChatEvent, ChatReply, Completion, CompletionRequest, Endpoint


@dataclass(frozen=True, slots=True)
class Provider:
    adapter: str
    base_url: str = ""
    mapping_model: str = ""  # asked for JSON when the operator names no model; "" is never chosen by itself


OPENAI_COMPATIBLE = "routing.providers.openai_compatible"

# One's own server first, where text stays at home; then the most exact at filling a schema; then the fastest.
PROVIDERS = {
    "selfhosted": Provider(OPENAI_COMPATIBLE),
    "anthropic": Provider("routing.providers.anthropic", "https://api.anthropic.com", "claude-haiku-5-5"),
    "groq": Provider(OPENAI_COMPATIBLE, "https://api.groq.com/openai/v1", "openai/gpt-oss-120b"),
    "fireworks": Provider(
        OPENAI_COMPATIBLE, "https://api.fireworks.ai/inference/v1", "accounts/fireworks/models/gpt-oss-120b"
    ),
    "together": Provider(OPENAI_COMPATIBLE, "https://api.together.ai/v1", "openai/gpt-oss-120b"),
    # Not a vendor: the server of routing.providers.scripted, for test keys, drills and developers.
    "scripted": Provider(OPENAI_COMPATIBLE),
}


class Adapter(Protocol):
    """What an adapter module has: `complete` for mapping, the other two for the gateway.

    `body` is a request in OpenAI's shape, `model` the provider's own id. Closing the generator of
    `stream_chat`, like cancelling the others, closes the connection to the provider.
    """

    async def complete(self, endpoint: Endpoint, request: CompletionRequest) -> Completion: ...

    async def chat(self, endpoint: Endpoint, model: str, body: Mapping[str, Any]) -> ChatReply: ...

    def stream_chat(
        self, endpoint: Endpoint, model: str, body: Mapping[str, Any]
    ) -> AsyncGenerator[ChatEvent, None]: ...


_loaded: dict[str, Adapter] = {}


async def load_adapter(provider: str) -> Adapter:
    """Import the adapter and its SDK, the first time in a thread, so that the event loop goes on."""
    name = PROVIDERS[provider].adapter
    # Not sys.modules: it also holds what another thread is still importing, and would make the loop wait.
    if name not in _loaded:
        _loaded[name] = cast(Adapter, await asyncio.to_thread(import_module, name))
    return _loaded[name]
