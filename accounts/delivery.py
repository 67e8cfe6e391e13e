"""Sends what is due: claims, signs, posts, notes what came of it.

A message may arrive twice (we may die between its arrival and our note), always under the same webhook-id.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterable
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import OperationalError, close_old_connections, connections
from django.utils import timezone

from accounts import attempts, outbound, signed_links, webhook_mail, webhook_secrets
from accounts.attempts import Claim, Outcome
from accounts.errors import AddressError
from accounts.models import WebhookDelivery

log = logging.getLogger(__name__)
SECONDS = 15.0
LOOK_AGAIN_AFTER = 1.0
MOST_UNDERWAY = 40
GRACE_SECONDS = 3.0  # for what is underway when we have to stop; the rest goes out again after its lease


async def deliver_due(*, at_most: int = MOST_UNDERWAY) -> int:
    """One round: how many messages were tried."""
    claims = await sync_to_async(attempts.claim)(at_most=at_most)
    await asyncio.gather(*(_deliver(claim) for claim in claims))
    return len(claims)


async def deliver_forever() -> None:
    """Until it is cancelled. Has a thread of its own for the database; each look gives the connection back."""
    underway: dict[asyncio.Task[None], Claim] = {}
    async with ThreadSensitiveContext():
        try:
            while True:
                claims = await _look(underway.values())
                underway.update({asyncio.create_task(_deliver(claim)): claim for claim in claims})
                # What was left because of the limits of one address hides others: look again at once.
                await _wait(underway, seconds=0 if claims else LOOK_AGAIN_AFTER)
                for task in [task for task in underway if task.done()]:
                    del underway[task]
                    task.result()
        finally:
            await _wind_up(set(underway))
            await sync_to_async(connections.close_all)()


async def _look(underway: Iterable[Claim]) -> list[Claim]:
    running = list(underway)
    if len(running) >= MOST_UNDERWAY:
        return []
    try:
        claims = await sync_to_async(attempts.claim)(at_most=MOST_UNDERWAY - len(running), underway=running)
        await sync_to_async(close_old_connections)()
        return claims
    except OperationalError:
        log.warning("the database did not answer; looking for messages again in %s s", LOOK_AGAIN_AFTER)
        await sync_to_async(connections.close_all)()
        return []


async def _wait(tasks: Iterable[asyncio.Task[None]], *, seconds: float) -> None:
    if running := list(tasks):
        await asyncio.wait(running, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    else:
        await asyncio.sleep(seconds)


async def _wind_up(tasks: set[asyncio.Task[None]]) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _deliver(claim: Claim) -> None:
    outcome = await _send(claim)
    try:
        disabled_because = await sync_to_async(attempts.finish)(claim, outcome)
    except OperationalError:
        log.warning("message %s is tried again after its lease: the database did not answer", claim.delivery.pk)
        return
    endpoint = claim.delivery.endpoint
    if disabled_because and endpoint:
        await asyncio.to_thread(webhook_mail.tell_owner, claim.delivery.user.email, endpoint, disabled_because)


async def _send(claim: Claim) -> Outcome:
    began, started_at = time.monotonic(), timezone.now()
    if claim.is_unwanted:
        return Outcome(started_at, error=attempts.ENDPOINT_DISABLED)
    if not claim.keys:
        log.error("message %s cannot be signed: its secret is sealed under a key we do not have", claim.delivery.pk)
        return Outcome(started_at, error="secret_unreadable")
    status_code, error, retry_after = None, "", timedelta(0)
    content, headers = compose(claim.delivery, claim.keys, timestamp=int(started_at.timestamp()))
    try:
        async with outbound.request("POST", claim.url, headers=headers, content=content, seconds=SECONDS) as response:
            status_code, retry_after = response.status_code, _parse_delay(response.headers.get("retry-after", ""))
    except AddressError as refused:
        error = refused.code
    except Exception:  # whatever a stranger's server can make a library raise costs one attempt, never the worker
        log.exception("an attempt at message %s failed in our own code", claim.delivery.pk)
        error = "internal_error"
    return Outcome(started_at, round((time.monotonic() - began) * 1000), status_code, error, retry_after)


def compose(delivery: WebhookDelivery, keys: list[bytes], *, timestamp: int) -> tuple[bytes, dict[str, str]]:
    """The bytes as they are sent, and the headers that sign them. Links are made anew each time."""
    payload = dict(delivery.payload)
    links = {name: signed_links.sign(path) for name, path in payload.pop("links", {}).items()}
    payload["data"] = {**payload["data"], **links}
    content = json.dumps(payload, separators=(",", ":")).encode()
    return content, {
        "Content-Type": "application/json",
        "User-Agent": "LittlePull",
        "webhook-id": delivery.event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": webhook_secrets.sign(delivery.event_id, timestamp, content, keys),
    }


def _parse_delay(retry_after: str) -> timedelta:
    """Seconds or a date; what is neither asks for nothing."""
    if retry_after.isascii() and retry_after.isdigit():
        return timedelta(seconds=min(int(retry_after[:9]), attempts.LONGEST_DELAY.total_seconds()))
    try:
        date = parsedate_to_datetime(retry_after)
    except (ValueError, TypeError, IndexError, OverflowError):  # by what strangers write, its parser fails in all these
        return timedelta(0)
    return max((date if date.tzinfo else date.replace(tzinfo=UTC)) - timezone.now(), timedelta(0))
