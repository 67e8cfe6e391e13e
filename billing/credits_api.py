"""/v1/credits: what a wallet's credits did, where they are moved, and when their owner is told."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Annotated, Any, Literal

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from accounts import once
from accounts.answers import IdempotencyKey, mark_replayed, render_time
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import ApiKey, Scope
from accounts.paging import read_page
from billing import ledger, statement
from billing.errors import TooManyAlerts
from billing.models import BalanceAlert, Entry, Transaction
from billing.pricing import format_credits, parse_credits

router = Router(tags=["Credits"])
READ, WRITE = ApiKeyAuth(Scope.ACCOUNT_READ), ApiKeyAuth(Scope.KEYS_WRITE)
Credits = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
KeyId = Annotated[str, Field(max_length=32, pattern=r"^key_[0-9a-z]{26}$")]
MOST_ALERTS = 10


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
        if self.credits is not None and not parse_credits(self.credits):
            raise ValueError("Credits never fall below zero.")
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
    wallet = await sync_to_async(ledger.get_wallet)(request.auth)
    rows = statement.moves_of(wallet).select_related("hold")
    page, following = await read_page(rows, limit=limit, cursor=cursor)
    if not page:
        return {"data": [], "next_cursor": None}

    def render() -> list[dict[str, Any]]:
        own = Entry.objects.filter(wallet=wallet)
        upto = own.filter(account__in=statement.CUSTOMERS, transaction_id__lte=page[0].pk)
        balance, told = upto.aggregate(total=Sum("credits"))["total"] or 0, []
        aside = own.filter(transaction__in=page, account__in=(Entry.Account.HELD, Entry.Account.FROZEN))
        set_aside = dict(aside.order_by().values_list("transaction").annotate(Sum("credits")))
        for row in page:
            told.append(_render_transaction(row, balance, set_aside.get(row.pk, 0)))
            balance -= row.change or 0
        return told

    return {"data": await sync_to_async(render)(), "next_cursor": following}


@router.get("/credits/statement", auth=READ, summary="Every line that moved the balance, summing to it")
async def get_statement(
    request: KeyRequest,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    format: Annotated[Literal["json", "csv"], Query()] = "json",
) -> StreamingHttpResponse:
    """Of the last thirty days if nothing is said. Each line's digest is chained to the one before (docs/credits.md)."""
    wallet = await sync_to_async(ledger.get_wallet)(request.auth)
    end = until or timezone.now()
    begin = since or end - timedelta(days=30)
    if format == "json":
        return StreamingHttpResponse(statement.as_json(wallet, begin, end), content_type="application/json")
    response = StreamingHttpResponse(statement.as_csv(wallet, begin, end), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="statement.csv"'
    return response


@router.post("/credits/transfers", response={201: TransferOut}, auth=WRITE, summary="Move credits between your keys")
async def create_transfer(
    request: KeyRequest, body: TransferIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    def move() -> tuple[Transaction, bool]:
        source, target = (_wallet(request, key_id) for key_id in (body.from_key, body.to_key))

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
        wallet = ledger.get_wallet(request.auth)
        credits = None if body.credits is None else parse_credits(body.credits)
        if wallet.alerts.count() >= MOST_ALERTS:
            raise TooManyAlerts(f"A key has at most {MOST_ALERTS} alerts.")
        try:
            with transaction.atomic():
                return wallet.alerts.create(credits=credits, percent=body.percent)
        except IntegrityError:
            return wallet.alerts.get(credits=credits, percent=body.percent)

    return JsonResponse(_render_alert(await sync_to_async(create)()), status=201)


@router.delete("/credits/alerts/{alert_id}", response={204: None}, auth=WRITE, summary="Be told no more")
async def delete_alert(request: KeyRequest, alert_id: str) -> HttpResponse:
    wallet = await sync_to_async(ledger.get_wallet)(request.auth)
    if not (await wallet.alerts.filter(pk=alert_id).adelete())[0]:
        raise Http404
    return HttpResponse(status=204)


def _wallet(request: KeyRequest, key_id: str) -> Any:
    return ledger.get_wallet(get_object_or_404(ApiKey.objects.usable().owned_by(request.auth.user), pk=key_id))


def _render_transaction(row: Any, balance: int, set_aside: int) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "credits": format_credits(row.change or 0),
        "balance": format_credits(balance),
        "set_aside": format_credits(set_aside),
        "reference": row.payment_id or (row.hold.key if row.hold else ""),
        "note": row.note,
        "created_at": render_time(row.created_at),
    }


def _render_alert(alert: BalanceAlert) -> dict[str, Any]:
    return {
        "id": alert.pk,
        "credits": None if alert.credits is None else format_credits(alert.credits),
        "percent": alert.percent,
        "told_at": render_time(alert.told_at),
        "created_at": render_time(alert.created_at),
    }
