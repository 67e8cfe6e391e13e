"""What webhooks are signed with (Standard Webhooks): a secret for each endpoint, and one for single webhook_urls.

They are kept wrapped, not hashed, since whoever signs has to know them. After a rotation the old one signs along for a
day, so that a receiver can change over at its leisure.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import sealing
from accounts.models import User, WebhookEndpoint, WebhookSecret

PREFIX = "whsec_"
SECRET_BYTES = 32
SIGNS_ALONG = timedelta(hours=24)
MOST_SIGNING = 4  # however often it was rotated today: the header must fit what receivers accept


def create_secret(user: User, endpoint: WebhookEndpoint | None) -> str:
    secret = os.urandom(SECRET_BYTES)
    wrapped = sealing.wrap(secret, context=_context(user.pk, endpoint.pk if endpoint else None))
    WebhookSecret.objects.create(user=user, endpoint=endpoint, wrapped=wrapped)
    return _render(secret)


def find_secret(endpoint: WebhookEndpoint) -> str:
    """As its owner sees it."""
    return _render(_unwrap(_secrets(endpoint.user, endpoint).get(expires_at=None)))


def account_secret(user: User) -> str:
    """The secret for single webhook_urls, made when it is first needed."""
    mine = _secrets(user, None).filter(expires_at=None)
    if not mine.exists():
        try:
            with transaction.atomic():
                return create_secret(user, None)
        except IntegrityError:
            pass  # made by somebody else in the meantime
    return _render(_unwrap(mine.get()))


def rotate_secret(endpoint: WebhookEndpoint) -> str:
    return _rotate(endpoint.user, endpoint)


def rotate_account_secret(user: User) -> str:
    return _rotate(user, None)


def signing_keys(user: User, endpoint: WebhookEndpoint | None) -> list[bytes]:
    """The one in use first, then those that sign along."""
    if endpoint is None:
        account_secret(user)
    usable = _secrets(user, endpoint).filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
    return [_unwrap(secret) for secret in usable.order_by("-pk")[:MOST_SIGNING]]


def sign(message_id: str, timestamp: int, body: bytes, keys: list[bytes]) -> str:
    """The header webhook-signature."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digests = (hmac.digest(key, signed, hashlib.sha256) for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


@transaction.atomic
def reseal() -> int:
    """Wraps all of them by the first of SEALING_KEYS."""
    for secret in WebhookSecret.objects.select_for_update():
        secret.wrapped = sealing.rewrap(bytes(secret.wrapped), context=_context(secret.user_id, secret.endpoint_id))
        secret.save(update_fields=["wrapped"])
    return WebhookSecret.objects.count()


@transaction.atomic
def _rotate(user: User, endpoint: WebhookEndpoint | None) -> str:
    User.objects.select_for_update().get(pk=user.pk)  # two rotations at once come one after the other
    _secrets(user, endpoint).filter(expires_at=None).update(expires_at=timezone.now() + SIGNS_ALONG)
    return create_secret(user, endpoint)


def _secrets(user: User, endpoint: WebhookEndpoint | None) -> QuerySet[WebhookSecret]:
    return WebhookSecret.objects.filter(user=user, endpoint=endpoint)


def _unwrap(secret: WebhookSecret) -> bytes:
    return sealing.unwrap(bytes(secret.wrapped), context=_context(secret.user_id, secret.endpoint_id))


def _context(user_id: str, endpoint_id: str | None) -> str:
    return f"webhook-secret:{user_id}:{endpoint_id or 'account'}"


def _render(secret: bytes) -> str:
    return PREFIX + base64.b64encode(secret).decode()
