"""What the answers of several APIs have in common: times, and the marks of a repeated request."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import JsonResponse
from ninja import Header

from accounts import idempotency

IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", max_length=idempotency.MAX_KEY_LENGTH, min_length=1)
]


def render_time(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def mark_replayed(response: JsonResponse, replayed: bool) -> JsonResponse:
    if replayed:
        response["Idempotency-Replayed"] = "true"
    return response
