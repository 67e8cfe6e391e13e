"""/v1/credits: what a wallet's credits did, where they are moved, and when their owner is told."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from asgiref.sync import sync_to_async
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import AfterValidator, ConfigDict, Field, model_validator

from accounts import once
from accounts.answers import IdempotencyKey, mark_replayed, render_time
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import ApiKey, Scope
from billing import alerts, ledger, moves, statement
from billing.errors import TransferRefused
from billing.models import BalanceAlert, Transaction, Wallet
from billing.pricing import format_credits, parse_credits
from billing.windows import Window

router = Router(tags=["Credits"])
READ, WRITE = ApiKeyAuth(Scope.ACCOUNT_READ), ApiKeyAuth(Scope.KEYS_WRITE)


def _some(credits: str) -> str:
    if not parse_credits(credits):
        raise ValueError("Name more than no credits.")
    return credits


Credits = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$"), AfterValidator(_some)]
KeyId = Annotated[str, Field(max_length=32, pattern=r"^key_[0-9a-z]{26}$")]


class TransactionOut(Schema):
    id: str
    kind: str
    credits: str = Field(description="What it did to the balance, signed.")
    balance: str = Field(description="After it: free, held and frozen credits, less what is owed.")
    set_aside: str = Field(description="How much more (or less) is held and frozen through it.")
    reference: str
    note: str
    created_at: str


class LedgerOut(Schema):
    data: list[TransactionOut]
    next_cursor: str | None = None


class TransferIn(Schema):
    model_config = ConfigDict(extra="forbid")

    from_key: KeyId
    to_key: KeyId
    credits: Credits


class TransferOut(Schema):
    id: str
    from_key: str
    to_key: str
    credits: str
    created_at: str


class AlertIn(Schema):
    model_config = ConfigDict(extra="forbid")

    credits: Credits | None = None
    percent: Annotated[int, Field(ge=1, le=100)] | None = Field(None, description="Of what came in last.")

    @model_validator(mode="after")
    def one_threshold(self) -> AlertIn:
        if (self.credits is None) == (self.percent is None):
            raise ValueError("Name credits or percent, and not both.")
        return self


class AlertOut(Schema):
    id: str
    credits: str | None
    percent: int | None
    told_at: str | None
    created_at: str


class AlertList(Schema):
    data: list[AlertOut]


@router.get("/credits/ledger", response=LedgerOut, auth=READ, summary="What this key's credits did, newest first")
async def get_ledger(
    request: KeyRequest,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(pattern=r"^txn_[0-9a-z]{26}$")] = None,
) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        page, following = moves.read_page(ledger.get_wallet(request.auth), limit=limit, cursor=cursor)
        return {"data": [_render_move(move) for move in page], "next_cursor": following}

    return await sync_to_async(read)()


@router.get("/credits/statement", auth=READ, summary="Every line that moved the balance, summing to it")
async def get_statement(
    request: KeyRequest,
    window: Query[Window],
    format: Annotated[Literal["json", "csv"], Query()] = "json",
) -> StreamingHttpResponse:
    """Of the last thirty days if nothing is said. Each line's digest is chained to the one before (docs/credits.md)."""

    def close() -> tuple[Wallet, datetime, datetime]:
        wallet, (begin, end) = ledger.get_wallet(request.auth), window.resolve()
        end = statement.close_window(wallet, end)
        return wallet, min(begin, end), end

    stated = await sync_to_async(close)()
    if format == "json":
        return StreamingHttpResponse(statement.as_json(*stated), content_type="application/json")
    response = StreamingHttpResponse(statement.as_csv(*stated), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="statement.csv"'
    return response


@router.post("/credits/transfers", response={201: TransferOut}, auth=WRITE, summary="Move credits between your keys")
async def create_transfer(
    request: KeyRequest, body: TransferIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    def move() -> tuple[Transaction, bool]:
        source, target = _ends(request, body)

        def transfer() -> str:
            credits = parse_credits(body.credits)
            return ledger.transfer(source, target, credits, key=f"transfer:{uuid.uuid4()}").pk

        asked = {"route": "POST /v1/credits/transfers", "asked": body.model_dump_json()}
        pk, replayed = once.carry_out(request.auth, idempotency_key, transfer, **asked)
        return Transaction.objects.get(pk=pk), replayed

    written, replayed = await sync_to_async(move)()
    told = {
        "id": written.pk,
        "from_key": body.from_key,
        "to_key": body.to_key,
        "credits": format_credits(parse_credits(body.credits)),
        "created_at": render_time(written.created_at),
    }
    return mark_replayed(JsonResponse(told, status=201), replayed)


@router.get("/credits/alerts", response=AlertList, auth=READ, summary="At what you are told that credits run low")
async def list_alerts(request: KeyRequest) -> dict[str, Any]:
    wallet = await sync_to_async(ledger.get_wallet)(request.auth)
    return {"data": [_render_alert(alert) async for alert in wallet.alerts.order_by("pk")]}


@router.post("/credits/alerts", response={201: AlertOut}, auth=WRITE, summary="Be told, once each time they fall below")
async def create_alert(request: KeyRequest, body: AlertIn) -> HttpResponse:
    """One that there is already is answered as it is."""

    def create() -> BalanceAlert:
        credits = None if body.credits is None else parse_credits(body.credits)
        return alerts.add_alert(ledger.get_wallet(request.auth), credits=credits, percent=body.percent)

    return JsonResponse(_render_alert(await sync_to_async(create)()), status=201)


@router.delete("/credits/alerts/{alert_id}", response={204: None}, auth=WRITE, summary="Be told no more")
async def delete_alert(request: KeyRequest, alert_id: str) -> HttpResponse:
    wallet = await sync_to_async(ledger.get_wallet)(request.auth)
    if not (await wallet.alerts.filter(pk=alert_id).adelete())[0]:
        raise Http404
    return HttpResponse(status=204)


def _ends(request: KeyRequest, body: TransferIn) -> tuple[Wallet, Wallet]:
    """From any key, one that was revoked or has expired too: its credits are still its owner's."""
    own = ApiKey.objects.owned_by(request.auth.user)
    source = get_object_or_404(own, pk=body.from_key)
    target = get_object_or_404(own.usable(), pk=body.to_key)
    if request.auth.is_test and not source.is_test:
        raise TransferRefused("A test key moves no live credits.")
    return ledger.get_wallet(source), ledger.get_wallet(target)


def _render_move(move: moves.Move) -> dict[str, Any]:
    return {
        "id": move.transaction.pk,
        "kind": move.transaction.kind,
        "credits": format_credits(move.change),
        "balance": format_credits(move.balance),
        "set_aside": format_credits(move.set_aside),
        "reference": move.reference,
        "note": move.transaction.note,
        "created_at": render_time(move.transaction.created_at),
    }


def _render_alert(alert: BalanceAlert) -> dict[str, Any]:
    return {
        "id": alert.pk,
        "credits": None if alert.credits is None else format_credits(alert.credits),
        "percent": alert.percent,
        "told_at": render_time(alert.told_at),
        "created_at": render_time(alert.created_at),
    }
