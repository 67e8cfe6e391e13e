"""The caller's JSON Schema as a tree of wants: references resolved, null set apart, depth and size bounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from extraction.mapping.schema_merge import NO_SCHEMA, Merging, types_of
from extraction.schema_refs import localized

MAX_DEPTH = 10
MAX_NODES = 6_000  # a schema's 5,000 properties and the places around them
MAX_ROUNDS = 2  # how often a schema is asked for inside itself: no paper goes deeper
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
        self.merging = Merging(root)
        self.left = MAX_NODES

    def want(self, schema: Any, path: tuple[str, ...], rounds: dict[str, int], depth: int) -> Want:
        self.left -= 1
        merged, nullable, followed = self.merging.merged(schema if isinstance(schema, dict) else NO_SCHEMA)
        rounds = {**rounds, **{pointer: rounds.get(pointer, 0) + 1 for pointer in followed}}
        types = types_of(merged)
        want = Want("leaf", path, merged, types & _SCALARS, nullable)
        if "object" in types or (not types and isinstance(merged.get("properties"), dict)):
            want.shape = "object"
            for name, child in merged.get("properties", {}).items():
                if self._is_asked_for(child, rounds, depth):
                    want.children[name] = self.want(child, (*path, name), rounds, depth + 1)
        elif "array" in types or (not types and _item_of(merged) is not None):
            want.shape = "array"
            item = _item_of(merged)
            if self._is_asked_for(item, rounds, depth):
                want.items = self.want(item, path, rounds, depth + 1)
        return want

    def _is_asked_for(self, schema: Any, rounds: dict[str, int], depth: int) -> bool:
        """Not what the schema forbids (`false`), nor what leads into itself again and again, nor beyond the bounds."""
        if schema is False or depth >= MAX_DEPTH or self.left <= 0:
            return False
        followed = self.merging.merged(schema)[2] if isinstance(schema, dict) else ()
        return all(rounds.get(pointer, 0) < MAX_ROUNDS for pointer in followed)


def walk(schema: dict[str, Any]) -> Want:
    """The tree of wants of a schema whose size and depth were already judged; bounded here all the same."""
    return _Walk(localized(schema)).want({"$ref": "#"}, (), {}, 0)


def _item_of(schema: dict[str, Any]) -> Any:
    """What each entry of a list is like. Of a tuple, anything that one of its places takes."""
    if "items" in schema and schema["items"] is not False:
        return schema["items"]
    if isinstance(places := schema.get("prefixItems"), list) and places:
        return places[0] if len(places) == 1 else {"anyOf": places}
    return schema.get("contains", schema.get("items"))
