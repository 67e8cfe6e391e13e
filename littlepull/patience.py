"""A question to the database from who must answer soon, whether or not it does: a probe, a monitor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import connection

SECONDS = 3.0  # less than probes and monitors wait for us, and than a connection is waited for elsewhere
Answer = TypeVar("Answer")


async def ask_soon(question: Callable[[], Answer]) -> Answer:
    """In a thread and on a connection of its own. Raises TimeoutError; the thread then ends when it ends."""

    def ask() -> Answer:
        try:
            return question()
        finally:
            connection.close()

    return await asyncio.wait_for(sync_to_async(ask, thread_sensitive=False)(), SECONDS)
