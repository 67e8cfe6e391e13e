"""What the first request would wait for, done before it."""

from __future__ import annotations

import asyncio

from django.conf import settings

from routing import catalogue
from routing.classify import load
from routing.providers import load_adapter


async def warm() -> None:
    """Cheap from the second time on."""
    await catalogue.fresh()
    await asyncio.to_thread(load)
    for provider in settings.LLM_PROVIDERS:
        await load_adapter(provider)
