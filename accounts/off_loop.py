"""Questions to the database from code that runs on the event loop, outside of any request of Django's."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


async def off_loop(act: Callable[Arguments, Answer], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
    """In a thread of the pool, which gives its connection back afterwards: nobody else would."""

    def alone() -> Answer:
        try:
            return act(*args, **kwargs)
        finally:
            close_old_connections()

    return await sync_to_async(alone, thread_sensitive=False)()
