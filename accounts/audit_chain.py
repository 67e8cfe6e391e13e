"""How one entry of the audit log hangs on the one before, and how the end of the log is sealed. Plain arithmetic."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

BEGINNING = "0" * 64  # what the first entry is chained to
PURPOSE = "accounts.audit.head:"
COLUMNS = (
    "number", "at", "act", "by", "actor", "staff_id", "subject", "table", "row", "reason", "details", "previous",
)  # fmt: skip


def digest_of(values: Sequence[Any]) -> str:
    """Of COLUMNS, as canonical JSON: keys in order, no spaces, ASCII, moments to the microsecond in UTC."""
    told = dict(zip(COLUMNS, values, strict=True))
    told["at"] = write_moment(told["at"])
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def seal_head(number: int, digest: str) -> str:
    """Between two checkpoints nothing is signed: who can write to the database still cannot make this."""
    return _seal(settings.SECRET_KEY, number, digest)


def is_sealed(seal: str, number: int, digest: str) -> bool:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(seal, _seal(key, number, digest)) for key in keys)


def _seal(key: str, number: int, digest: str) -> str:
    return hmac.new(key.encode(), f"{PURPOSE}{number}:{digest}".encode(), hashlib.sha256).hexdigest()
