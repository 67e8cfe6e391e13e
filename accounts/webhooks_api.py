"""/v1/webhook-endpoints and the secrets: parse, call one verb, render."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from asgiref.sync import sync_to_async
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import aget_object_or_404
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from accounts import once, outbound, webhook_secrets, webhooks
from accounts.answers import IdempotencyKey, mark_replayed, render_time
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.deliveries_api import DeliveryOut, render_delivery
from accounts.models import Scope, WebhookDelivery, WebhookEndpoint
from accounts.paging import read_page
from accounts.webhooks import EventType

router = Router(tags=["Webhooks"])
READ, WRITE = ApiKeyAuth(), ApiKeyAuth(Scope.WEBHOOKS_WRITE)
ENDPOINT_ID = re.compile(r"whe_[0-9a-z]{26}")
Address = Annotated[str, Field(min_length=1, max_length=outbound.MAX_URL, description="Public, https.")]
EventTypes = Annotated[list[EventType], Field(max_length=50, description="Empty: all.")]
Description = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class EndpointIn(Schema):
    model_config = ConfigDict(extra="forbid")

    url: Address
    event_types: EventTypes = []
    description: Description = ""


class EndpointChange(Schema):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    url: Address = ""
    event_types: EventTypes = []
    description: Description = ""
    enabled: bool = True


class EndpointOut(Schema):
    id: str
    url: str
    event_types: list[str]
    description: str
    enabled: bool
    disabled_because: Literal["owner", "failures", "gone"] | None
    failures_in_a_row: int
    created_at: datetime
    secret: str | None = Field(None, description="In the answer to POST, and at …/secret.")


class EndpointList(Schema):
    data: list[EndpointOut]
    next_cursor: str | None = None


class SecretOut(Schema):
    secret: str


@router.post(
    "/webhook-endpoints", response={201: EndpointOut}, summary="Be told at an address, with a new secret", auth=WRITE
)
async def create_endpoint(
    request: KeyRequest, body: EndpointIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    await outbound.check_public(body.url)
    asked = {"route": "POST /v1/webhook-endpoints", "asked": body.model_dump_json()}

    def create() -> str:
        endpoint, _ = webhooks.create_endpoint(
            request.auth.user, body.url, event_types=body.event_types, description=body.description
        )
        return endpoint.pk

    endpoint_id, replayed = await sync_to_async(once.carry_out)(request.auth, idempotency_key, create, **asked)
    endpoint = await _get_owned(request, endpoint_id)
    secret = await sync_to_async(webhook_secrets.find_secret)(endpoint)
    response = mark_replayed(JsonResponse(_render(endpoint) | {"secret": secret}, status=201), replayed)
    response["Location"] = f"/v1/webhook-endpoints/{endpoint_id}"
    return response


@router.get("/webhook-endpoints", response=EndpointList, summary="Your endpoints, newest first", auth=READ)
async def list_endpoints(
    request: KeyRequest,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(pattern=f"^{ENDPOINT_ID.pattern}$")] = None,
) -> HttpResponse:
    mine = WebhookEndpoint.objects.owned_by(request.auth.user)
    rows, next_cursor = await read_page(mine, limit=limit, cursor=cursor)
    return JsonResponse({"data": [_render(endpoint) for endpoint in rows], "next_cursor": next_cursor})


@router.get("/webhook-endpoints/{endpoint_id}", response=EndpointOut, summary="One endpoint", auth=READ)
async def get_endpoint(request: KeyRequest, endpoint_id: str) -> HttpResponse:
    return JsonResponse(_render(await _get_owned(request, endpoint_id)))


@router.patch(
    "/webhook-endpoints/{endpoint_id}",
    response=EndpointOut,
    summary="Change an endpoint, or switch it on or off",
    auth=WRITE,
)
async def update_endpoint(request: KeyRequest, endpoint_id: str, body: EndpointChange) -> HttpResponse:
    endpoint = await _get_owned(request, endpoint_id)
    changes = body.model_dump(exclude_unset=True)
    if "url" in changes:
        await outbound.check_public(body.url)
    enabled = changes.pop("enabled", None)
    await sync_to_async(webhooks.update_endpoint)(endpoint, **changes)
    if enabled is not None:
        await sync_to_async(webhooks.enable_endpoint if enabled else webhooks.disable_endpoint)(endpoint)
    return JsonResponse(_render(endpoint))


@router.delete(
    "/webhook-endpoints/{endpoint_id}",
    response={204: None},
    summary="Delete an endpoint, its log, and what waits for it",
    auth=WRITE,
)
async def delete_endpoint(request: KeyRequest, endpoint_id: str) -> HttpResponse:
    await sync_to_async(webhooks.delete_endpoint)(await _get_owned(request, endpoint_id))
    return HttpResponse(status=204)


@router.get(
    "/webhook-endpoints/{endpoint_id}/secret",
    response=SecretOut,
    summary="The secret that its messages are signed with",
    auth=WRITE,
)
async def get_secret(request: KeyRequest, endpoint_id: str) -> HttpResponse:
    endpoint = await _get_owned(request, endpoint_id)
    return _secret(await sync_to_async(webhook_secrets.find_secret)(endpoint))


@router.post(
    "/webhook-endpoints/{endpoint_id}/rotate-secret",
    response=SecretOut,
    summary="A new secret; the old one signs along for 24 hours",
    auth=WRITE,
)
async def rotate_secret(request: KeyRequest, endpoint_id: str, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    endpoint = await _get_owned(request, endpoint_id)
    asked = {"route": "POST /v1/webhook-endpoints/*/rotate-secret", "asked": endpoint_id}

    def rotate() -> str:
        webhook_secrets.rotate_secret(endpoint)
        return endpoint.pk

    _, replayed = await sync_to_async(once.carry_out)(request.auth, idempotency_key, rotate, **asked)
    return mark_replayed(_secret(await sync_to_async(webhook_secrets.find_secret)(endpoint)), replayed)


@router.post(
    "/webhook-endpoints/{endpoint_id}/test",
    response={202: DeliveryOut},
    summary="Send it a webhook.test",
    auth=WRITE,
)
async def send_test(request: KeyRequest, endpoint_id: str, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    endpoint = await _get_owned(request, endpoint_id)
    asked = {"route": "POST /v1/webhook-endpoints/*/test", "asked": endpoint_id}

    def send() -> str:
        return webhooks.send_test(endpoint).pk

    sent, replayed = await sync_to_async(once.carry_out)(request.auth, idempotency_key, send, **asked)
    delivery = await aget_object_or_404(WebhookDelivery.objects.prefetch_related("log"), pk=sent)
    response = mark_replayed(JsonResponse(render_delivery(delivery), status=202), replayed)
    response["Location"] = f"/v1/webhook-deliveries/{sent}"
    return response


@router.get(
    "/webhook-secret", response=SecretOut, summary="What messages to a single webhook_url are signed with", auth=WRITE
)
async def get_account_secret(request: KeyRequest) -> HttpResponse:
    return _secret(await sync_to_async(webhook_secrets.account_secret)(request.auth.user))


@router.post(
    "/webhook-secret/rotate",
    response=SecretOut,
    summary="A new one; the old one signs along for 24 hours",
    auth=WRITE,
)
async def rotate_account_secret(request: KeyRequest, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    user = request.auth.user
    asked = {"route": "POST /v1/webhook-secret/rotate", "asked": user.pk}

    def rotate() -> str:
        webhook_secrets.rotate_account_secret(user)
        return user.pk

    _, replayed = await sync_to_async(once.carry_out)(request.auth, idempotency_key, rotate, **asked)
    return mark_replayed(_secret(await sync_to_async(webhook_secrets.account_secret)(user)), replayed)


async def _get_owned(request: KeyRequest, endpoint_id: str) -> WebhookEndpoint:
    mine = WebhookEndpoint.objects.owned_by(request.auth.user).select_related("user")
    if not ENDPOINT_ID.fullmatch(endpoint_id):
        raise Http404  # not even a question for the database, which may choke on it
    return await aget_object_or_404(mine, pk=endpoint_id)


def _render(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": endpoint.pk,
        "url": endpoint.url,
        "event_types": endpoint.event_types,
        "description": endpoint.description,
        "enabled": not endpoint.disabled_because,
        "disabled_because": endpoint.disabled_because or None,
        "failures_in_a_row": endpoint.failures_in_a_row,
        "created_at": render_time(endpoint.created_at),
    }


def _secret(secret: str) -> JsonResponse:
    return JsonResponse({"secret": secret}, headers={"Cache-Control": "no-store"})
