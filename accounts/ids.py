"""Prefixed, sortable, unguessable ids: `ext_` and 26 characters, 48 bits of time and 80 of chance (a ULID)."""

import secrets
import time
from datetime import datetime

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: nobody misreads one aloud
LENGTH = 26


def new_id(prefix: str) -> str:
    return _spell(prefix, time.time_ns() // 1_000_000, secrets.randbits(80))


def first_id(prefix: str, moment: datetime) -> str:
    """Smaller than all that were made since: for what is recent, by the index that every table has."""
    return _spell(prefix, int(moment.timestamp() * 1000), 0)


def _spell(prefix: str, milliseconds: int, chance: int) -> str:
    number = milliseconds << 80 | chance
    digits = "".join(CROCKFORD[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
    return f"{prefix}_{digits}"
