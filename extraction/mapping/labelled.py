"""Values beside their labels: after the colon, to the right on the same row, or just below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extraction.mapping.evidence import Candidate, cite
from extraction.mapping.kinds import Read, read_kind
from extraction.mapping.labels import Hit
from extraction.mapping.layout import Cell
from extraction.mapping.reading import Reading
from extraction.mapping.words import tokens

_JOINT = re.compile(r"\s*[/&]\s*")
_PUNCTUATION = re.compile(r"[\s:：.,;#=)\]–*-]*")
_MAX_PLACES = 60  # a label that occurs more often than this is running text
# Kinds that are any text at all: for them only a label that stands like a label counts.
_FREE = frozenset({"text", "party", "person", "job", "address", "street", "city", "country", "choice_text", "subject"})


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a cell where the value of a label may stand."""

    cell: Cell
    start: int
    end: int
    strength: float
    label: Cell


def labelled_values(reading: Reading, key: str, kind: str) -> list[tuple[Candidate, Read, Cell]]:
    """Everything of this kind that stands beside the label, with how well it does."""
    found = []
    for cell, hit in reading.labelled(key)[:_MAX_PLACES]:
        for place in places(reading, cell, hit, kind):
            reads = read_kind(kind, reading, place.cell.text[place.start : place.end])
            for rank, read in enumerate(reads[:3]):
                found.append((candidate_at(place, read, rank), read, place.cell))
            if reads:
                break
    return found


def candidate_at(place: Place, read: Read, rank: int = 0) -> Candidate:
    start, end = place.start + read.start, place.start + read.end
    label = place.strength * 0.9**rank
    citation = cite(place.cell.page, place.cell.line, start, end)
    return Candidate(read.value, (citation,), place.cell.line.confidence, label, read.validity)


def places(reading: Reading, cell: Cell, hit: Hit, kind: str) -> Iterator[Place]:
    """Where the value may be, best first: the caller stops at the first place that holds one."""
    strength = label_strength(cell, hit)
    end = _joint_end(reading, cell, hit)
    colon = _ends_as_label(cell.text, end)
    free = kind in _FREE
    stop = _next_label(reading, cell, end)
    tail = cell.text[end:stop]
    alone = not _PUNCTUATION.sub("", tail)
    if not alone and (colon or not free):
        yield Place(cell, end, stop, strength * (1.0 if colon else 0.85), cell)
    if not alone and free and not colon:
        return
    if alone or not free:
        yield from _neighbours(reading, cell, strength * (1.0 if alone else 0.7), free=free, colon=colon)


def _neighbours(reading: Reading, cell: Cell, strength: float, *, free: bool, colon: bool) -> Iterator[Place]:
    right = reading.sheet.right_of(cell)[:3]
    for distance, other in enumerate(right):
        if not _PUNCTUATION.sub("", other.text):
            continue
        if is_label(reading, other) and not other.text.lstrip().startswith(":"):
            break
        start = _lead(other.text) if other.text.lstrip().startswith(":") else 0
        yield Place(other, start, _next_label(reading, other, start), strength * (0.97 - 0.1 * distance), cell)
        if free:
            break
    for other in reading.sheet.below(cell, reach=2.2)[:2]:
        if is_label(reading, other):
            return
        near = abs(other.box[0] - cell.box[0]) < 0.04 or other.box[2] <= cell.box[2] + 0.02
        yield Place(other, 0, len(other.text), strength * (0.8 if near else 0.6) * (0.8 if free else 1.0), cell)


def _lead(text: str) -> int:
    return len(text) - len(_PUNCTUATION.sub("", text, count=1))


def label_strength(cell: Cell, hit: Hit) -> float:
    """1 where the label opens its cell; less with strange words before it, and for a guess at misread letters."""
    before = [
        token for token in tokens(cell.text[: hit.start]) if not token.word.isdigit() and token.word not in ("#", "%")
    ]
    strength = 1.0 if not before else 0.72 if len(before) == 1 else 0.5
    return strength * (0.93 if hit.repaired else 1.0)


def is_label(reading: Reading, cell: Cell) -> bool:
    """A cell that is nothing but a label: its words are covered by hits, or it ends in a colon."""
    text = cell.text.strip()
    if text.endswith((":", "：")) and len(text) > 1:
        return True
    hits = reading.hits(cell)
    if not hits:
        return False
    covered = sum(hit.last - hit.first + 1 for hit in hits)
    return covered == len(cell.tokens) and not any(char.isdigit() for char in text)


def _joint_end(reading: Reading, cell: Cell, hit: Hit) -> int:
    """ "INV NO/DATE: x (y)": labels joined by a slash share what follows them."""
    end = hit.end
    for other in reading.hits(cell):
        if other.start >= end and _JOINT.fullmatch(cell.text[end : other.start]):
            end = other.end
    return end


def _ends_as_label(text: str, end: int) -> bool:
    return bool(re.match(r"\s*(?:\([^)]{0,12}\)\s*)?[:：#=]|\s*[.]?\s*[:：]", text[end:]))


def _next_label(reading: Reading, cell: Cell, start: int) -> int:
    """Where the next label of the same cell begins ("Tel: 1 Fax: 2"), or the end of the cell."""
    for hit in reading.hits(cell):
        gap = cell.text[start : hit.start]
        if hit.start > start and any(char.isalnum() for char in gap) and _ends_as_label(cell.text, hit.end):
            return hit.start
    return len(cell.text)
