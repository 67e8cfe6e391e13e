"""The caller's JSON Schema as a tree of wants: references resolved, null set apart, depth and size bounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

MAX_DEPTH = 10
MAX_NODES = 2_000
_NO_SCHEMA: dict[str, Any] = {}
_SCALARS = frozenset({"string", "number", "integer", "boolean"})


@dataclass(slots=True)
class Want:
    """One place in the answer. `path` holds the property names above and including this one."""

    shape: Literal["object", "array", "leaf"]
    path: tuple[str, ...]
    schema: dict[str, Any]
    types: frozenset[str]
    nullable: bool
    children: dict[str, Want] = field(default_factory=dict)
    items: Want | None = None

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else ""


class _Walk:
    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self.left = MAX_NODES

    def want(self, schema: Any, path: tuple[str, ...], depth: int) -> Want:
        self.left -= 1
        merged, nullable = self.merged(schema if isinstance(schema, dict) else _NO_SCHEMA, depth)
        types = _types(merged)
        nullable = nullable or "null" in types
        want = Want("leaf", path, merged, types & _SCALARS, nullable)
        if depth >= MAX_DEPTH or self.left <= 0:
            return want
        if "object" in types or (not types and isinstance(merged.get("properties"), dict)):
            want.shape = "object"
            for name, child in _mapping(merged.get("properties")).items():
                want.children[name] = self.want(child, (*path, name), depth + 1)
        elif "array" in types or (not types and "items" in merged):
            want.shape = "array"
            want.items = self.want(merged.get("items", _NO_SCHEMA), path, depth + 1)
        return want

    def merged(self, schema: dict[str, Any], depth: int) -> tuple[dict[str, Any], bool]:
        """`schema` with $ref, allOf, anyOf and oneOf folded in, and whether null is among its choices."""
        schema, nullable = self.followed(schema), False
        for part in _listed(schema.get("allOf"))[:20]:
            if depth < MAX_DEPTH:
                inner, inner_null = self.merged(part, depth + 1)
                schema, nullable = _joined(schema, inner), nullable or inner_null
        choices = [self.followed(one) for key in ("anyOf", "oneOf") for one in _listed(schema.get(key))[:20]]
        if choices and depth < MAX_DEPTH:
            nullable = nullable or any(_types(one) == {"null"} or one.get("const", 0) is None for one in choices)
            real = [one for one in choices if _types(one) != {"null"} and one.get("const", 0) is not None]
            schema = _joined(schema, self._choice(real, depth))
        enum = schema.get("enum")
        return schema, nullable or (isinstance(enum, list) and None in enum)

    def _choice(self, choices: list[dict[str, Any]], depth: int) -> dict[str, Any]:
        if not choices:
            return _NO_SCHEMA
        built = [self.merged(one, depth + 1)[0] for one in choices]
        for one in built:
            if _types(one) & {"object", "array"} or "properties" in one:
                return one
        first = dict(built[0])
        first["type"] = sorted(set().union(*(_types(one) for one in built)))
        constants = [one["const"] for one in built if "const" in one]
        if constants and len(constants) == len(built):
            first.pop("const")
            first["enum"] = constants
        return first

    def followed(self, schema: dict[str, Any]) -> dict[str, Any]:
        """`schema` with its local $ref resolved; sibling keywords win. Remote references are not followed."""
        for _ in range(MAX_DEPTH):
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                return schema
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**self._target(reference), **rest}
        return {key: value for key, value in schema.items() if key != "$ref"}

    def _target(self, reference: str) -> dict[str, Any]:
        if not reference.startswith("#"):
            return _NO_SCHEMA
        node: Any = self.root
        for part in reference[1:].split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, dict) else None
        return node if isinstance(node, dict) else _NO_SCHEMA


def walk(schema: dict[str, Any]) -> Want:
    """The tree of wants of a schema whose size and depth were already judged; bounded here all the same."""
    return _Walk(schema).want(schema, (), 0)


def _joined(schema: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    joined = {**other, **{key: value for key, value in schema.items() if key not in ("anyOf", "oneOf", "allOf")}}
    properties = {**_mapping(other.get("properties")), **_mapping(schema.get("properties"))}
    return {**joined, "properties": properties} if properties else joined


def _types(schema: dict[str, Any]) -> frozenset[str]:
    declared = schema.get("type")
    if isinstance(declared, str):
        return frozenset({declared})
    if isinstance(declared, list):
        return frozenset(one for one in declared if isinstance(one, str))
    enum = schema.get("enum")
    values = enum if isinstance(enum, list) else [schema["const"]] if "const" in schema else []
    return frozenset(kind for value in values if (kind := _type_of(value)))


def _type_of(value: Any) -> str | None:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
