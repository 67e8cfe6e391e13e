"""The least value that a JSON Schema allows, the same each time: what the scripted provider fills forms with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEEPEST = 16  # a schema may contain itself

FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "someone@example.org",
    "uri": "https://example.org/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def make_example(schema: Any) -> Any:
    return _make(schema, schema, 0)


def _make(schema: Any, root: Any, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return None
    if isinstance(reference := schema.get("$ref"), str):
        return _make(_resolve(reference, root), root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for word in ("anyOf", "oneOf", "allOf"):
        if options := schema.get(word):
            return _make({**schema, word: None, **options[0]}, root, depth + 1)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    maker = MAKERS.get(kind or ("object" if "properties" in schema else "null"))
    return maker(schema, root, depth) if maker else None


def _resolve(reference: str, root: Any) -> Any:
    found = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step:
            found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    return found


def _make_object(schema: Mapping[str, Any], root: Any, depth: int) -> dict[str, Any]:
    properties = schema.get("properties") or {}
    return {name: _make(properties.get(name, {}), root, depth + 1) for name in schema.get("required") or ()}


def _make_list(schema: Mapping[str, Any], root: Any, depth: int) -> list[Any]:
    count = min(int(schema.get("minItems") or 0), 100)
    return [_make(schema.get("items"), root, depth + 1) for _ in range(count)]


def _make_number(schema: Mapping[str, Any], root: Any, depth: int) -> float:
    step = schema.get("multipleOf") or 1
    least = schema.get("minimum", 0)
    if (above := schema.get("exclusiveMinimum")) is not None:
        least = max(least, above + step)
    number = max(least, 0) if schema.get("maximum", 0) >= 0 else min(least, schema["maximum"])
    return -(-number // step) * step


def _make_text(schema: Mapping[str, Any], root: Any, depth: int) -> str:
    text = FORMATS.get(schema.get("format", ""), "")
    return text or "x" * min(int(schema.get("minLength") or 0), 1_000)


MAKERS = {
    "object": _make_object,
    "array": _make_list,
    "number": _make_number,
    "integer": _make_number,
    "string": _make_text,
    "boolean": lambda schema, root, depth: False,
    "null": lambda schema, root, depth: None,
}
