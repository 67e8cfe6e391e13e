"""All that a schema says of one value as a single schema: references, allOf, branches and conditions folded in.

A mapper asks for every property that some branch knows. One that not all branches allow is asked for
without null, so that it is left out of the answer, and the branch without it stays possible.
"""

from __future__ import annotations

from typing import Any

from extraction.schema_refs import look_up

MAX_CHAIN = 20  # schemas folded one into the other for one value
MAX_BRANCHES = 20
NO_SCHEMA: dict[str, Any] = {}
_FOLDED = ("$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")
_BOUNDS = ("pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_ALL_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
Merged = tuple[dict[str, Any], bool, tuple[str, ...]]


class Merging:
    """Of the schemas inside one root, whose references are pointers from it."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self.known: dict[int, tuple[dict[str, Any], Merged]] = {}
        self.open: set[int] = set()

    def merged(self, schema: dict[str, Any], chain: int = 0) -> Merged:
        """The schema, whether null is among what it allows by name, and the references that were followed."""
        if (before := self.known.get(id(schema))) is not None and before[0] is schema:
            return before[1]
        if id(schema) in self.open:
            return NO_SCHEMA, False, ()  # it applies itself to the same value: nothing new is said
        self.open.add(id(schema))
        found = self._merged(schema, chain)
        self.open.discard(id(schema))
        self.known[id(schema)] = (schema, found)
        return found

    def _merged(self, schema: dict[str, Any], chain: int) -> Merged:
        own = {key: value for key, value in schema.items() if key not in _FOLDED}
        if chain > MAX_CHAIN:
            return own, "null" in types_of(own), ()
        followed: list[str] = []
        for part in self._parts(schema, followed):
            inner, _, more = self.merged(part, chain + 1)
            own = joined(own, inner)
            followed += more
        for key in ("anyOf", "oneOf"):
            if branches := listed(schema.get(key))[:MAX_BRANCHES]:
                built = [self.merged(one, chain + 1) for one in branches]
                followed += [pointer for one in built for pointer in one[2]]
                own = joined(own, either([one[0] for one in built]))
        for part in self._conditional(schema):
            inner, _, more = self.merged(part, chain + 1)
            own = with_properties(own, inner)
            followed += more
        return own, "null" in types_of(own), tuple(followed)

    def _parts(self, schema: dict[str, Any], followed: list[str]) -> list[dict[str, Any]]:
        parts = listed(schema.get("allOf"))[:MAX_BRANCHES]
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith("#"):
            target = look_up(self.root, reference[1:])
            if isinstance(target, dict):
                followed.append(reference)
                parts = [target, *parts]
        return parts

    @staticmethod
    def _conditional(schema: dict[str, Any]) -> list[dict[str, Any]]:
        dependent = schema.get("dependentSchemas")
        found = [schema.get("then"), schema.get("else"), *(dependent.values() if isinstance(dependent, dict) else ())]
        return [one for one in found if isinstance(one, dict)]


def joined(schema: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Both at once: types and choices that both allow, properties of either; else the first one's word counts."""
    both = {**other, **schema}
    if (types_of(schema) or types_of(other)) and ("type" in schema or "type" in other):
        both["type"] = sorted(_common_types(schema, other))
    if isinstance(schema.get("enum"), list) and isinstance(other.get("enum"), list):
        both["enum"] = [value for value in schema["enum"] if value in other["enum"]]
    properties = dict(_mapping(schema.get("properties")))
    for name, inner in _mapping(other.get("properties")).items():
        properties[name] = {"allOf": [properties[name], inner]} if name in properties else inner
    return {**both, "properties": properties} if properties else both


def with_properties(schema: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The properties that only a condition names, asked for too; what it says of others is left to validation."""
    extra = {
        name: inner
        for name, inner in _mapping(other.get("properties")).items()
        if name not in _mapping(schema.get("properties")) and inner is not False
    }
    return {**schema, "properties": {**_mapping(schema.get("properties")), **extra}} if extra else schema


def either(branches: list[dict[str, Any]]) -> dict[str, Any]:
    """One of several, where nobody can know which before the media is read."""
    real = [one for one in branches if types_of(one) != {"null"}]
    null = len(real) < len(branches) or any("null" in types_of(one) for one in real)
    objects = [one for one in real if "object" in types_of(one) or "properties" in one]
    if objects:
        chosen = _either_object(objects) if len(objects) > 1 else {**objects[0], "type": ["object"]}
    elif lists := [one for one in real if "array" in types_of(one)]:
        chosen = {**lists[0], "type": ["array"]}
    elif real:
        chosen = _either_leaf(real)
    else:
        return {"type": ["null"]} if null else NO_SCHEMA
    types = types_of(chosen)
    if not types and null:
        return {**chosen, "type": sorted(_ALL_TYPES - {"object", "array"})}
    if not types:
        return chosen
    if null and isinstance(chosen.get("enum"), list) and None not in chosen["enum"]:
        chosen = {**chosen, "enum": [*chosen["enum"], None]}
    return {**chosen, "type": sorted(types | ({"null"} if null else set()) - (set() if null else {"null"}))}


def _either_object(branches: list[dict[str, Any]]) -> dict[str, Any]:
    """Every property of every branch; one that is a constant in each, and tells them apart, becomes a choice."""
    closed = any(one.get("additionalProperties") is False for one in branches)
    properties: dict[str, Any] = {}
    for name in dict.fromkeys(name for one in branches for name in _mapping(one.get("properties"))):
        said = [one["properties"][name] for one in branches if name in _mapping(one.get("properties"))]
        distinct = [one for index, one in enumerate(said) if one not in said[:index] and one is not False]
        if not distinct:
            continue
        together = distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
        properties[name] = (
            {"allOf": [together, {"not": {"type": "null"}}]} if _may_be_left_out(said, branches, closed) else together
        )
    first = {key: value for key, value in branches[0].items() if key in ("title", "description")}
    return {**first, "type": ["object"], "properties": properties}


def _may_be_left_out(said: list[Any], branches: list[dict[str, Any]], closed: bool) -> bool:
    return closed and len(said) < len(branches)


def _either_leaf(branches: list[dict[str, Any]]) -> dict[str, Any]:
    first = dict(branches[0])
    for bound in _BOUNDS:
        if any(one.get(bound) != first.get(bound) for one in branches):
            first.pop(bound, None)
    types = [types_of(one) for one in branches]
    if all(types):
        first["type"] = sorted(frozenset().union(*types))
    else:
        first.pop("type", None)
    choices = [_choices(one) for one in branches]
    first.pop("const", None)
    first.pop("enum", None)
    if all(one is not None for one in choices):
        first["enum"] = [value for one in choices for value in one or ()]
    return first


def _choices(schema: dict[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema["enum"] if isinstance(schema.get("enum"), list) else None


def types_of(schema: dict[str, Any]) -> frozenset[str]:
    """The types it allows by name; none where it says nothing of them."""
    types = _declared_types(schema)
    banned = _mapping(schema.get("not"))
    return types - {"null"} if banned == {"type": "null"} else types


def _declared_types(schema: dict[str, Any]) -> frozenset[str]:
    declared, choices = schema.get("type"), _choices(schema)
    named = {declared} if isinstance(declared, str) else declared if isinstance(declared, list) else None
    types = frozenset(one for one in named if isinstance(one, str)) if named is not None else None
    if choices is None:
        return types or frozenset()
    given = frozenset(kind for value in choices if (kind := _type_of(value)))
    if types is None:
        return given
    if "null" in types and "null" not in given:
        types -= {"null"}  # the type allows it, the choices do not
    return types


def _common_types(schema: dict[str, Any], other: dict[str, Any]) -> frozenset[str]:
    one, two = types_of(schema), types_of(other)
    if not one or not two:
        return one or two
    common = one & two
    if "integer" in one | two and "number" in one | two:
        common |= {"integer"}
    return common or one


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


def listed(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
