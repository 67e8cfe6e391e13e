"""/v1/keys: parse, call one verb, render. Here, and not a floor below, because a key has credits and a cap."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime, ConfigDict, Field

from accounts import api_keys
from accounts.answers import render_time
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.errors import ScopeMissing
from accounts.models import ApiKey, Scope
from billing import spending
from billing.errors import KeyRefused
from billing.models import SpendingCap, Wallet
from billing.pricing import format_credits, parse_credits

router = Router(tags=["Keys"])
AUTH = ApiKeyAuth(Scope.KEYS_WRITE)
Name = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Credits = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
KeyId = Annotated[str, Field(max_length=32, pattern=r"^key_[0-9a-z]{26}$")]
GRACES = Literal[0, 60, 900, 3600, 21600, 86400]


class KeyIn(Schema):
    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    mode: Literal["live", "test"] = "live"
    scopes: list[Scope] | None = Field(None, description="The calling key's if left out; never more than it has.")
    expires_at: AwareDatetime | None = None
    pays_from: KeyId | None = Field(None, description="Another live key of yours whose credits it spends.")
    spending_cap: Credits | None = Field(None, description="Credits in a calendar month (UTC).")


class KeyChange(Schema):
    """What is left out stays as it is; null takes an expiry or a cap away."""

    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    scopes: list[Scope] = []
    expires_at: AwareDatetime | None = None
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


@router.get("/keys", response=KeyList, auth=AUTH, summary="Your keys, newest first")
async def list_keys(request: KeyRequest) -> dict[str, Any]:
    def read() -> list[dict[str, Any]]:
        return [_render(key) for key in ApiKey.objects.usable().owned_by(request.auth.user).order_by("-pk")]

    return {"data": await sync_to_async(read)()}


@router.post("/keys", response={201: NewKeyOut}, auth=AUTH, summary="Create a key: its plaintext is shown once")
async def create_key(request: KeyRequest, body: KeyIn) -> HttpResponse:
    """Idempotency-Key is not honoured here: a repetition could not be answered, as no plaintext is kept."""

    @transaction.atomic
    def create() -> dict[str, Any]:
        scopes = _allowed(request, body.scopes)
        payer = _payer(request, body)
        key, plaintext = api_keys.create_key(
            request.auth.user, mode=body.mode, name=body.name, scopes=scopes, expires_at=_future(body.expires_at)
        )
        if payer is not None:
            ApiKey.objects.filter(pk=key.pk).update(pays_from=payer)
            key.pays_from_id = payer.pk
        _set_cap(key, body.spending_cap)
        return _render(key) | {"plaintext": plaintext}

    told = await sync_to_async(create)()
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
        key, said = _find(request, key_id), body.model_fields_set
        if "name" in said:
            key.name = body.name
        if "scopes" in said:
            key.scopes = _allowed(request, body.scopes)
        if "expires_at" in said:
            key.expires_at = _future(body.expires_at)
        key.save(update_fields=["name", "scopes", "expires_at"])
        if "spending_cap" in said:
            _set_cap(key, body.spending_cap)
        return _render(key)

    return await sync_to_async(change)()


@router.delete("/keys/{key_id}", response={204: None}, auth=AUTH, summary="Revoke it, at once and for good")
async def delete_key(request: KeyRequest, key_id: str) -> HttpResponse:
    await sync_to_async(lambda: api_keys.revoke_key(_find(request, key_id)))()
    return HttpResponse(status=204)


@router.post("/keys/{key_id}/reroll", response=NewKeyOut, auth=AUTH, summary="A new plaintext for the same key")
async def reroll_key(request: KeyRequest, key_id: str, body: RerollIn) -> dict[str, Any]:
    """Its id, limits, credits and permissions stay. The old plaintext works until the grace is over."""

    def reroll() -> dict[str, Any]:
        key = _find(request, key_id)
        plaintext = api_keys.reroll_key(key, grace=timedelta(seconds=body.grace_seconds))
        key.refresh_from_db()
        return _render(key) | {"plaintext": plaintext}

    return await sync_to_async(reroll)()


def _find(request: KeyRequest, key_id: str) -> ApiKey:
    return get_object_or_404(ApiKey.objects.usable().owned_by(request.auth.user), pk=key_id)


def _allowed(request: KeyRequest, scopes: list[Scope] | None) -> list[str]:
    """Nobody gives what they do not have. Raises ScopeMissing."""
    wanted = [str(scope) for scope in scopes] if scopes else request.auth.scopes
    for scope in wanted:
        if scope not in request.auth.scopes:
            raise ScopeMissing(Scope(scope))
    return list(dict.fromkeys(wanted))


def _payer(request: KeyRequest, body: KeyIn) -> ApiKey | None:
    """Raises KeyRefused: no test keys, and no chains."""
    if body.pays_from is None:
        return None
    payer = ApiKey.objects.usable().owned_by(request.auth.user).filter(pk=body.pays_from).first()
    if payer is None:
        raise Http404
    if body.mode != ApiKey.Mode.LIVE or payer.is_test or payer.pays_from_id:
        raise KeyRefused("A live key can pay from another live key that has credits of its own.")
    return payer


def _future(moment: datetime | None) -> datetime | None:
    if moment is not None and moment <= timezone.now():
        raise KeyRefused("A key cannot have expired before it is made: expires_at lies ahead.")
    return moment


def _set_cap(key: ApiKey, credits: str | None) -> None:
    if credits is None:
        SpendingCap.objects.filter(api_key=key).delete()
    else:
        SpendingCap.objects.update_or_create(api_key=key, defaults={"credits": parse_credits(credits)})


def _render(key: ApiKey) -> dict[str, Any]:
    payer_id = key.pays_from_id or key.pk
    available = Wallet.objects.filter(api_key_id=payer_id).values_list("available", flat=True).first() or 0
    cap = SpendingCap.objects.filter(api_key=key).values_list("credits", flat=True).first()
    return {
        "id": key.pk,
        "masked": key.masked,
        "name": key.name,
        "mode": key.mode,
        "scopes": key.scopes,
        "pays_from": key.pays_from_id,
        "credits": format_credits(available),
        "spent_this_month": format_credits(spending.spent(key.pk, timezone.now())),
        "spending_cap": None if cap is None else format_credits(cap),
        "created_at": render_time(key.created_at),
        "last_used_at": render_time(key.last_used_at),
        "expires_at": render_time(key.expires_at),
    }
