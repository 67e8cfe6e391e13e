"""What a field of a delivery must be to be kept: a short plain text, a whole number, a time that names its zone.

Each raises ValueError: what is signed can still be more than a column holds.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from billing.pricing import parse_money

OURS = re.compile(r"[a-z0-9_]{1,32}")
WHOLE = re.compile(r"-?[0-9]{1,18}")
WITH_POINT = re.compile(r"[0-9]{1,15}\.[0-9]{1,4}")
LARGEST = 10**18


def read_text(value: object, longest: int = 80) -> str:
    """Empty for nothing."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise ValueError
    return value


def read_id(value: object, longest: int = 80) -> str:
    if not (id := read_text(value, longest)):
        raise ValueError
    return id


def read_order_id(carried: object) -> str:
    """Ours, or nothing: whoever pays by a link of their own making can write there too."""
    told = carried.get("order_id") if isinstance(carried, dict) else None
    return told if isinstance(told, str) and OURS.fullmatch(told) else ""


def read_whole(value: object) -> int:
    """From a number or from its digits."""
    if isinstance(value, str) and WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST:
        return value
    raise ValueError


def read_amount(value: object, currency: str) -> int:
    """In the smallest unit as it is, or, with a point, in the large one."""
    if isinstance(value, str) and WITH_POINT.fullmatch(value):
        return parse_money(Decimal(value), currency)
    return read_whole(value)


def read_time(value: object) -> datetime | None:
    if not value:
        return None
    moment = datetime.fromisoformat(read_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment


def read_moment(value: object) -> datetime:
    if (moment := read_time(value)) is None:
        raise ValueError
    return moment
