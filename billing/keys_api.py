"""/v1/keys: parse, call one verb, render. Here, and not a floor below, because a key has credits and a cap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from accounts import api_keys, once
from accounts.answers import IdempotencyKey, render_time
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.errors import ScopeMissing
from accounts.models import ApiKey, Scope
from accounts.paging import read_page
from billing import keys
from billing.errors import KeyRefused, PlaintextNotKept
from billing.pricing import format_credits, parse_credits
from billing.windows import Moment

router = Router(tags=["Keys"])
AUTH = ApiKeyAuth(Scope.KEYS_WRITE)
Name = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Credits = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
KeyId = Annotated[str, Field(max_length=32, pattern=r"^key_[0-9a-z]{26}$")]
GRACES = Literal[0, 60, 900, 3600, 21600, 86400]
Made = tuple[ApiKey, str]


class KeyIn(Schema):
    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    mode: Literal["live", "test"] = "live"
    scopes: list[Scope] | None = Field(
        None, min_length=1, description="The calling key's if left out; never more than it has."
    )
    expires_at: Moment | None = None
    pays_from: KeyId | None = Field(None, description="Another live key of yours whose credits it spends.")
    spending_cap: Credits | None = Field(None, description="Credits in a calendar month (UTC).")


class KeyChange(Schema):
    """What is left out stays as it is; null takes an expiry or a cap away."""

    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    scopes: list[Scope] = Field(default=[], min_length=1)
    expires_at: Moment | None = None
    spending_cap: Credits | None = None


class RerollIn(Schema):
    model_config = ConfigDict(extra="forbid")

    grace_seconds: GRACES = Field(0, description="How long the old plaintext goes on working.")


class ManagedKeyOut(Schema):
    id: str
    masked: str
    name: str
    mode: str
    scopes: list[str]
    pays_from: str | None
    credits: str = Field(description="Free to spend; of the key it pays from.")
    spent_this_month: str
    spending_cap: str | None
    created_at: str
    last_used_at: str | None
    expires_at: str | None


class NewKeyOut(ManagedKeyOut):
    plaintext: str = Field(description="Here, and never again.")


class KeyList(Schema):
    data: list[ManagedKeyOut]
    next_cursor: str | None = None


@router.get("/keys", response=KeyList, auth=AUTH, summary="Your keys, newest first")
async def list_keys(
    request: KeyRequest,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(pattern=r"^key_[0-9a-z]{26}$")] = None,
) -> dict[str, Any]:
    mine = ApiKey.objects.usable().owned_by(request.auth.user)
    some, following = await read_page(mine, limit=limit, cursor=cursor)
    return {"data": await sync_to_async(_render_all)(some), "next_cursor": following}


@router.post("/keys", response={201: NewKeyOut}, auth=AUTH, summary="Create a key: its plaintext is shown once")
async def create_key(request: KeyRequest, body: KeyIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """A repetition under its Idempotency-Key makes no other key, and is told `answer_not_kept`."""

    def create() -> Made:
        _check_mode(request, body.mode)
        return keys.open_key(
            request.auth.user,
            mode=body.mode,
            name=body.name,
            scopes=_allowed(request, body.scopes),
            expires_at=body.expires_at,
            payer=_find(request, body.pays_from) if body.pays_from else None,
            cap=_cap(body.spending_cap),
        )

    asked = {"route": "POST /v1/keys", "asked": body.model_dump_json()}
    told = await sync_to_async(_show_once)(request, idempotency_key, create, **asked)
    response = JsonResponse(told, status=201)
    response["Location"] = f"/v1/keys/{told['id']}"
    return response


@router.get("/keys/{key_id}", response=ManagedKeyOut, auth=AUTH, summary="One key")
async def get_key(request: KeyRequest, key_id: str) -> dict[str, Any]:
    return await sync_to_async(lambda: _render(_find(request, key_id)))()


@router.patch("/keys/{key_id}", response=ManagedKeyOut, auth=AUTH, summary="Change its name, scopes, expiry or cap")
async def change_key(request: KeyRequest, key_id: str, body: KeyChange) -> dict[str, Any]:
    @transaction.atomic
    def change() -> dict[str, Any]:
        key, said = _find_to_change(request, key_id), body.model_fields_set
        if "name" in said:
            key.name = body.name
        if "scopes" in said:
            key.scopes = _allowed(request, body.scopes)
        if "expires_at" in said:
            key.expires_at = keys.check_expiry(body.expires_at)
        key.save(update_fields=said & {"name", "scopes", "expires_at"})
        if "spending_cap" in said:
            keys.set_cap(key, _cap(body.spending_cap))
        return _render(key)

    return await sync_to_async(change)()


@router.delete("/keys/{key_id}", response={204: None}, auth=AUTH, summary="Revoke it, at once and for good")
async def delete_key(request: KeyRequest, key_id: str) -> HttpResponse:
    """Any key with keys:write may end any of its mode, also one that may more: who finds a leak should not wait."""

    def revoke() -> None:
        key = _find(request, key_id)
        _check_mode(request, key.mode)
        api_keys.revoke_key(key)

    await sync_to_async(revoke)()
    return HttpResponse(status=204)


@router.post("/keys/{key_id}/reroll", response=NewKeyOut, auth=AUTH, summary="A new plaintext for the same key")
async def reroll_key(
    request: KeyRequest, key_id: str, body: RerollIn, idempotency_key: IdempotencyKey = None
) -> dict[str, Any]:
    """Its id, limits, credits and permissions stay. The old plaintext works until the grace is over.

    A repetition under its Idempotency-Key does not reroll again, and is told `answer_not_kept`.
    """

    def reroll() -> Made:
        key = _find_to_change(request, key_id)
        return key, api_keys.reroll_key(key, grace=timedelta(seconds=body.grace_seconds))

    asked = {"route": "POST /v1/keys/reroll", "asked": f"{key_id} {body.model_dump_json()}"}
    return await sync_to_async(_show_once)(request, idempotency_key, reroll, **asked)


def _show_once(
    request: KeyRequest, idempotency_key: str | None, make: Callable[[], Made], *, route: str, asked: str
) -> dict[str, Any]:
    """Raises PlaintextNotKept for a repetition: the memory of a request holds no more than the key's id."""
    shown = []

    def carry_out() -> str:
        key, plaintext = make()
        shown.append(plaintext)
        return key.pk

    key_id, replayed = once.carry_out(request.auth, idempotency_key, carry_out, route=route, asked=asked)
    if replayed:
        raise PlaintextNotKept(key_id)
    return _render(ApiKey.objects.get(pk=key_id)) | {"plaintext": shown[0]}


def _find(request: KeyRequest, key_id: str) -> ApiKey:
    return get_object_or_404(ApiKey.objects.usable().owned_by(request.auth.user), pk=key_id)


def _find_to_change(request: KeyRequest, key_id: str) -> ApiKey:
    """Not one that may more than the caller: its new plaintext would give the caller what it has not."""
    key = _find(request, key_id)
    _check_mode(request, key.mode)
    _check_scopes(request, key.scopes)
    return key


def _check_mode(request: KeyRequest, mode: str) -> None:
    """A test key stands in code and in pipelines: it opens no way to a live one. Raises KeyRefused."""
    if request.auth.is_test and mode != ApiKey.Mode.TEST:
        raise KeyRefused("A test key manages test keys only.")


def _check_scopes(request: KeyRequest, scopes: Sequence[str]) -> None:
    """Nobody gives what they do not have. Raises ScopeMissing."""
    for scope in scopes:
        if scope not in request.auth.scopes:
            raise ScopeMissing(scope)


def _allowed(request: KeyRequest, scopes: list[Scope] | None) -> list[str]:
    wanted = request.auth.scopes if scopes is None else [str(scope) for scope in scopes]
    _check_scopes(request, wanted)
    return list(dict.fromkeys(wanted))


def _cap(credits: str | None) -> int | None:
    return None if credits is None else parse_credits(credits)


def _render(key: ApiKey) -> dict[str, Any]:
    return _render_all([key])[0]


def _render_all(some: Sequence[ApiKey]) -> list[dict[str, Any]]:
    money = keys.weigh(some)
    return [
        {
            "id": key.pk,
            "masked": key.masked,
            "name": key.name,
            "mode": key.mode,
            "scopes": key.scopes,
            "pays_from": key.pays_from_id,
            "credits": format_credits(money[key.pk].available),
            "spent_this_month": format_credits(money[key.pk].spent),
            "spending_cap": None if (cap := money[key.pk].cap) is None else format_credits(cap),
            "created_at": render_time(key.created_at),
            "last_used_at": render_time(key.last_used_at),
            "expires_at": render_time(key.expires_at),
        }
        for key in some
    ]
