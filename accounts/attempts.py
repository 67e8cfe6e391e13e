"""Which messages are tried now, and what becomes of them after a try: the database's side of delivery.

A claim pushes `next_attempt_at` ahead by one conditional UPDATE: of many workers one gets it, and should that one die,
the message is due again when the lease has run out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from secrets import SystemRandom
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import webhook_secrets
from accounts.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from accounts.sealing import SealBroken

Status, Disabled = WebhookDelivery.Status, WebhookEndpoint.Disabled
DELAYS = [
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=2), timedelta(hours=5), timedelta(hours=10), timedelta(hours=10)),
]
MOST_ATTEMPTS = len(DELAYS) + 1
LONGEST_DELAY = max(DELAYS)
JITTER = 0.1
LEASE = timedelta(seconds=60)
MOST_FAILURES = 10  # messages given up in a row until an endpoint is told nothing more
MOST_PER_ADDRESS, MOST_PER_ACCOUNT = 8, 16  # underway at once: whoever is slow holds up nobody else
ENDPOINT_DISABLED = "endpoint_disabled"


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send until `lease`."""

    delivery: WebhookDelivery
    lease: datetime
    keys: list[bytes]

    @property
    def url(self) -> str:
        endpoint = self.delivery.endpoint
        return endpoint.url if endpoint else self.delivery.url

    @property
    def is_unwanted(self) -> bool:
        endpoint = self.delivery.endpoint
        return endpoint is not None and bool(endpoint.disabled_because)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one try came to: a status code, or our code for why there is none."""

    started_at: datetime
    milliseconds: int = 0
    status_code: int | None = None
    error: str = ""
    retry_after: timedelta = timedelta(0)

    @property
    def is_success(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def is_final(self) -> bool:
        return self.status_code == HTTPStatus.GONE or self.error == ENDPOINT_DISABLED


def claim(*, at_most: int, underway: Iterable[Claim] = ()) -> list[Claim]:
    """The longest due first, as far as nobody has too many underway."""
    addresses: Counter[str] = Counter()
    accounts: Counter[str] = Counter()
    for running in underway:
        addresses[running.delivery.url] += 1
        accounts[running.delivery.user_id] += 1
    due = (
        WebhookDelivery.objects.due()
        .exclude(url__in=[url for url, count in addresses.items() if count >= MOST_PER_ADDRESS])
        .exclude(user__in=[user for user, count in accounts.items() if count >= MOST_PER_ACCOUNT])
    )
    claims = []
    for delivery in due.select_related("endpoint", "user").order_by("next_attempt_at")[:at_most]:
        if addresses[delivery.url] >= MOST_PER_ADDRESS or accounts[delivery.user_id] >= MOST_PER_ACCOUNT:
            continue
        if (claimed := _claim(delivery)) is not None:
            addresses[delivery.url] += 1
            accounts[delivery.user_id] += 1
            claims.append(claimed)
    return claims


@transaction.atomic
def finish(claim: Claim, outcome: Outcome) -> str:
    """Notes the try and what follows from it. Why the endpoint was disabled by it, or nothing."""
    delivery = claim.delivery
    attempts = delivery.attempts + 1
    ours = WebhookDelivery.objects.filter(pk=delivery.pk, status=Status.PENDING, next_attempt_at=claim.lease)
    change = _what_follows(attempts, outcome)
    if not ours.update(attempts=attempts, **change):
        return ""  # the lease had run out, or the endpoint was deleted: not ours to say
    WebhookAttempt.objects.create(
        delivery=delivery,
        number=delivery.log.count() + 1,
        started_at=outcome.started_at,
        milliseconds=outcome.milliseconds,
        status_code=outcome.status_code,
        error=outcome.error,
    )
    return _judge_endpoint(delivery.endpoint_id, outcome, given_up=change.get("status") == Status.FAILED)


def _claim(delivery: WebhookDelivery) -> Claim | None:
    lease = timezone.now() + LEASE
    unclaimed = WebhookDelivery.objects.filter(
        pk=delivery.pk, status=Status.PENDING, next_attempt_at=delivery.next_attempt_at
    )
    if not unclaimed.update(next_attempt_at=lease):
        return None
    try:
        keys = webhook_secrets.signing_keys(delivery.user, delivery.endpoint)
    except SealBroken:
        keys = []  # tried and logged like any other failure, in case the key comes back
    return Claim(delivery, lease, keys)


def _what_follows(attempts: int, outcome: Outcome) -> dict[str, Any]:
    now = timezone.now()
    if outcome.is_success:
        return {"status": Status.DELIVERED, "ended_at": now}
    if outcome.is_final or attempts >= MOST_ATTEMPTS:
        return {"status": Status.FAILED, "ended_at": now}
    delay = DELAYS[attempts - 1] * SystemRandom().uniform(1 - JITTER, 1 + JITTER)
    return {"next_attempt_at": now + max(delay, min(outcome.retry_after, LONGEST_DELAY))}


def _judge_endpoint(endpoint_id: str | None, outcome: Outcome, *, given_up: bool) -> str:
    """Why it was disabled just now, or nothing."""
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id)
    if outcome.is_success:
        endpoint.filter(failures_in_a_row__gt=0).update(failures_in_a_row=0)
    elif outcome.status_code == HTTPStatus.GONE:
        return Disabled.GONE if endpoint.listening().update(disabled_because=Disabled.GONE) else ""
    elif given_up and outcome.error != ENDPOINT_DISABLED:
        endpoint.update(failures_in_a_row=F("failures_in_a_row") + 1)
        if endpoint.listening().filter(failures_in_a_row__gte=MOST_FAILURES).update(disabled_because=Disabled.FAILURES):
            return Disabled.FAILURES
    return ""
