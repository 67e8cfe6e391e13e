"""The playground: a file, a schema, a run, as any customer of the API makes it, from the browser.

The page calls the public API itself, with a page ticket instead of a key; neither file nor result passes through
here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import page_tickets
from accounts.models import ApiKey, User
from billing.models import Wallet
from billing.pricing import format_credits
from extraction.models import SavedSchema
from extraction.rendering import render_time
from extraction.schemas import built_in_names, find_built_in
from littlepull.portal.access import signed_in

MOST_KEYS, MOST_SCHEMAS = 100, 200  # offered; the second is all that an account keeps
FIRST_SCHEMA = "receipt"


@dataclass(frozen=True, slots=True)
class OfferedKey:
    key: ApiKey
    available: int  # micro-credits, of the key it pays from

    @property
    def label(self) -> str:
        name = self.key.name or _("Unnamed key")
        return f"{name} · {self.key.masked}"

    @property
    def exact(self) -> str:
        return format_credits(self.available)


@require_safe
@signed_in
def playground(request: HttpRequest) -> HttpResponse:
    user = _signed_in_user(request)
    saved = SavedSchema.objects.owned_by(user).order_by("name").values_list("name", flat=True)
    context = {
        "section": "playground",
        "keys": offered_keys(user),
        "built_in_schemas": _built_in(),
        "saved_schemas": list(saved[:MOST_SCHEMAS]),
        "first_schema": FIRST_SCHEMA,
        "most_megabytes": settings.MAX_UPLOAD_BYTES // (1024 * 1024),
    }
    return render(request, "portal/playground.html", context)


@require_POST
@signed_in
def ticket(request: HttpRequest) -> HttpResponse:
    """For `key`, the id of one of one's own: {token, expires_at}."""
    key = get_object_or_404(_usable(_signed_in_user(request)), pk=request.POST.get("key", ""))
    token, until = page_tickets.give_ticket(key, request.session.session_key or "")
    return JsonResponse({"token": token, "expires_at": render_time(until)})


def offered_keys(user: User) -> list[OfferedKey]:
    """Those that can run an extraction: test keys first, for they cost nothing; then those with credits; the newest."""
    keys = [key for key in _usable(user).order_by("-pk")[:MOST_KEYS] if _can_run(key)]
    free = dict(Wallet.objects.filter(api_key__in=_payers(keys)).values_list("api_key", "available"))
    offered = [OfferedKey(key, free.get(key.pays_from_id or key.pk, 0)) for key in keys]
    return sorted(offered, key=lambda one: (not one.key.is_test, one.available <= 0))


def _usable(user: User) -> Any:
    return ApiKey.objects.usable().owned_by(user).select_related("user")


def _can_run(key: ApiKey) -> bool:
    return set(page_tickets.SCOPES) <= set(key.scopes)


def _payers(keys: Iterable[ApiKey]) -> set[str]:
    return {key.pays_from_id or key.pk for key in keys}


def _built_in() -> list[tuple[str, str]]:
    """Name and title, those for pages and those for speech as they are."""
    return [(name, (find_built_in(name) or {}).get("title", name)) for name in sorted(built_in_names())]


def _signed_in_user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # what `signed_in` has made sure of
    return request.user


urlpatterns = [
    path("portal/playground", playground, name="playground"),
    path("portal/playground/ticket", ticket, name="playground_ticket"),
]
