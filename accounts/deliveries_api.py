"""/v1/webhook-deliveries: the log of what was sent, and sending it again."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from asgiref.sync import sync_to_async
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import aget_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from accounts import once, webhooks
from accounts.answers import IdempotencyKey, mark_replayed, render_time
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import Scope, WebhookAttempt, WebhookDelivery
from accounts.paging import read_page

router = Router(tags=["Webhooks"])
READ, WRITE = ApiKeyAuth(), ApiKeyAuth(Scope.WEBHOOKS_WRITE)
DELIVERY_ID = re.compile(r"dlv_[0-9a-z]{26}")
State = Literal["pending", "delivered", "failed"]


class AttemptOut(Schema):
    """A status code, or our code for why there is none."""

    number: int
    started_at: datetime
    milliseconds: int
    status_code: int | None
    error: str | None


class DeliveryOut(Schema):
    id: str
    event_id: str = Field(description="The webhook-id, the same in every attempt")
    event_type: str
    object_id: str | None = Field(description="What it tells about")
    endpoint_id: str | None
    url: str
    status: State
    created_at: datetime
    ended_at: datetime | None
    next_attempt_at: datetime | None
    attempts: list[AttemptOut]


class DeliveryList(Schema):
    data: list[DeliveryOut]
    next_cursor: str | None = None


@router.get("/webhook-deliveries", response=DeliveryList, summary="Messages of the last 90 days", auth=READ)
async def list_deliveries(
    request: KeyRequest,
    endpoint_id: Annotated[str | None, Query(pattern=r"^whe_[0-9a-z]{26}$")] = None,
    status: State | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(pattern=f"^{DELIVERY_ID.pattern}$")] = None,
) -> HttpResponse:
    mine = WebhookDelivery.objects.owned_by(request.auth.user).prefetch_related("log")
    wanted = {"endpoint": endpoint_id, "status": status}
    mine = mine.filter(**{name: value for name, value in wanted.items() if value is not None})
    rows, next_cursor = await read_page(mine, limit=limit, cursor=cursor)
    return JsonResponse({"data": [render_delivery(delivery) for delivery in rows], "next_cursor": next_cursor})


@router.get("/webhook-deliveries/{delivery_id}", response=DeliveryOut, summary="One message", auth=READ)
async def get_delivery(request: KeyRequest, delivery_id: str) -> HttpResponse:
    return JsonResponse(render_delivery(await _get_owned(request, delivery_id)))


@router.post(
    "/webhook-deliveries/{delivery_id}/resend",
    response={202: DeliveryOut},
    summary="Send it again now, under the same id",
    auth=WRITE,
)
async def resend_delivery(
    request: KeyRequest, delivery_id: str, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    delivery = await _get_owned(request, delivery_id)

    def resend() -> str:
        webhooks.resend(delivery)
        return delivery.pk

    asked = {"route": "POST /v1/webhook-deliveries/*/resend", "asked": delivery_id}
    _, replayed = await sync_to_async(once.carry_out)(request.auth, idempotency_key, resend, **asked)
    now = render_delivery(await _get_owned(request, delivery_id))
    return mark_replayed(JsonResponse(now, status=202), replayed)


async def _get_owned(request: KeyRequest, delivery_id: str) -> WebhookDelivery:
    mine = WebhookDelivery.objects.owned_by(request.auth.user).select_related("endpoint").prefetch_related("log")
    if not DELIVERY_ID.fullmatch(delivery_id):
        raise Http404  # not even a question for the database, which may choke on it
    return await aget_object_or_404(mine, pk=delivery_id)


def render_delivery(delivery: WebhookDelivery) -> dict[str, Any]:
    pending = delivery.status == WebhookDelivery.Status.PENDING
    return {
        "id": delivery.pk,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "object_id": delivery.payload["data"].get("id"),
        "endpoint_id": delivery.endpoint_id,
        "url": delivery.url,
        "status": delivery.status,
        "created_at": render_time(delivery.created_at),
        "ended_at": render_time(delivery.ended_at),
        "next_attempt_at": render_time(delivery.next_attempt_at) if pending else None,
        "attempts": [_render_attempt(attempt) for attempt in delivery.log.all()],
    }


def _render_attempt(attempt: WebhookAttempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "started_at": render_time(attempt.started_at),
        "milliseconds": attempt.milliseconds,
        "status_code": attempt.status_code,
        "error": attempt.error or None,
    }
