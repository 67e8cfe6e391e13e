"""The extraction that the home page shows: what was asked, and what the API answered when it was recorded.

`manage.py record_home_example` asks anew; a test holds that the engines still answer the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

RECORDED = Path(__file__).with_name("example.json")
SCHEMA = """{"type":"object","properties":{
    "company":{"type":"string"},
    "date":{"type":"string","format":"date"},
    "items":{"type":"array","items":{"type":"object","properties":{
      "description":{"type":"string"},"amount":{"type":"number"}}}},
    "tax":{"type":"number"},
    "total":{"type":"number"}}}"""
COMPACT_WITHIN = 2  # a list's items are a line each


class Piece(NamedTuple):
    """Some of the JSON's text; a value has its pointer."""

    text: str
    pointer: str = ""


class Box(NamedTuple):
    """In thousandths of the page's width and height."""

    pointer: str
    confidence: float
    x: float
    y: float
    width: float
    height: float


@cache
def recorded() -> dict[str, Any]:
    example: dict[str, Any] = json.loads(RECORDED.read_text())
    return example


def boxes(fields: list[dict[str, Any]]) -> Iterator[Box]:
    for field in fields:
        for citation in field["citations"]:
            left, top, right, bottom = (1000 * edge for edge in citation["bbox"])
            yield Box(field["pointer"], field["confidence"], left, top, right - left, bottom - top)


def spell(value: Any, pointer: str = "", depth: int = 0) -> Iterator[Piece]:
    """The text of a JSON value, in pieces."""
    if not isinstance(value, dict | list):
        yield Piece(json.dumps(value, ensure_ascii=False), pointer)
        return
    members: list[tuple[Any, Any]] = list(value.items() if isinstance(value, dict) else enumerate(value))
    compact = depth >= COMPACT_WITHIN
    newline = "" if compact else "\n" + "  " * depth
    yield Piece("{" if isinstance(value, dict) else "[")
    for number, (name, member) in enumerate(members):
        label = f"{json.dumps(name)}: " if isinstance(value, dict) else ""
        between = "," if number else ""
        yield Piece(between + ((" " if number else "") if compact else f"{newline}  ") + label)
        yield from spell(member, f"{pointer}/{name}", depth + 1)
    yield Piece(newline + ("}" if isinstance(value, dict) else "]"))
