"""A value read from the media, made to fit the leaf of the schema that asked; None where it cannot."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import regex

from extraction.mapping.kinds import Read
from extraction.mapping.schema_walk import Want

_BARE_TIME = re.compile(r"^\d\d:\d\d(?::\d\d)?$")
_WITH_SCHEME = frozenset({"uri", "url", "iri"})
_PATTERN_SECONDS = 0.02
_PATTERN_LENGTH = 500
_ISO_HINTS = ("iso", "yyyy-mm-dd", "rfc 3339", "8601")


def shape(want: Want, read: Read) -> Any:
    """`read.value` as JSON of a type the schema names; None if it breaks a type or a bound."""
    value = _typed(want, read)
    return value if value is not None and allowed(want, value) else None


def _typed(want: Want, read: Read) -> Any:
    value, types = read.value, want.types
    if isinstance(value, Decimal):
        return _number(value, read.text, types)
    if isinstance(value, datetime):
        return _moment(want, value) if not types or "string" in types else None
    if isinstance(value, date):
        return _date(want, value, read.text) if not types or "string" in types else None
    if types and "string" not in types:
        return None
    return _in_format(want.schema.get("format"), str(value))


def _in_format(declared: Any, value: str) -> str:
    """What a format demands and paper leaves out; `invented` says that it was put in."""
    if declared == "time" and _BARE_TIME.match(value):
        return f"{value}:00Z" if len(value) == 5 else f"{value}Z"
    if declared in _WITH_SCHEME and value.lower().startswith("www."):
        return f"https://{value}"
    return value


def invented(want: Want, read: Read) -> bool:
    """Whether the format makes us say more than was read: a UTC offset, a scheme. Such a value is less sure."""
    declared = want.schema.get("format")
    if declared == "date-time":
        return isinstance(read.value, date)
    return isinstance(read.value, str) and _in_format(declared, read.value) != read.value


def _moment(want: Want, value: datetime) -> str:
    # Paper never prints an offset. RFC 3339 demands one, so "Z" stands in for it there and nowhere else.
    return value.isoformat() + ("Z" if want.schema.get("format") == "date-time" else "")


def _number(value: Decimal, text: str, types: frozenset[str]) -> Any:
    if not types or "number" in types:
        whole = value == value.to_integral_value()
        # "2" is 2 and "9.00" is 9.0: as printed.
        return int(value) if whole and ("integer" in types or int(value.as_tuple().exponent) >= 0) else float(value)
    if "integer" in types:
        return int(value) if value == value.to_integral_value() else None
    return text or str(value) if "string" in types else None


def _date(want: Want, value: date, text: str) -> str:
    declared = want.schema.get("format")
    if declared == "date-time":
        return f"{value.isoformat()}T00:00:00Z"
    described = " ".join(str(want.schema.get(key, "")) for key in ("description", "title", "pattern")).lower()
    iso = declared == "date" or "iso" in want.name.lower() or any(hint in described for hint in _ISO_HINTS)
    return value.isoformat() if iso or "\\d{4}-" in described or "[0-9]{4}-" in described else text or value.isoformat()


def allowed(want: Want, value: Any) -> bool:
    """The bounds a schema may set on a leaf. Full validation is the pipeline's; this only sifts candidates."""
    schema = want.schema
    if isinstance(value, str):
        return _length_allowed(schema, value) and matches_pattern(schema.get("pattern"), value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _bounds_allowed(schema, value)
    return True


def _length_allowed(schema: dict[str, Any], value: str) -> bool:
    least, most = schema.get("minLength"), schema.get("maxLength")
    return not (isinstance(least, int) and len(value) < least) and not (isinstance(most, int) and len(value) > most)


def _bounds_allowed(schema: dict[str, Any], value: float) -> bool:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, under = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    number = (int, float)
    return not (
        (isinstance(low, number) and value < low)
        or (isinstance(high, number) and value > high)
        or (isinstance(above, number) and value <= above)
        or (isinstance(under, number) and value >= under)
    )


def matches_pattern(pattern: Any, value: str) -> bool:
    """The caller's regular expression, run on a short leash. One that cannot be run or ends late sifts nothing."""
    if not isinstance(pattern, str) or len(pattern) > _PATTERN_LENGTH:
        return True
    try:
        return regex.search(pattern, value[:2_000], timeout=_PATTERN_SECONDS) is not None
    except (regex.error, TimeoutError, ValueError):
        return True


def find_by_pattern(pattern: Any, text: str) -> tuple[int, int] | None:
    """Where the caller's pattern, its anchors loosened, occurs inside a longer text."""
    if not isinstance(pattern, str) or len(pattern) > _PATTERN_LENGTH:
        return None
    loose = pattern.removeprefix("^").removesuffix("$")
    if len(loose) < 3 or loose in (".*", ".+"):
        return None
    try:
        match = regex.search(rf"(?<!\w)(?:{loose})(?!\w)", text[:2_000], timeout=_PATTERN_SECONDS)
    except (regex.error, TimeoutError, ValueError):
        return None
    return match.span() if match and match.end() > match.start() else None
