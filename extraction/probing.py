"""A first look at an upload, in a process of its own: the web server never decodes what strangers send."""

from __future__ import annotations

import asyncio

from asgiref.sync import sync_to_async

from extraction import spool
from extraction.engines.process import EngineProcess
from extraction.media.facts import MediaFacts

_prober: tuple[asyncio.AbstractEventLoop, EngineProcess] | None = None


async def probe(media: spool.Spooled) -> MediaFacts:
    """What it really is, and how long. Raises MediaError for what we cannot or will not read."""
    content = await sync_to_async(spool.read, thread_sensitive=False)(media.spool_id, media.key)
    return await prober().probe(content)


def prober() -> EngineProcess:
    """This web process's child for first looks, started at the first use."""
    global _prober
    loop = asyncio.get_running_loop()
    if _prober is None or _prober[0] is not loop:
        _prober = loop, EngineProcess("probe", threads=1)
    return _prober[1]
