"""One way to ask both clients, so that every test of an operation is a test of both."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import Any

from littlepull_client import AsyncLittlePull, LittlePull
from littlepull_client.sending import Patience

COLOURS = ("blocking", "asynchronous")
HASTY = Patience(first_delay=0.02, longest_delay=0.1)
Ask = Callable[..., Any]


def asker(colour: str, url: str, key: str, *, patience: Patience = HASTY, **made_with: Any) -> Ask:
    """What is iterated over comes as a list."""

    def blocking(operation: str, *args: Any, **options: Any) -> Any:
        with LittlePull(key, base_url=url, **made_with) as client:
            client.hands.terms = replace(client.hands.terms, patience=patience)
            result = attrgetter(operation)(client)(*args, **options)
            return list(result) if inspect.isgenerator(result) else result

    async def awaiting(operation: str, *args: Any, **options: Any) -> Any:
        async with AsyncLittlePull(key, base_url=url, **made_with) as client:
            client.hands.terms = replace(client.hands.terms, patience=patience)
            result = attrgetter(operation)(client)(*args, **options)
            result = await result if inspect.iscoroutine(result) else result
            return [one async for one in result] if inspect.isasyncgen(result) else result

    return blocking if colour == "blocking" else lambda *args, **options: asyncio.run(awaiting(*args, **options))
