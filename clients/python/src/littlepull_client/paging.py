"""Lists of any length: one page is asked for after the other, as they are used up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from littlepull_client.flow import Emit, Flow, Request
from littlepull_client.sending import ask

PAGE = 100


def follow_pages(
    path: str, read: Callable[[dict[str, Any]], Any], *, limit: int | None = None, params: Mapping[str, Any]
) -> Flow[None]:
    """Emits every row, newest first, and at most `limit` of them."""
    left, cursor = limit, None
    while left is None or left > 0:
        wanted = {**params, "limit": min(left or PAGE, PAGE), "cursor": cursor}
        page = yield from ask(Request("GET", path, params=given(wanted)))
        for row in page["data"][:left]:
            yield Emit(read(row))
        left = None if left is None else left - len(page["data"])
        cursor = page.get("next_cursor")
        if not cursor:
            return


def given(params: Mapping[str, Any]) -> dict[str, str]:
    """Those that have a value."""
    return {name: str(value) for name, value in params.items() if value is not None}
