"""The public page of how the product is doing, and the same as JSON. Nobody else's word is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone

from littlepull.portal.job_words import duration_words
from littlepull.site.showing import show
from littlepull.site.status_days import Day, last_days
from littlepull.site.status_parts import FLOOR, Part, State, judge_providers, look, unanswered, worst
from littlepull.site.status_words import describe, headline
from littlepull.usage import Half
from routing import catalogue, vitals

KEPT_SECONDS = 10.0
_lock = Lock()
_held: tuple[float, Snapshot] | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`days`: None where the database does not answer."""

    seen_at: datetime
    parts: tuple[Part, ...]
    providers: tuple[Part, ...] = ()
    days: Mapping[Half, list[Day]] | None = None

    @property
    def state(self) -> State:
        return worst((*self.parts, *self.providers))


async def status_page(request: HttpRequest) -> HttpResponse:
    told = await take()
    response = await show(request, "site/status.html", _render(told))
    if response["Cache-Control"].startswith("public"):
        response["Cache-Control"] = f"public, max-age={int(KEPT_SECONDS)}"
    return response


async def status_json(request: HttpRequest) -> JsonResponse:
    told = await take()
    days = told.days or {}
    body = {
        "state": told.state,
        "seen_at": told.seen_at,
        "parts": [asdict(part) for part in told.parts],
        "providers": [asdict(part) for part in told.providers],
        "floor": FLOOR,
        "days": {half: [asdict(day) for day in some] for half, some in days.items()},
    }
    response = JsonResponse(body)
    response["Cache-Control"] = f"public, max-age={int(KEPT_SECONDS)}"
    return response


async def take() -> Snapshot:
    """At most ten seconds old, but for the providers: their vitals lie in memory, and are looked at each time."""
    told = await sync_to_async(_recent)()
    if told.days is None:
        return told
    known = await catalogue.fresh()
    return replace(told, providers=tuple(judge_providers(known.live, vitals.vitals())))


def forget() -> None:
    global _held
    _held = None


def _recent() -> Snapshot:
    global _held
    with _lock:  # or everybody who comes in the moment in which it grows old would count
        if _held is None or monotonic() - _held[0] >= KEPT_SECONDS:
            _held = monotonic(), _look()
        return _held[1]


def _look() -> Snapshot:
    try:
        return Snapshot(timezone.now(), tuple(look()), days=last_days())
    except DatabaseError:
        return Snapshot(timezone.now(), tuple(unanswered()))


def _render(told: Snapshot) -> dict[str, Any]:
    return {
        "told": told,
        "headline": headline(told.state),
        "parts": [describe(part) for part in told.parts],
        "providers": [describe(part, provider=True) for part in told.providers],
        "days": [(pair[0].day, [_tell(day) for day in pair]) for pair in zip(*told.days.values(), strict=True)]
        if told.days
        else [],
        "floor": FLOOR,
        "contact": settings.CONTACT_EMAIL,
    }


def _tell(day: Day) -> tuple[float | None, str]:
    return day.succeeded, duration_words(day.median_ms) if day.median_ms is not None else ""


urlpatterns = [
    path("status", status_page, name="status"),
    path("status.json", status_json, name="status_json"),
]
