"""How large a schema is: as written, and as the data it describes unfolds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from extraction.errors import SchemaError
from extraction.schema_refs import REFERENCES, References, children, is_definition, look_up
from extraction.schema_text import compact

MAX_CHARACTERS, MAX_DEPTH, MAX_PROPERTIES = 120_000, 7, 5_000
MAX_UNFOLDED = 50_000  # schemas weighed for one document: two references in each of 14 definitions are too many
MAX_CHAIN = 200  # schemas that apply one inside the other before anything of the data is reached


@dataclass(frozen=True, slots=True)
class Size:
    """`depth`: levels of objects and lists, the root being the first; what refers back to itself counts once."""

    properties: int
    depth: int
    characters: int
    unfolded: int


def measure(schema: dict[str, Any]) -> Size:
    """Raises SchemaError where the schema applies itself to the same value for ever, or in an endless chain."""
    references = References(schema)
    named = sum(len(value) for place in references.places for key, value in place.schema.items() if _names(key, value))
    unfolding = _Unfolding(references)
    return Size(named, unfolding.depth(schema), len(compact(schema)), unfolding.count(schema, MAX_DEPTH, 0))


def check_size(size: Size) -> None:
    if size.characters > MAX_CHARACTERS:
        raise SchemaError(f"The schema is longer than {MAX_CHARACTERS} characters.", code="schema_too_large")
    if size.properties > MAX_PROPERTIES:
        raise SchemaError(f"The schema has more than {MAX_PROPERTIES} properties.", code="schema_too_large")
    if size.depth > MAX_DEPTH:
        raise SchemaError(f"The schema nests deeper than {MAX_DEPTH} levels.", code="schema_too_deep")
    if size.unfolded > MAX_UNFOLDED:
        message = f"Its references unfold into more than {MAX_UNFOLDED} schemas."
        raise SchemaError(message, code="schema_too_large")


def _names(keyword: str, value: Any) -> bool:
    return keyword in ("properties", "patternProperties") and isinstance(value, dict)


class _Unfolding:
    """Follows references without being led in circles: each schema is weighed once for each depth left."""

    def __init__(self, references: References) -> None:
        self.references = references
        self.places = {id(place.schema): place for place in references.places}
        self.known: dict[tuple[int, int], int | None] = {}
        self.depths: dict[int, int] = {}
        self.open: set[int] = set()

    def targets(self, schema: dict[str, Any]) -> list[Any]:
        place = self.places.get(id(schema))
        found = [
            self.references.find_pointer(reference, place.base if place else "")
            for keyword in REFERENCES
            if isinstance(reference := schema.get(keyword), str)
        ]
        return [look_up(self.references.root, pointer) for pointer in found if pointer is not None]

    def count(self, schema: Any, left: int, chain: int) -> int:
        """The schemas that a value with so many levels left can meet, capped at a little more than is allowed."""
        if not isinstance(schema, dict):
            return 1
        key = (id(schema), left)
        if key in self.known:
            if (weighed := self.known[key]) is None:
                pointer = place.pointer if (place := self.places.get(id(schema))) else ""
                raise SchemaError("The schema refers to itself without end.", pointer=pointer)
            return weighed
        if chain > MAX_CHAIN:
            raise SchemaError(f"More than {MAX_CHAIN} schemas apply to one value in a chain.", code="schema_too_deep")
        self.known[key] = None
        total = 1 + sum(self.count(target, left, chain + 1) for target in self.targets(schema))
        for child in children(schema):
            if is_definition(child) or (child.deeper and not left):
                continue
            total += self.count(child.schema, left - child.deeper, 0 if child.deeper else chain + 1)
            if total > MAX_UNFOLDED:
                break
        self.known[key] = total
        return total

    def depth(self, schema: Any) -> int:
        """Levels from a schema to its deepest leaf; what definitions hold is measured too, used or not."""
        if not isinstance(schema, dict) or id(schema) in self.open:
            return 0
        if id(schema) in self.depths:
            return self.depths[id(schema)]
        self.open.add(id(schema))
        if len(self.open) > MAX_CHAIN:
            raise SchemaError(f"More than {MAX_CHAIN} schemas stand one inside the other.", code="schema_too_deep")
        deepest = max((self.depth(target) for target in self.targets(schema)), default=0)
        for child in children(schema):
            deepest = max(deepest, self.depth(child.schema) + child.deeper)
        self.open.discard(id(schema))
        self.depths[id(schema)] = deepest
        return deepest
