"""Strict grounding: what the media does not bear out is taken out of the result, and said to be.

A value becomes null where the schema allows null, and is left out where it does not. An item of a list that
has nothing left goes with its fields, and those behind it move up, so that every pointer still points.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from extraction.mapping.llm_schema import is_empty
from extraction.mapping.schema_walk import Want, walk
from extraction.mapping.values import Field, Mapped, escaped

_GONE = object()  # left out of the answer, as None may be a value


def drop_ungrounded(mapped: Mapped, schema: dict[str, Any]) -> Mapped:
    if all(map(_stands, mapped.fields)):
        return mapped
    sieve = _Sieve(mapped.fields)
    data = sieve.kept(mapped.data, walk(schema), "")
    moved = [(sieve.moved(field.pointer), field) for field in mapped.fields]
    fields = [replace(_said(field), pointer=pointer) for pointer, field in moved if pointer is not None]
    emptied = [_dropped(pointer) for old in sieve.emptied if (pointer := sieve.moved(old)) is not None]
    return replace(mapped, data=None if data is _GONE else data, fields=(*fields, *emptied))


def _stands(field: Field) -> bool:
    return field.grounded or field.value is None


def _said(field: Field) -> Field:
    return field if _stands(field) else _dropped(field.pointer)


def _dropped(pointer: str) -> Field:
    return Field(pointer, None, 0.0, grounded=False, reason="ungrounded")


class _Sieve:
    """Goes through the data once; knows afterwards which items moved or went, and which lists lost them all."""

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self.ungrounded = {field.pointer for field in fields if not _stands(field)}
        self.steps: dict[str, str | None] = {}  # by an item's old pointer: its index now, None where it is gone
        self.emptied: list[str] = []

    def kept(self, value: Any, want: Want | None, pointer: str) -> Any:
        if isinstance(value, dict):
            children = want.children if want else {}
            found = {
                name: self.kept(one, children.get(name), f"{pointer}/{escaped(name)}") for name, one in value.items()
            }
            return {name: one for name, one in found.items() if one is not _GONE}
        if isinstance(value, list) and value:
            return self._kept_list(value, want, pointer)
        if pointer not in self.ungrounded:
            return value
        return None if want is None or want.nullable else _GONE

    def _kept_list(self, value: list[Any], want: Want | None, pointer: str) -> Any:
        items: list[Any] = []
        for index, item in enumerate(value):
            place = f"{pointer}/{index}"
            kept = self.kept(item, want.items if want else None, place)
            gone = kept is _GONE or (isinstance(kept, dict) and is_empty(kept) and not is_empty(item))
            self.steps[place] = None if gone else str(len(items))
            items += [] if gone else [kept]
        if items:
            return items
        self.emptied.append(pointer)
        return None if want and want.nullable else []

    def moved(self, pointer: str) -> str | None:
        """Where a field points now; None where its item is gone."""
        old = new = ""
        for name in pointer.split("/")[1:]:
            old = f"{old}/{name}"
            step = self.steps.get(old, name)
            if step is None:
                return None
            new = f"{new}/{step}"
        return new
