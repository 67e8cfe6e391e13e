"""A recognized text made ready to be searched for many values: its lines, their letters, and how to cite them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from extraction.mapping.evidence import Citation, cite
from extraction.mapping.parse.any_notation import find_in_any_notation
from extraction.mapping.parse.numbers import Amount
from extraction.mapping.speech import Talk
from extraction.mapping.words import fold
from extraction.recognized import Line, Page, Recognized

_LIKE = str.maketrans(
    {"o": "0", "q": "0", "d": "0", "l": "1", "i": "1", "|": "1", "s": "5", "b": "8", "z": "2", "g": "9"}
)
_SAME = {"rn": "m", "vv": "w"}  # and what two of them look like
_MAX_LINES = 12_000
Letters = tuple[str, list[int]]


@dataclass(frozen=True, slots=True)
class Grounding:
    """Where the value stands. `score` 1 is word for word; below it, how near the text comes."""

    matched: bool
    score: float
    citations: tuple[Citation, ...] = ()


NOWHERE = Grounding(False, 0.0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A line of a page or a sentence of speech, and how to cite a part of it."""

    text: str
    page: Page | None = None
    line: Line | None = None
    talk: Talk | None = None
    offset: int = 0

    def cite(self, start: int, end: int) -> Citation:
        if self.talk:
            return self.talk.cite(self.offset + start, self.offset + end)[0]
        assert self.page is not None and self.line is not None
        return cite(self.page, self.line, start, end)


class Searchable:
    """A recognized text made ready to be searched for many values."""

    def __init__(self, recognized: Recognized) -> None:
        self.stretches = list(_stretches(recognized))

    @cached_property
    def squeezed(self) -> list[Letters]:
        return [letters_of(stretch.text) for stretch in self.stretches]

    @cached_property
    def amounts(self) -> list[tuple[Amount, ...]]:
        return [tuple(find_in_any_notation(stretch.text)) for stretch in self.stretches]

    @cached_property
    def alike(self) -> list[Letters]:
        """The same, with letters that recognisers confuse counted as one."""
        return [alike(letters) for letters in self.squeezed]


def _stretches(recognized: Recognized) -> Iterator[Stretch]:
    if recognized.segments:
        talk = Talk(recognized)
        if talk.said:
            yield Stretch(talk.text, talk=talk)
        return
    left = _MAX_LINES
    for page in recognized.pages:
        for line in page.lines[:left]:
            yield Stretch(line.text, page, line)
        left -= len(page.lines)
        if left <= 0:
            return


def letters_of(text: str) -> Letters:
    """Letters and digits of a text, folded, with the place each came from."""
    kept, places = [], []
    for index, char in enumerate(text):
        for folded in fold(char):
            if folded.isalnum():
                kept.append(folded)
                places.append(index)
    return "".join(kept), places


def alike(letters: Letters) -> Letters:
    """Letters that are taken for each other as one. A pair keeps the place of its first."""
    text, kept, places, at = letters[0], [], [], 0
    while at < len(text):
        one = _SAME.get(text[at : at + 2])
        kept.append(one or text[at])
        places.append(letters[1][at])
        at += 2 if one else 1
    return "".join(kept).translate(_LIKE), places


def stands_alone(text: str, start: int, end: int) -> bool:
    """Not the inside of a longer word: "art" is not grounded by "Martin". Scripts without spaces have no inside."""
    before, after = text[start - 1 : start], text[end : end + 1]
    inner = text[start:end]
    return not (_joined(before, inner[:1]) or _joined(inner[-1:], after))


def _joined(left: str, right: str) -> bool:
    return bool(left and right) and left.isalnum() and right.isalnum() and left < "\u2e80" and right < "\u2e80"
