"""Where an offer is reached. The script answers in this very process, where the settings name no other server of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from django.conf import settings

from routing.catalogue import REHEARSAL, Offer
from routing.configured import get_endpoint
from routing.contracts import Endpoint
from routing.providers import scripted
from routing.providers.transport import keep


async def reach(offer: Offer) -> Endpoint:
    """Raises UnknownModel for a provider that is not configured here."""
    if offer.provider == REHEARSAL and REHEARSAL not in settings.LLM_PROVIDERS:
        server = await keep("scripted", _script)
        return Endpoint(REHEARSAL, server.base_url, api_key="")
    endpoint = get_endpoint(offer.provider)
    named = settings.LLM_PROVIDERS[offer.provider].get("base_url")
    return replace(endpoint, base_url=named or offer.base_url or endpoint.base_url)


@asynccontextmanager
async def _script() -> AsyncGenerator[scripted.Server, None]:
    server = await scripted.start()
    try:
        yield server
    finally:
        await server.close()
