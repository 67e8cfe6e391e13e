"""/v1/subscriptions and /v1/auto-top-up: parse, call one verb, render."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from accounts import once
from accounts.answers import IdempotencyKey, mark_replayed, render_time
from accounts.auth import KeyRequest
from accounts.models import ApiKey
from billing import auto_top_up, ledger, subscriptions
from billing.errors import SubscriptionNotBegun
from billing.models import AutoTopUp, Subscription
from billing.payments_api import READ, WRITE, OrderIn, ProductCode, Url, find_product, find_wallet
from billing.pricing import format_credits, parse_credits
from billing.providers.words import Provider

router = Router(tags=["Payments"])
Credits = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$", description="A decimal number of credits.")]


class SubscriptionOut(Schema):
    id: str
    key_id: str
    product: str | None = Field(description="None: a mandate for auto top-up.")
    provider: str
    status: str
    checkout_url: str | None
    period_end: str | None
    cancels_at: str | None
    created_at: str


class SubscriptionList(Schema):
    data: list[SubscriptionOut]


class PlanIn(Schema):
    model_config = ConfigDict(extra="forbid")

    product: ProductCode


class CancelIn(Schema):
    model_config = ConfigDict(extra="forbid")

    now: bool = Field(False, description="At once, and not with the end of the period that is paid.")


class PortalOut(Schema):
    url: str


class AutoTopUpIn(Schema):
    model_config = ConfigDict(extra="forbid")

    product: ProductCode
    threshold: Credits
    target: Credits | None = None
    enabled: bool = True
    return_url: Url = ""


class AutoTopUpOut(Schema):
    product: str
    threshold: str
    target: str | None
    enabled: bool
    ready: bool = Field(description="The provider may charge: the checkout was gone through.")
    checkout_url: str | None
    not_before: str | None


@router.post("/subscriptions", response={201: SubscriptionOut}, auth=WRITE, summary="Subscribe to a plan")
async def create_subscription(
    request: KeyRequest, body: OrderIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    def subscribe() -> tuple[Subscription, bool]:
        wallet, product = find_wallet(request, body.key_id), find_product(body.product)
        provider = body.provider or Provider.PADDLE

        def place() -> str:
            key = f"api:{uuid.uuid4()}"
            user = request.auth.user
            return subscriptions.place_subscription(wallet, product, user=user, provider=provider, key=key).pk

        asked = {"route": "POST /v1/subscriptions", "asked": body.model_dump_json()}
        pk, replayed = once.carry_out(request.auth, idempotency_key, place, **asked)
        placed = _subscription(request, pk)
        subscriptions.open_checkout(placed, return_url=body.return_url, cancel_url=body.cancel_url)
        return _subscription(request, pk), replayed

    subscription, replayed = await sync_to_async(subscribe)()
    response = mark_replayed(JsonResponse(_render_subscription(subscription), status=201), replayed)
    response["Location"] = f"/v1/subscriptions/{subscription.pk}"
    return response


@router.get("/subscriptions", response=SubscriptionList, auth=READ, summary="Your plans and mandates, newest first")
async def list_subscriptions(request: KeyRequest) -> dict[str, Any]:
    rows = Subscription.objects.filter(user=request.auth.user).select_related("wallet").order_by("-pk")[:100]
    return {"data": [_render_subscription(row) async for row in rows]}


@router.get("/subscriptions/{subscription_id}", response=SubscriptionOut, auth=READ, summary="One of them")
async def get_subscription(request: KeyRequest, subscription_id: str) -> dict[str, Any]:
    return _render_subscription(await sync_to_async(_subscription)(request, subscription_id))


@router.post("/subscriptions/{subscription_id}/change", response={202: None}, auth=WRITE, summary="Another plan")
async def change_plan(request: KeyRequest, subscription_id: str, body: PlanIn) -> HttpResponse:
    def change() -> None:
        subscriptions.change_plan(_begun(request, subscription_id), find_product(body.product))

    return await _accepted(change)


@router.post("/subscriptions/{subscription_id}/pause", response={202: None}, auth=WRITE, summary="Pause it")
async def pause(request: KeyRequest, subscription_id: str) -> HttpResponse:
    return await _accepted(lambda: subscriptions.pause(_begun(request, subscription_id)))


@router.post("/subscriptions/{subscription_id}/resume", response={202: None}, auth=WRITE, summary="Go on with it")
async def resume(request: KeyRequest, subscription_id: str) -> HttpResponse:
    return await _accepted(lambda: subscriptions.resume(_begun(request, subscription_id)))


@router.post("/subscriptions/{subscription_id}/cancel", response={202: None}, auth=WRITE, summary="End it")
async def cancel(request: KeyRequest, subscription_id: str, body: CancelIn) -> HttpResponse:
    return await _accepted(lambda: subscriptions.cancel(_begun(request, subscription_id), now=body.now))


@router.get(
    "/subscriptions/{subscription_id}/portal",
    response=PortalOut,
    auth=WRITE,
    summary="The provider's page for payment methods and invoices",
)
async def get_portal(request: KeyRequest, subscription_id: str) -> dict[str, str]:
    def find() -> str:
        return subscriptions.open_portal(_begun(request, subscription_id))

    return {"url": await sync_to_async(find)()}


@router.get("/auto-top-up", response=AutoTopUpOut, auth=READ, summary="Whether this key buys credits by itself")
async def get_auto_top_up(request: KeyRequest) -> dict[str, Any]:
    return await sync_to_async(_render_auto_top_up)(request)


@router.put("/auto-top-up", response=AutoTopUpOut, auth=WRITE, summary="Buy credits when few are left")
async def put_auto_top_up(request: KeyRequest, body: AutoTopUpIn) -> dict[str, Any]:
    def put() -> dict[str, Any]:
        auto_top_up.set_rule(
            ledger.get_wallet(request.auth),
            find_product(body.product),
            user=request.auth.user,
            threshold=parse_credits(body.threshold),
            target=None if body.target is None else parse_credits(body.target),
            enabled=body.enabled,
            return_to=lambda _mandate: body.return_url,
        )
        return _render_auto_top_up(request)

    return await sync_to_async(put)()


@router.delete("/auto-top-up", response={204: None}, auth=WRITE, summary="Never buy by itself")
async def delete_auto_top_up(request: KeyRequest) -> HttpResponse:
    await sync_to_async(lambda: auto_top_up.switch_off(ledger.get_wallet(request.auth)))()
    return HttpResponse(status=204)


async def _accepted(act: Callable[[], None]) -> HttpResponse:
    await sync_to_async(act)()
    return HttpResponse(status=202)


def _subscription(request: HttpRequest, subscription_id: str) -> Subscription:
    rows = Subscription.objects.filter(user=request.auth.user)  # type: ignore[attr-defined]
    return get_object_or_404(rows.select_related("wallet", "product", "user"), pk=subscription_id)


def _begun(request: HttpRequest, subscription_id: str) -> Subscription:
    subscription = _subscription(request, subscription_id)
    if not subscription.ref:
        raise SubscriptionNotBegun("Its checkout has not been gone through yet.")
    return subscription


def _payer_id(key: ApiKey) -> str:
    return key.pays_from_id or key.pk


def _render_subscription(subscription: Subscription) -> dict[str, Any]:
    pending = subscription.status == Subscription.Status.PENDING
    return {
        "id": subscription.pk,
        "key_id": subscription.wallet.api_key_id,
        "product": subscription.product_id,
        "provider": subscription.provider,
        "status": subscription.status,
        "checkout_url": subscription.checkout_url if pending else None,
        "period_end": render_time(subscription.period_end),
        "cancels_at": render_time(subscription.cancels_at),
        "created_at": render_time(subscription.created_at),
    }


def _render_auto_top_up(request: KeyRequest) -> dict[str, Any]:
    rows = AutoTopUp.objects.select_related("subscription")
    rule = get_object_or_404(rows, wallet__api_key_id=_payer_id(request.auth))
    ready = rule.subscription.status == Subscription.Status.ACTIVE
    return {
        "product": rule.product_id,
        "threshold": format_credits(rule.threshold),
        "target": None if rule.target is None else format_credits(rule.target),
        "enabled": rule.enabled,
        "ready": ready,
        "checkout_url": None if ready else rule.subscription.checkout_url,
        "not_before": render_time(rule.not_before),
    }
