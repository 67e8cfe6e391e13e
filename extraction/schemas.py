"""The caller's JSON Schema: accepted within limits, and held against the result by the server itself.

Validation is jsonschema-rs, offline: it neither fetches a reference nor takes exponential time over a pattern.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema_rs

from extraction.errors import SchemaError
from extraction.schema_drafts import CURRENT, upgraded
from extraction.schema_limits import MAX_CHARACTERS, check_size, measure
from extraction.schema_refs import REFERENCES, References, pointer_of
from extraction.schema_text import read_json

MAX_VIOLATIONS = 100
BUILT_IN = Path(__file__).parent / "built_in_schemas"
_WITH_SPACES = 4 * MAX_CHARACTERS  # the limit counts compact JSON; this much is read at all


@dataclass(frozen=True, slots=True)
class Violation:
    pointer: str
    reason: str


def parse_schema(text: str) -> dict[str, Any]:
    """The schema in draft 2020-12, proved usable. Raises SchemaError with a pointer, never quoting the schema."""
    return check_schema(read_schema(text))


def read_schema(text: str) -> Any:
    if len(text) > _WITH_SPACES:
        raise SchemaError(f"The schema is longer than {MAX_CHARACTERS} characters.", code="schema_too_large")
    return read_json(text)


def check_schema(schema: Any) -> dict[str, Any]:
    """As parse_schema, of JSON that was read already."""
    if not isinstance(schema, dict):
        raise SchemaError("The schema must be a JSON object.")
    current = upgraded(schema)
    for misused in find_misused_words(current):
        raise misused
    check_size(measure(current))
    _check_references(current)
    try:
        _validator(current)
    except jsonschema_rs.ValidationError as error:  # a pattern no engine would run
        pointer = pointer_of(tuple(str(part) for part in error.instance_path))
        raise SchemaError("This pattern cannot be used here.", pointer=pointer) from None
    except ValueError:
        raise SchemaError("The schema has a reference or pattern that cannot be resolved here.") from None
    return current


def find_violations(data: Any, schema: dict[str, Any]) -> list[Violation]:
    """Where the data does not satisfy the schema, at most MAX_VIOLATIONS."""
    validator = _validator(schema)
    if validator.is_valid(data):  # many times cheaper than to collect what is wrong
        return []
    found = []
    for error in validator.iter_errors(data):
        found.append(Violation(pointer_of(tuple(str(part) for part in error.instance_path)), error.message))
        if len(found) == MAX_VIOLATIONS:
            break
    return found


@cache
def built_in_names() -> frozenset[str]:
    return frozenset(path.stem for path in BUILT_IN.glob("*.json"))


def find_built_in(name: str) -> dict[str, Any] | None:
    """A built-in schema by `name` or `name@1`; every one is in its first version."""
    base, _, version = name.partition("@")
    if base not in built_in_names() or version not in {"", "1"}:
        return None
    return json.loads((BUILT_IN / f"{base}.json").read_text())


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema, offline=True, validate_formats=True)


@cache
def _words() -> jsonschema_rs.Draft202012Validator:
    """The meta-schema, which jsonschema-rs carries with it."""
    return jsonschema_rs.Draft202012Validator({"$ref": CURRENT}, offline=True)


def find_misused_words(schema: dict[str, Any]) -> Iterator[SchemaError]:
    """Where the meta-schema of 2020-12 is not satisfied, whatever `$schema` says: that of another would be fetched."""
    try:
        for error in islice(_words().iter_errors(schema), MAX_VIOLATIONS):
            pointer = pointer_of(tuple(str(part) for part in error.instance_path))
            hint = " In 2020-12 a tuple is prefixItems." if pointer.endswith("/items") else ""
            yield SchemaError(f"This is not a valid JSON Schema (draft 2020-12).{hint}", pointer=pointer)
    except ValueError:
        raise SchemaError("The schema holds a character or number that cannot be read.") from None


def _check_references(schema: dict[str, Any]) -> None:
    """Each must lead to a place inside; the first that does not is named."""
    references = References(schema)
    for place in references.places:
        if place.pointer and place.schema.get("$schema", CURRENT) != CURRENT:
            raise SchemaError("$schema belongs at the root.", pointer=f"{place.pointer}/$schema")
        for keyword in REFERENCES:
            reference = place.schema.get(keyword)
            if isinstance(reference, str) and references.find_pointer(reference, place.base) is None:
                message = f"This {keyword} leads to no place in the schema. Nothing outside it is fetched."
                raise SchemaError(message, pointer=f"{place.pointer}/{keyword}")
