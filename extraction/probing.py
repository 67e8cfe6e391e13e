"""A first look at an upload, in a process of its own: the web server never decodes what strangers send."""

from __future__ import annotations

import asyncio

from asgiref.sync import sync_to_async

from extraction import spool
from extraction.engines.process import EngineProcess
from extraction.media.facts import MediaFacts

_prober: tuple[asyncio.AbstractEventLoop, EngineProcess] | None = None
_start: asyncio.Task[None] | None = None


async def probe(media: spool.Spooled, *, password: str | None = None) -> MediaFacts:
    """What it really is, and how long. Raises MediaError for what we cannot or will not read."""
    content = await sync_to_async(spool.read, thread_sensitive=False)(media.spool_id, media.key)
    return await prober().probe(content, password=password)


def is_ready() -> bool:
    """Whether a first look waits for nothing. Asking starts the process."""
    global _start
    process = prober()
    if not process.ready and (_start is None or _start.done()):
        _start = asyncio.get_running_loop().create_task(process.start())
    return process.ready


def is_confined() -> bool | None:
    """Whether the kernel keeps first looks from the network. None: not known before one was started."""
    return prober().confined


def prober() -> EngineProcess:
    """This web process's child for first looks."""
    global _prober
    loop = asyncio.get_running_loop()
    if _prober is None or _prober[0] is not loop:
        _prober = loop, EngineProcess("probe", threads=1)
    return _prober[1]
