"""What is wrong with a schema, what only the server will enforce, and what would make extraction better."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Any, Literal

from extraction.errors import SchemaError
from extraction.schema_drafts import draft_of, upgraded
from extraction.schema_limits import MAX_CHARACTERS, MAX_DEPTH, MAX_PROPERTIES, Size, measure
from extraction.schema_refs import REFERENCES, Place, References, children, look_up
from extraction.schema_text import compact
from extraction.schema_vendors import EVERYWHERE, enforcement
from extraction.schema_words import ANNOTATIONS, ASSERTED, FORMATS, UNCHECKED
from extraction.schemas import check_schema, find_misused_words

MAX_WARNINGS = 200
_FOREIGN = {
    "nullable": 'OpenAPI\'s way to allow null: write "type": ["string", "null"].',
    "discriminator": "OpenAPI's: a const in each branch of oneOf says the same.",
    "example": "OpenAPI's: JSON Schema says examples, a list.",
    "optional": "Not JSON Schema: leave the name out of required instead.",
}
_SAYS_NOTHING = re.compile(r"(?:[a-z]|(?:field|value|prop|property|column|col|item|data|key|attr|x|var)[_-]?)\d*", re.I)


@dataclass(frozen=True, slots=True)
class Remark:
    """`enforced_by`: whether the server refuses a result that ignores the keyword, or nobody does."""

    pointer: str
    keyword: str
    message: str
    enforced_by: Literal["server", "nobody"]
    vendors: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    errors: list[SchemaError]
    warnings: list[Remark]
    size: Size | None

    @property
    def limits(self) -> dict[str, dict[str, int | None]]:
        allowed = {"properties": MAX_PROPERTIES, "depth": MAX_DEPTH, "characters": MAX_CHARACTERS}
        return {name: {"used": getattr(self.size, name, None), "allowed": most} for name, most in allowed.items()}


def lint(schema: Any) -> Report:
    """Of JSON as it was read. Pointers are into the schema as it is understood: in draft 2020-12."""
    errors, size = _judge(schema)
    if errors:
        return Report(errors, [], size)
    current = upgraded(schema)
    return Report([], list(islice(_warnings(schema, current), MAX_WARNINGS)), size)


def _judge(schema: Any) -> tuple[list[SchemaError], Size | None]:
    size = None
    try:
        if isinstance(schema, dict):
            current = upgraded(schema)
            if misused := list(find_misused_words(current)):
                return misused, None
            compact(current)
            size = measure(current)
        check_schema(schema)
    except SchemaError as error:
        return [error], size
    return [], size


def _warnings(sent: dict[str, Any], schema: dict[str, Any]) -> Iterator[Remark]:
    if (draft := draft_of(sent)) != "2020-12":
        yield Remark("/$schema", "$schema", f"Draft {draft}: read as the same in draft 2020-12.", "server")
    references = References(schema)
    for place in sorted(references.places, key=lambda place: place.pointer):
        for keyword in place.schema:
            yield from _about_keyword(place, keyword)
        yield from _about_properties(place, references)


def _about_keyword(place: Place, keyword: str) -> Iterator[Remark]:
    value, pointer = place.schema[keyword], f"{place.pointer}/{keyword}"
    if keyword in ("$id", "$ref") and _is_remote(value):
        yield Remark(pointer, keyword, "An address by name only: nothing is fetched.", "server")
    if keyword == "format" and value not in FORMATS:
        message = f"No format that is known here, so nobody checks it.{_did_you_mean(str(value), FORMATS)}"
        yield Remark(pointer, keyword, message, "nobody", enforcement(keyword))
    elif keyword in ASSERTED - EVERYWHERE - set(REFERENCES):  # those are resolved before a model is asked
        yield from _about_assertion(pointer, keyword)
    elif keyword in UNCHECKED:
        yield Remark(pointer, keyword, "An annotation: what a value encodes is not looked into.", "nobody")
    elif keyword not in ANNOTATIONS | ASSERTED and not keyword.startswith("x-"):
        known = _FOREIGN.get(keyword) or f"No keyword of JSON Schema.{_did_you_mean(keyword, ANNOTATIONS | ASSERTED)}"
        yield Remark(pointer.replace(keyword, _escaped(keyword)), keyword, known, "nobody")
    if keyword in ("additionalProperties", "patternProperties") and value is not False:
        message = "Mappers fill the properties that are named under properties, and no others."
        yield Remark(pointer, keyword, message, "server", enforcement(keyword))
    if keyword == "prefixItems":
        message = "Mappers do not tell the places of a list apart: an object with a name for each is read better."
        yield Remark(pointer, keyword, message, "server", enforcement(keyword))


def _about_assertion(pointer: str, keyword: str) -> Iterator[Remark]:
    vendors = enforcement(keyword)
    without = [name for name, holds in vendors.items() if not holds]
    if without and keyword not in ("patternProperties", "prefixItems"):
        message = f"No grammar of {', '.join(without)} holds a model to this; the server checks every result."
        yield Remark(pointer, keyword, message, "server", vendors)


def _about_properties(place: Place, references: References) -> Iterator[Remark]:
    required = place.schema.get("required", [])
    for child in children(place.schema):
        if child.keyword != "properties" or not isinstance(child.schema, dict):
            continue
        name = child.steps[1]
        pointer = f"{place.pointer}/properties/{_escaped(name)}"
        shape = _seen_through(child.schema, place.base, references)
        if not _says_what(shape):
            yield Remark(pointer, "type", "Without a type any value fits: say which is meant.", "nobody")
        if _SAYS_NOTHING.fullmatch(name) and not ({"title", "description"} & shape.keys()):
            message = "The name says nothing of what to look for: choose a telling one, or add a description."
            yield Remark(pointer, "properties", message, "nobody")
        if name in required and _is_firm_leaf(shape):
            message = 'Required and never null, so media without it cannot satisfy the schema: allow "null" too.'
            yield Remark(pointer, "required", message, "server", enforcement("required"))


def _seen_through(schema: dict[str, Any], base: str, references: References) -> dict[str, Any]:
    """With what its reference leads to, one step far."""
    reference = schema.get("$ref")
    pointer = references.find_pointer(reference, base) if isinstance(reference, str) else None
    target = look_up(references.root, pointer) if pointer is not None else None
    return {**target, **schema} if isinstance(target, dict) else schema


def _says_what(schema: dict[str, Any]) -> bool:
    return bool({"type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf", "properties", "items"} & schema.keys())


def _is_firm_leaf(schema: dict[str, Any]) -> bool:
    declared = schema.get("type")
    types = {declared} if isinstance(declared, str) else set(declared or ())
    return bool(types) and not types & {"null", "object", "array"}


def _is_remote(value: Any) -> bool:
    return isinstance(value, str) and "://" in value


def _did_you_mean(word: str, known: frozenset[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.75)
    return f" Did you mean {close[0]}?" if close else ""


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
