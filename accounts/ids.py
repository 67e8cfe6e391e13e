"""Prefixed, sortable, unguessable ids: `ext_` and 26 characters, 48 bits of time and 80 of chance (a ULID)."""

import secrets
import time

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: nobody misreads one aloud
LENGTH = 26


def new_id(prefix: str) -> str:
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    digits = "".join(CROCKFORD[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
    return f"{prefix}_{digits}"
