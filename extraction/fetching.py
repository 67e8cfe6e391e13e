"""Media by URL: fetched from where the caller says, straight into the spool, size checked as it arrives."""

from __future__ import annotations

import asyncio

from django.conf import settings

from accounts import outbound
from extraction import spool
from extraction.errors import MediaError

SECONDS = 60.0
REDIRECTS = 3


async def fetch(url: str) -> spool.Spooled:
    """Raises MediaError, and AddressRefused or AddressFailed for where we may not or cannot go."""
    # Bytes as they are: what a server compressed would grow here after it was measured.
    headers = {"Accept-Encoding": "identity"}
    async with outbound.request("GET", url, headers=headers, seconds=SECONDS, redirects=REDIRECTS) as response:
        if response.status_code != 200:
            raise MediaError("The server of this url did not answer with a file.", code="url_not_readable")
        writer = await asyncio.to_thread(spool.SpoolWriter, limit=settings.MAX_UPLOAD_BYTES)
        try:
            async for data in response.aiter_raw():
                await asyncio.to_thread(writer.write, data)
            return await asyncio.to_thread(writer.finish)
        except BaseException:
            await asyncio.to_thread(writer.abandon)
            raise
