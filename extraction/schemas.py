"""The caller's JSON Schema: accepted within limits, and held against the result by the server itself.

Validation is jsonschema-rs, offline: it neither fetches a reference nor takes exponential time over a pattern.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from extraction.errors import SchemaError

MAX_CHARACTERS, MAX_DEPTH, MAX_PROPERTIES, MAX_VIOLATIONS = 120_000, 7, 5_000, 100
BUILT_IN = Path(__file__).parent / "built_in_schemas"


@dataclass(frozen=True, slots=True)
class Violation:
    pointer: str
    reason: str


def parse_schema(text: str) -> dict[str, Any]:
    """The schema, proved usable. Raises SchemaError with a pointer, never quoting the schema."""
    if len(text) > MAX_CHARACTERS:
        raise SchemaError(f"The schema is longer than {MAX_CHARACTERS} characters.", code="schema_too_large")
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError):
        raise SchemaError("The schema is not valid JSON.") from None
    if not isinstance(schema, dict):
        raise SchemaError("The schema must be a JSON object.")
    _check_size(schema)
    try:
        jsonschema_rs.meta.validate(schema)
        _validator(schema)
    except jsonschema_rs.ValidationError as error:
        pointer = _pointer(error.instance_path)
        raise SchemaError("This is not a valid JSON Schema (draft 2020-12).", pointer=pointer) from None
    except (jsonschema_rs.ReferencingError, ValueError):
        raise SchemaError("The schema has a reference or pattern that cannot be resolved here.") from None
    return schema


def find_violations(data: Any, schema: dict[str, Any]) -> list[Violation]:
    """Where the data does not satisfy the schema, at most MAX_VIOLATIONS."""
    found = []
    for error in _validator(schema).iter_errors(data):
        found.append(Violation(_pointer(error.instance_path), error.message))
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


def _check_size(schema: dict[str, Any]) -> None:
    properties = 0
    for key, depth in _walk(schema, 1):
        properties += key == "property"
        if depth > MAX_DEPTH + 1:  # a leaf may hang on the deepest level
            raise SchemaError(f"The schema nests deeper than {MAX_DEPTH} levels.", code="schema_too_deep")
        if properties > MAX_PROPERTIES:
            raise SchemaError(f"The schema has more than {MAX_PROPERTIES} properties.", code="schema_too_large")


def _walk(node: Any, depth: int) -> Iterator[tuple[str, int]]:
    """Every schema below a node with its depth in the data it describes; local references are not followed."""
    yield "schema", depth
    if not isinstance(node, dict):
        return
    for name, child in node.items():
        if name in {"properties", "$defs", "patternProperties"} and isinstance(child, dict):
            below = depth + (name != "$defs")
            for grandchild in child.values():
                yield "property", below
                yield from _walk(grandchild, below)
        elif name in {"items", "additionalProperties"}:
            yield from _walk(child, depth + 1)
        elif name in {"anyOf", "oneOf", "allOf", "prefixItems"} and isinstance(child, list):
            for grandchild in child:
                yield from _walk(grandchild, depth)


def _pointer(path: list[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
