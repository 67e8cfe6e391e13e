"""How far a value of a language model is believed: by the text, and by what the embedded mapper found.

- found in the text: its citations, and confidence by how well they match;
- not found: kept, marked ungrounded, with low confidence (a choice or a yes/no a little more: it is read
  between the lines by nature);
- the embedded mapper found the same: doubt is more than halved; found another with confidence: a fifth off;
- null, where the embedded mapper is confident and has citations: its value stands in with less confidence,
  outside lists, where the two cannot be told to speak of the same item. A less confident draft is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from extraction.mapping.grounding import Grounding
from extraction.mapping.llm_schema import INVALID, choices_of
from extraction.mapping.schema_walk import Want
from extraction.mapping.values import Field, Mapped, Reason

CONFIDENT = 0.9  # a draft that weighs against the model: of such, nineteen in twenty are right
GROUNDED_LEAST, GROUNDED_MOST = 0.55, 0.9
UNGROUNDED = 0.2
JUDGED = 0.4
DOUBT_LEFT_BY_AGREEMENT = 0.4
KEPT_ON_DISAGREEMENT = 0.8
KEPT_OF_A_LONE_DRAFT = 0.6
INDEX = re.compile(r"/\d+(?=/|\Z)")
Search = Callable[[Any], Grounding]  # where a value stands in what was recognized


class Second:
    """The second opinion, by pointer. Items of lists are pooled: two mappers may number them differently."""

    def __init__(self, draft: Mapped | None) -> None:
        self._values: dict[str, set[Any]] = {}
        self._fields = {field.pointer: field for field in draft.fields} if draft else {}
        for field in self._fields.values():
            if field.value is not None:
                self._values.setdefault(INDEX.sub("/*", field.pointer), set()).add(comparable(field.value))

    def agrees(self, pointer: str, value: Any) -> bool:
        return comparable(value) in self._values.get(INDEX.sub("/*", pointer), ())

    def confident(self, pointer: str) -> Field | None:
        """The draft's own field, if it is one that may stand alone."""
        field = None if INDEX.search(pointer) else self._fields.get(pointer)
        if field is None or field.value is None or not (field.citations and field.grounded):
            return None
        return field if field.confidence >= CONFIDENT else None

    def why(self, pointer: str) -> Reason | None:
        """What the draft says of a place it found nothing for, outside lists."""
        field = None if INDEX.search(pointer) else self._fields.get(pointer)
        return field.reason if field and field.value is None else None


def decide(pointer: str, leaf: Want, value: Any, search: Search, second: Second, nowhere: Reason) -> Field:
    """`nowhere`: why a value may be missing that neither mapper found."""
    drafted = second.confident(pointer)
    if value is None or value is INVALID:
        if drafted:
            return replace(drafted, confidence=drafted.confidence * KEPT_OF_A_LONE_DRAFT)
        return Field(pointer, None, 0.0, reason="invalid" if value is INVALID else second.why(pointer) or nowhere)
    found = search(value)
    confidence = _believe(leaf, value, found.score if found.matched else None)
    if second.agrees(pointer, value):
        confidence = 1 - (1 - confidence) * DOUBT_LEFT_BY_AGREEMENT
    elif drafted:
        confidence *= KEPT_ON_DISAGREEMENT
    if found.matched:
        return Field(pointer, value, confidence, found.citations)
    return Field(pointer, value, confidence, grounded=False, reason="ungrounded")


def _believe(leaf: Want, value: Any, score: float | None) -> float:
    if score is not None:
        return GROUNDED_LEAST + (GROUNDED_MOST - GROUNDED_LEAST) * score
    return JUDGED if isinstance(value, bool) or choices_of(leaf) else UNGROUNDED


def comparable(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return str(value)
    return " ".join(value.split()).casefold() if isinstance(value, str) else round(float(value), 6)
