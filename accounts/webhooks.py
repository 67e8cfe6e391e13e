"""Telling customers: their endpoints, and messages written in the transaction of what they tell (an outbox)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from django.db import transaction
from django.utils import timezone

from accounts.errors import DeliveryPending, EndpointDisabled, TooManyEndpoints
from accounts.ids import new_id
from accounts.models import User, WebhookDelivery, WebhookEndpoint
from accounts.outbound import check_address
from accounts.webhook_secrets import create_secret
from accounts.webhook_secrets import reseal as reseal  # the roof's command comes in by this door

EventType = Literal["extraction.succeeded", "extraction.failed", "extraction.canceled", "credits.low", "webhook.test"]
EVENT_TYPES: tuple[str, ...] = get_args(EventType)
MOST_ENDPOINTS = 20


@transaction.atomic
def create_endpoint(
    user: User, url: str, *, event_types: Sequence[str] = (), description: str = ""
) -> tuple[WebhookEndpoint, str]:
    """The endpoint and its secret. No event types: all. Raises AddressRefused and TooManyEndpoints."""
    check_address(url)
    User.objects.select_for_update().get(pk=user.pk)  # two at once must not both be the twentieth
    if WebhookEndpoint.objects.owned_by(user).count() >= MOST_ENDPOINTS:
        raise TooManyEndpoints(MOST_ENDPOINTS)
    endpoint = WebhookEndpoint.objects.create(
        user=user, url=url, event_types=_without_repetition(event_types), description=description
    )
    return endpoint, create_secret(user, endpoint)


def update_endpoint(
    endpoint: WebhookEndpoint,
    *,
    url: str | None = None,
    event_types: Sequence[str] | None = None,
    description: str | None = None,
) -> None:
    """What is None stays. Messages that wait go to the new address. Raises AddressRefused."""
    if url is not None:
        check_address(url)
        endpoint.url = url
    if event_types is not None:
        endpoint.event_types = _without_repetition(event_types)
    if description is not None:
        endpoint.description = description
    endpoint.save(update_fields=["url", "event_types", "description"])


def delete_endpoint(endpoint: WebhookEndpoint) -> None:
    """With its secrets, its log, and the messages that wait for it."""
    endpoint.delete()


def enable_endpoint(endpoint: WebhookEndpoint) -> None:
    endpoint.disabled_because, endpoint.failures_in_a_row = "", 0
    endpoint.save(update_fields=["disabled_because", "failures_in_a_row"])


def disable_endpoint(endpoint: WebhookEndpoint) -> None:
    """By its owner. Messages that wait for it fail when their turn comes; they can be sent again."""
    endpoint.disabled_because = WebhookEndpoint.Disabled.OWNER
    endpoint.save(update_fields=["disabled_because"])


def find_listening(user: User, event_type: str) -> list[WebhookEndpoint]:
    return [
        endpoint
        for endpoint in WebhookEndpoint.objects.owned_by(user).listening()
        if not endpoint.event_types or event_type in endpoint.event_types
    ]


def enqueue(
    user: User, event_type: str, data: Mapping[str, Any], *, url: str = "", links: Mapping[str, str] | None = None
) -> list[WebhookDelivery]:
    """To every endpoint that listens to this, and to `url`; to be called in the transaction of what is told.

    `data` holds nothing of any media. `links` names paths; at each attempt they become signed links in the data.
    """
    listening = find_listening(user, event_type)
    addressed = [(endpoint, endpoint.url) for endpoint in listening] + ([(None, url)] if url else [])
    event_id = new_id("evt")
    payload = {"type": event_type, "timestamp": _now(), "data": dict(data), "links": dict(links or {})}
    return [
        WebhookDelivery.objects.create(
            user=user, endpoint=endpoint, url=address, event_id=event_id, event_type=event_type, payload=payload
        )
        for endpoint, address in addressed
    ]


def send_test(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """A webhook.test, whatever it listens to. Raises EndpointDisabled."""
    if endpoint.disabled_because:
        raise EndpointDisabled
    payload = {"type": "webhook.test", "timestamp": _now(), "data": {"endpoint_id": endpoint.pk}, "links": {}}
    return WebhookDelivery.objects.create(
        user=endpoint.user,
        endpoint=endpoint,
        url=endpoint.url,
        event_id=new_id("evt"),
        event_type="webhook.test",
        payload=payload,
    )


def resend(delivery: WebhookDelivery) -> None:
    """The same message under the same id, now, with a whole round of attempts.

    Raises DeliveryPending and EndpointDisabled.
    """
    if delivery.endpoint and delivery.endpoint.disabled_because:
        raise EndpointDisabled
    ended = WebhookDelivery.objects.filter(pk=delivery.pk).exclude(status=WebhookDelivery.Status.PENDING)
    again = {"status": WebhookDelivery.Status.PENDING, "attempts": 0, "ended_at": None}
    if not ended.update(**again, next_attempt_at=timezone.now()):
        raise DeliveryPending
    delivery.refresh_from_db()


def _without_repetition(event_types: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(event_types))


def _now() -> str:
    return timezone.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
