"""JSON as strangers send it, read strictly: what two readers could understand differently is refused."""

from __future__ import annotations

import json
import math
from typing import Any

from extraction.errors import SchemaError

MAX_NESTING = 128  # of brackets; seven levels of data need far fewer
MAX_DIGITS = 300  # what a double can hold, and more than any bound on a value needs


def read_json(text: str, *, what: str = "schema") -> Any:
    """Raises SchemaError for what is no JSON, for duplicate keys, NaN, numbers beyond a double, broken Unicode."""
    if deepest(text) > MAX_NESTING:
        raise SchemaError(f"The {what} nests brackets deeper than {MAX_NESTING} levels.")
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_whole,
            parse_float=_finite,
        )
    except (ValueError, RecursionError):
        raise SchemaError(f"The {what} is not valid JSON.") from None


def compact(value: Any) -> str:
    """The shortest JSON text; what the limit on characters counts. Raises SchemaError for broken Unicode."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SchemaError("The JSON holds half a character (a lone surrogate).") from None
    return text


def deepest(text: str) -> int:
    """How deep brackets nest. Brackets inside strings do not count; an unended string ends the count."""
    depth = most = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            most = max(most, depth)
            if most > MAX_NESTING:
                break
        elif character in "]}":
            depth -= 1
    return most


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise SchemaError("The JSON names a key twice in one object.")
    return found


def _refuse_constant(name: str) -> Any:
    raise SchemaError("NaN and Infinity are not JSON.")


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise SchemaError("A number in the JSON is too large.")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise SchemaError("A number in the JSON is too large.")
    return number
