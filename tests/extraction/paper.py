"""Small papers and recordings made by hand for mapper tests: no engine, no file."""

from __future__ import annotations

from typing import Any

from extraction.mapping.embedded import map_embedded
from extraction.mapping.values import Field, Mapped
from extraction.recognized import Line, Page, Recognized, Segment, SpokenWord, Word

CHAR = 0.011  # width of a letter
LINE = 0.014  # height of a line
STEP = 0.02  # from line to line


def paper(*rows: str | list[tuple[float, str]], source: str = "ocr", confidence: float = 0.98) -> Recognized:
    """A page. A string is a line at the left edge; a list is a row of (x, text). "" leaves a gap."""
    return Recognized(pages=(page(*rows, source=source, confidence=confidence),), engine="hand")


def page(*rows: str | list[tuple[float, str]], number: int = 1, source: str = "ocr", confidence: float = 0.98) -> Page:
    lines = []
    for index, row in enumerate(rows):
        for x, text in [(0.08, row)] if isinstance(row, str) else row:
            if text:
                lines.append(line(text, x, 0.05 + index * STEP, confidence))
    return Page(number, 1000.0, 1400.0, source, tuple(lines))


def line(text: str, x: float, y: float, confidence: float = 0.98, *, height: float = LINE) -> Line:
    words, position = [], 0
    for part in text.split():
        at = text.index(part, position)
        position = at + len(part)
        words.append(Word(part, (x + at * CHAR, y, x + position * CHAR, y + height), confidence))
    return Line(text, (x, y, x + len(text) * CHAR, y + height), confidence, tuple(words))


def talk(text: str, *, language: str = "en") -> Recognized:
    """A recording in which each word takes half a second."""
    said = [SpokenWord(f" {word}", i / 2, i / 2 + 0.4, 0.9) for i, word in enumerate(text.split())]
    segment = Segment(text, 0.0, len(said) / 2, 0.9, tuple(said))
    return Recognized(segments=(segment,), language=language, engine="hand")


def ask(recognized: Recognized, **properties: Any) -> Mapped:
    """Map with an object schema of these properties; a string is a type that may be null."""
    built = {name: {"type": [want, "null"]} if isinstance(want, str) else want for name, want in properties.items()}
    return map_embedded(recognized, {"type": "object", "properties": built})


def field(mapped: Mapped, pointer: str) -> Field:
    return next(one for one in mapped.fields if one.pointer == pointer)


def cited(mapped: Mapped, pointer: str) -> str:
    return " ".join(citation.text for citation in field(mapped, pointer).citations)
