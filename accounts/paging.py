"""Lists by cursor, newest first: ids sort by time, so the last id of a page says where the next begins."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


async def read_page(rows: QuerySet[Row], *, limit: int, cursor: str | None) -> tuple[list[Row], str | None]:
    """The rows, and the cursor of the next page if there is one."""
    older = rows.filter(pk__lt=cursor) if cursor else rows
    found = [row async for row in older.order_by("-pk")[: limit + 1]]
    return found[:limit], found[limit - 1].pk if len(found) > limit else None
