"""Where a JSON Schema holds other schemas, and what its references lead to. Nothing is ever fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin

_ONE_DEEPER = ("items", "additionalProperties", "unevaluatedItems", "unevaluatedProperties", "contains")
_ONE_HERE = ("not", "if", "then", "else", "propertyNames", "contentSchema")
_MAP_DEEPER, _MAP_HERE = ("properties", "patternProperties"), ("dependentSchemas", "dependencies")
_LIST_DEEPER, _LIST_HERE = ("prefixItems",), ("allOf", "anyOf", "oneOf")
_DEFINITIONS = ("$defs", "definitions")
REFERENCES = ("$ref", "$dynamicRef")


class Child(NamedTuple):
    """A schema inside another. `deeper`: it describes what lies inside the value, not the value itself."""

    keyword: str
    steps: tuple[str, ...]
    schema: Any
    deeper: bool


def children(schema: Any) -> Iterator[Child]:
    """Every schema directly inside, definitions included."""
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        deeper = keyword in _ONE_DEEPER or keyword in _MAP_DEEPER or keyword in _LIST_DEEPER
        if keyword in _ONE_DEEPER or keyword in _ONE_HERE:
            yield Child(keyword, (keyword,), value, deeper)
        elif isinstance(value, dict) and keyword in (*_MAP_DEEPER, *_MAP_HERE, *_DEFINITIONS):
            for name, inner in value.items():
                yield Child(keyword, (keyword, name), inner, deeper)
        elif isinstance(value, list) and keyword in (*_LIST_DEEPER, *_LIST_HERE):
            for index, inner in enumerate(value):
                yield Child(keyword, (keyword, str(index)), inner, deeper)


def is_definition(child: Child) -> bool:
    return child.keyword in _DEFINITIONS


def pointer_of(steps: tuple[str, ...]) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def look_up(root: Any, pointer: str) -> Any:
    """What stands at a JSON Pointer; None where nothing does."""
    node = root
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict):
            node = node.get(key)
        elif isinstance(node, list) and key.isdecimal() and len(key) < 6 and int(key) < len(node):
            node = node[int(key)]
        else:
            return None
    return node


@dataclass(frozen=True, slots=True)
class Place:
    pointer: str
    base: str
    schema: dict[str, Any]


class References:
    """The addresses inside one schema: its `$id`s, anchors and pointers."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self.resources: dict[str, str] = {"": ""}
        self.anchors: dict[tuple[str, str], str] = {}
        self.places = list(self._places())

    def _places(self) -> Iterator[Place]:
        waiting: list[tuple[Any, str, str]] = [(self.root, "", "")]
        while waiting:
            schema, pointer, base = waiting.pop()
            if not isinstance(schema, dict):
                continue
            if isinstance(own := schema.get("$id"), str):
                base = _joined(base, own).partition("#")[0]
                self.resources.setdefault(base, pointer)
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(name := schema.get(keyword), str):
                    self.anchors.setdefault((base, name), pointer)
            yield Place(pointer, base, schema)
            waiting += [(child.schema, pointer + pointer_of(child.steps), base) for child in children(schema)]

    def find_pointer(self, reference: str, base: str) -> str | None:
        """Where a reference leads inside this schema; None where it leads out of it, or nowhere."""
        address, _, fragment = (base + reference if reference.startswith("#") else _joined(base, reference)).partition(
            "#"
        )
        resource = self.resources.get(address)
        if resource is None:
            return None
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            return self.anchors.get((address, fragment))
        pointer = resource + fragment
        return pointer if isinstance(look_up(self.root, pointer), dict | bool) else None


def localized(root: dict[str, Any]) -> dict[str, Any]:
    """The same schema with every reference a `$ref` to a pointer from the root; those that lead nowhere left out."""
    references = References(root)
    bases = {place.pointer: place.base for place in references.places}
    return _localized(root, (), references, bases)


def _localized(schema: Any, steps: tuple[str, ...], references: References, bases: dict[str, str]) -> Any:
    if not isinstance(schema, dict):
        return schema
    copy = {name: dict(value) if isinstance(value, dict) else value for name, value in schema.items()}
    copy.update({name: list(value) for name, value in schema.items() if isinstance(value, list)})
    for child in children(schema):
        inner = _localized(child.schema, (*steps, *child.steps), references, bases)
        if len(child.steps) == 1:
            copy[child.keyword] = inner
        elif isinstance(copy[child.keyword], list):
            copy[child.keyword][int(child.steps[1])] = inner
        else:
            copy[child.keyword][child.steps[1]] = inner
    base = bases.get(pointer_of(steps), "")
    targets = [
        {"$ref": f"#{pointer}"}
        for keyword in REFERENCES
        if isinstance(reference := copy.pop(keyword, None), str)
        and (pointer := references.find_pointer(reference, base)) is not None
    ]
    if targets:
        copy |= targets[0]
        if targets[1:]:
            copy["allOf"] = [*copy.get("allOf", []), *targets[1:]]
    return copy


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError:  # "http://[" and the like: an address that is none leads nowhere
        return reference
