"""Who asks, from memory: keys with what is allowed and used by them, as they were at most a second ago.

A revoked key opens nothing after that second. A key in use is read anew before the second is over, once for all who
ask meanwhile, so that nobody waits. The secret itself is never held, only its digest.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.utils import timezone

from accounts.api_keys import find_by_public_id, parse_key
from accounts.errors import NotAuthenticated, ScopeMissing
from accounts.models import ApiKey, Scope
from accounts.off_loop import off_loop
from routing.models import KeyLimit, KeyPolicy, KeyUsage
from routing.offers import restrictions
from routing.windows import KEPT_WINDOWS, begin_of
from routing.words import Window

STALE_SECONDS = 0.5  # then it is read again, while what is known is still good
OLDEST_SECONDS = 1.0
AT_MOST = 10_000
NOBODY = hashlib.sha256(b"nobody").hexdigest()

Limits = tuple[tuple[str, Window, int], ...]  # resource, window, limit
Used = Mapping[tuple[str, Window], int]


@dataclass(frozen=True, slots=True)
class KnownKey:
    """`row` is the key as it was read, `digest` that of the secret by which it was named.

    `used`: sums of the windows that are kept, as they then were.
    """

    row: ApiKey = field(repr=False)
    digest: str = field(repr=False)
    standing: Mapping[str, Any]
    explore: bool
    affinity: bool
    limits: Limits
    used: Used
    read_at: float

    @property
    def id(self) -> str:
        return self.row.pk


_known: OrderedDict[str, KnownKey] = OrderedDict()  # by public id
_reading: dict[str, asyncio.Task[KnownKey | None]] = {}


async def find_key(authorization: str) -> KnownKey:
    """Raises NotAuthenticated, and never says why; ScopeMissing."""
    scheme, _, plaintext = authorization.partition(" ")
    presented = parse_key(plaintext.strip()) if scheme.lower() == "bearer" else None
    if presented is None:
        raise NotAuthenticated
    key = await _recall(presented.public_id)
    digest = key.digest if key is not None else NOBODY
    proved = secrets.compare_digest(digest, hashlib.sha256(presented.secret.encode()).hexdigest())
    if key is None or not proved or key.row.mode != presented.mode:
        raise NotAuthenticated
    if Scope.CHAT_WRITE not in key.row.scopes:
        raise ScopeMissing(Scope.CHAT_WRITE)
    return key


async def _recall(public_id: str) -> KnownKey | None:
    key = _known.get(public_id)
    age = OLDEST_SECONDS if key is None else monotonic() - key.read_at
    if age < STALE_SECONDS:
        return key
    reading = _reading.get(public_id)
    if reading is None or reading.done():
        reading = _reading[public_id] = asyncio.create_task(_read(public_id))
    return key if age < OLDEST_SECONDS else await asyncio.shield(reading)


async def _read(public_id: str) -> KnownKey | None:
    try:
        key = await off_loop(_read_rows, public_id)
    finally:
        _reading.pop(public_id, None)
    _known.pop(public_id, None)
    if key is not None:
        _known[public_id] = key
        if len(_known) > AT_MOST:
            _known.popitem(last=False)
    return key


def _read_rows(public_id: str) -> KnownKey | None:
    row, digest = find_by_public_id(public_id)
    if row is None:
        return None
    policy = KeyPolicy.objects.filter(api_key=row).first()
    limits = tuple(
        (resource, Window(window), limit)
        for resource, window, limit in KeyLimit.objects.filter(api_key=row).values_list("resource", "window", "limit")
    )
    return KnownKey(
        row,
        digest,
        standing=restrictions(policy),
        explore=policy is None or policy.explore,
        affinity=policy is not None and policy.affinity,
        limits=limits,
        used=_used(row) if limits else {},
        read_at=monotonic(),
    )


def _used(row: ApiKey) -> Used:
    used: dict[tuple[str, Window], int] = {}
    for window in KEPT_WINDOWS:
        sums = KeyUsage.objects.filter(api_key=row, window=window, starts_at=begin_of(window, timezone.now())).first()
        if sums is not None:
            used |= {
                ("requests", window): sums.requests,
                ("tokens", window): sums.tokens,
                ("cost", window): sums.cost,
            }
    return used
