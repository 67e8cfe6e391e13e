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

from django.db import models
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
    body = f"lp_{mode}_{public_id}_{secret}"
    return key, body + _checksum(body)


def revoke_key(key: ApiKey) -> None:
    """Bites with the next request: authentication reads the row every time."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())


def forget_retired_secrets() -> int:
    """Those whose grace is over: how many."""
    return RetiredSecret.objects.filter(expires_at__lte=timezone.now()).delete()[0]


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
    keys = ApiKey.objects.usable().select_related("user")
    key = await keys.filter(mode=presented.mode, public_id=presented.public_id).afirst()
    # Compared even when no row was found, so that an unknown id takes as long as a wrong secret.
    known = key.digest if key else _digest("")
    proved = secrets.compare_digest(known, _digest(presented.secret))
    return key if key and proved else None


def use_is_due(key: ApiKey) -> bool:
    return key.last_used_at is None or key.last_used_at < timezone.now() - USE_IS_NOTED_EVERY


async def note_use(key: ApiKey) -> None:
    """At most one write a minute for a key, whoever else has it in hand."""
    due = models.Q(last_used_at=None) | models.Q(last_used_at__lt=timezone.now() - USE_IS_NOTED_EVERY)
    await ApiKey.objects.filter(due, pk=key.pk).aupdate(last_used_at=timezone.now())


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
