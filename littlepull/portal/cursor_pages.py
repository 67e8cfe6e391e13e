"""Lists of the portal, newest first: ids sort by time, so the last of a page says where the next begins."""

from __future__ import annotations

import re
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

PAGE = 25
ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}")

Row = TypeVar("Row", bound=Model)


def get_owned(rows: QuerySet[Row], id: str) -> Row:
    """Unknown, foreign and impossible ids are the same 404; the last are not even asked for."""
    if not ID.fullmatch(id):
        raise Http404
    return get_object_or_404(rows, pk=id)


def read_page(rows: QuerySet[Row], request: HttpRequest, *, limit: int = PAGE) -> tuple[list[Row], str | None]:
    """The rows from the address's `cursor` on, and the cursor of older ones if there are any."""
    cursor = request.GET.get("cursor", "")
    if cursor and not ID.fullmatch(cursor):
        raise Http404
    older = rows.filter(pk__lt=cursor) if cursor else rows
    found = list(older.order_by("-pk")[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None
