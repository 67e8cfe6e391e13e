"""What a worker does beside its jobs, again and again; and what of it is the accounts'."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from django.db import DatabaseError

from accounts.audit import sign_head
from accounts.off_loop import off_loop

log = logging.getLogger(__name__)
EVERY_MINUTE = 60.0
EVERY_HOUR = 3600.0


async def keep_forever() -> None:
    await repeat(EVERY_HOUR, sign_head)


async def repeat(seconds: float, chore: Callable[[], object], *, after: float = 0.0) -> None:
    """`after`: for what is heavy, since a worker that has just started has media to read."""
    await asyncio.sleep(after)
    while True:
        await _carry_out(chore)
        await asyncio.sleep(seconds)


async def _carry_out(chore: Callable[[], object]) -> None:
    """One that fails is done again at its next turn: it must not end the worker."""
    try:
        await off_loop(chore)
    except (DatabaseError, OSError) as error:
        log.warning("%s will be tried again: %s", chore.__name__, type(error).__name__)
