"""The schema a language model is held to, and its answer held to the schema again.

Vendors enforce a part of JSON Schema (schema_vendors holds the table): what goes to them uses what all of
them enforce and tells the rest in words. Every leaf may be null here, so that "not in the text" can be said.
What a model was not asked for is dropped on reading, whoever told it to add it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from extraction.mapping.schema_walk import Want
from extraction.schema_vendors import TOLD

MAX_ENUM = 500  # more choices than vendors take; the model is left free then, and the answer still checked
MAX_ITEMS = 1_000
WRAPPED = "value"  # where the caller's root is no object, which is what vendors insist on
INVALID = object()  # stands in a fitted answer where the model gave a value that the schema forbids


def answer_schema(want: Want) -> dict[str, Any]:
    schema = _enforceable(want)
    return schema if want.shape == "object" else _object({WRAPPED: schema})


def unwrap(answer: dict[str, Any], want: Want) -> Any:
    return answer if want.shape == "object" else answer.get(WRAPPED)


def _enforceable(want: Want) -> dict[str, Any]:
    if want.shape == "object":
        return _object({name: _enforceable(child) for name, child in want.children.items()}) | _described(want)
    if want.shape == "array":
        return {"type": "array", "items": _enforceable(items_of(want))} | _described(want)
    leaf: dict[str, Any] = {"type": [*sorted(want.types or {"string", "number", "boolean"}), "null"]}
    if (choices := choices_of(want)) and len(choices) <= MAX_ENUM:
        leaf["enum"] = [*choices, None]
    return leaf | _described(want)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def _described(want: Want) -> dict[str, str]:
    """What the caller says of a value. Its form is told, not enforced: vendors differ in that."""
    said = [want.schema.get(key) for key in ("title", "description")]
    told = [f"{key}: {want.schema[key]}" for key in TOLD if want.schema.get(key)]
    words = ". ".join([text for text in said if isinstance(text, str) and text] + told)
    return {"description": words} if words else {}


def items_of(want: Want) -> Want:
    return want.items or Want("leaf", want.path, {}, frozenset(), nullable=True)


def choices_of(want: Want) -> list[Any]:
    enum = [want.schema["const"]] if "const" in want.schema else want.schema.get("enum")
    if not isinstance(enum, list) or any(isinstance(value, dict | list) for value in enum):
        return []  # of whole objects and lists: no vendor takes those, and the answer is still checked
    return [value for value in enum if value is not None]


def fit(value: Any, want: Want) -> Any:
    """`value` in the shape of `want`: every property there and no other, items without any value left out."""
    if want.shape == "object":
        held = value if isinstance(value, dict) else {}
        return {name: fit(held.get(name), child) for name, child in want.children.items()}
    if want.shape == "array":
        given = value[:MAX_ITEMS] if isinstance(value, list) else []
        fitted = [fit(item, items_of(want)) for item in given]
        return [item for item in fitted if not is_empty(item)]
    return _fit_leaf(value, want)


def is_empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    return value is None or value is INVALID or value == []


def leaves(value: Any, want: Want, pointer: str = "") -> Iterator[tuple[str, Want, Any]]:
    """(pointer, want, value) of every leaf of a fitted value, in the schema's order; an empty list is one."""
    if want.shape == "object":
        for name, child in want.children.items():
            step = name.replace("~", "~0").replace("/", "~1")
            yield from leaves(value[name], child, f"{pointer}/{step}")
    elif want.shape == "array":
        if not value:
            yield pointer, want, None
        for index, item in enumerate(value):
            yield from leaves(item, items_of(want), f"{pointer}/{index}")
    else:
        yield pointer, want, value


def _fit_leaf(value: Any, want: Want) -> Any:
    if isinstance(value, str):
        # Lone surrogates and NUL are legal in JSON and fatal to encoders and databases.
        value = value.encode("utf-8", "ignore").decode().replace("\0", "").strip()
    if value is None or value == "":
        return None
    if isinstance(value, dict | list) or (isinstance(value, float) and not math.isfinite(value)):
        return INVALID
    fitted = _typed(value, want.types) if want.types else value
    choices = choices_of(want)
    return _chosen(fitted, choices) if choices else fitted


def _typed(value: Any, types: frozenset[str]) -> Any:
    """`value` as one of `types`, where that loses nothing. Models without a grammar quote their numbers."""
    if isinstance(value, bool):
        return value if "boolean" in types else INVALID
    if isinstance(value, str):
        return value if "string" in types else _unquoted(value, types)
    if "number" in types:
        return value
    if "integer" in types and value == int(value):
        return int(value)
    return str(value) if "string" in types else INVALID


def _unquoted(text: str, types: frozenset[str]) -> Any:
    if text.lower() in {"true", "false"}:
        return _typed(text.lower() == "true", types)
    try:
        number = float(text)
    except ValueError:
        return INVALID
    return _typed(number, types) if math.isfinite(number) else INVALID


def _chosen(value: Any, choices: list[Any]) -> Any:
    """The caller's own spelling of a choice: models change case now and then."""
    folded = str(value).casefold()
    return next((choice for choice in choices if str(choice).casefold() == folded), INVALID)


def settle(value: Any, want: Want, values: dict[str, Any], pointer: str = "") -> Any:
    """The result, leaves as decided in `values`. Absent is null where the schema allows it, else omitted."""
    if want.shape == "object":
        settled: dict[str, Any] = {}
        for name, child in want.children.items():
            step = name.replace("~", "~0").replace("/", "~1")
            inner = settle(value[name], child, values, f"{pointer}/{step}")
            if child.nullable and is_empty(inner):
                settled[name] = None
            elif inner is not None:
                settled[name] = inner
        return settled
    if want.shape == "array":
        items = items_of(want)
        return [settle(item, items, values, f"{pointer}/{index}") for index, item in enumerate(value)]
    return values[pointer]
