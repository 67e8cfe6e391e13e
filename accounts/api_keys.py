"""API keys: `lp_<mode>_<public id>_<secret><checksum>`, shown once, found by public id, proved by digest.

The checksum refuses typing errors and nonsense without a query; it is no secret.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone

from accounts.models import ApiKey, RetiredSecret, Scope, User, every_scope

ALPHABET = string.digits + string.ascii_letters
PUBLIC_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 12, 40, 6  # the secret: 238 bits
USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Presented:
    """A key as it arrived, well formed but not yet proved."""

    mode: str
    public_id: str
    secret: str


def create_key(
    user: User,
    *,
    mode: str = ApiKey.Mode.LIVE,
    name: str = "",
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """The key and its plaintext, which exists only in this return value."""
    if unknown := set(scopes or ()) - set(Scope.values):
        raise ValueError(f"Unknown scopes: {', '.join(sorted(unknown))}.")
    public_id, secret = _random(PUBLIC_LENGTH), _random(SECRET_LENGTH)
    key = ApiKey.objects.create(
        user=user,
        name=name,
        mode=mode,
        public_id=public_id,
        digest=_digest(secret),
        scopes=list(scopes) if scopes else every_scope(),
        expires_at=expires_at,
    )
    return key, _as_plaintext(mode, public_id, secret)


@transaction.atomic
def revoke_key(key: ApiKey) -> None:
    """Bites with the next request: authentication reads the row every time."""
    RetiredSecret.objects.filter(api_key=key).delete()
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())


@transaction.atomic
def reroll_key(key: ApiKey, *, grace: timedelta) -> str:
    """A new plaintext for the same key, whose limits, credits and permissions so stay; the old one opens it until then.

    An earlier reroll's grace ends with this one.
    """
    locked = ApiKey.objects.select_for_update().get(pk=key.pk)
    RetiredSecret.objects.filter(api_key=locked).delete()
    if grace:
        old = {"public_id": locked.public_id, "digest": locked.digest}
        RetiredSecret.objects.create(api_key=locked, expires_at=timezone.now() + grace, **old)
    locked.public_id, secret = _random(PUBLIC_LENGTH), _random(SECRET_LENGTH)
    locked.digest = _digest(secret)
    locked.save(update_fields=["public_id", "digest"])
    return _as_plaintext(locked.mode, locked.public_id, secret)


def parse_key(plaintext: str) -> Presented | None:
    """None for anything that cannot be one of our keys: no query for nonsense."""
    parts = plaintext.split("_")
    if len(parts) != 4 or parts[0] != "lp" or parts[1] not in ApiKey.Mode.values:
        return None
    _, mode, public_id, tail = parts
    if len(public_id) != PUBLIC_LENGTH or len(tail) != SECRET_LENGTH + CHECKSUM_LENGTH:
        return None
    if not plaintext.isascii() or not secrets.compare_digest(_checksum(plaintext[:-CHECKSUM_LENGTH]), tail[-6:]):
        return None
    return Presented(mode=mode, public_id=public_id, secret=tail[:-CHECKSUM_LENGTH])


async def afind_key(plaintext: str) -> ApiKey | None:
    """The usable key this proves, or None. One indexed look-up, a constant-time comparison."""
    presented = parse_key(plaintext)
    if presented is None:
        return None
    key, known = await _afind_presented(presented)
    # Compared even when no row was found, so that an unknown id takes as long as a wrong secret.
    proved = secrets.compare_digest(known, _digest(presented.secret))
    return key if key and proved else None


async def _afind_presented(presented: Presented) -> tuple[ApiKey | None, str]:
    """The key that has, or a moment ago had, this public id, and the digest of the secret that belongs to it."""
    keys = ApiKey.objects.usable().select_related("user").filter(mode=presented.mode)
    if (key := await keys.filter(public_id=presented.public_id).afirst()) is not None:
        return key, key.digest
    retired = await RetiredSecret.objects.in_grace().filter(public_id=presented.public_id).afirst()
    if retired is None:
        return None, _digest("")
    return await keys.filter(pk=retired.api_key_id).afirst(), retired.digest


def find_by_public_id(public_id: str) -> tuple[ApiKey | None, str]:
    """As for authentication, for those who keep what they read for a moment: the key, and the digest to compare."""
    if (key := ApiKey.objects.usable().filter(public_id=public_id).first()) is not None:
        return key, key.digest
    retired = RetiredSecret.objects.in_grace().filter(public_id=public_id).first()
    if retired is None:
        return None, ""
    return ApiKey.objects.usable().filter(pk=retired.api_key_id).first(), retired.digest


def use_is_due(key: ApiKey) -> bool:
    return key.last_used_at is None or key.last_used_at < timezone.now() - USE_IS_NOTED_EVERY


async def note_use(key: ApiKey) -> None:
    """At most one write a minute for a key, whoever else has it in hand."""
    due = models.Q(last_used_at=None) | models.Q(last_used_at__lt=timezone.now() - USE_IS_NOTED_EVERY)
    await ApiKey.objects.filter(due, pk=key.pk).aupdate(last_used_at=timezone.now())


def _as_plaintext(mode: str, public_id: str, secret: str) -> str:
    body = f"lp_{mode}_{public_id}_{secret}"
    return body + _checksum(body)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _checksum(body: str) -> str:
    """CRC-32 of all before it, base 62, six characters."""
    number, letters = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        letters = ALPHABET[rest] + letters
    return letters
