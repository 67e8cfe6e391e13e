"""Finding a proposed value in what was recognized: exactly, then by value, then nearly.

Used for what a language model proposes: a value that is not in the text is not believed.
Numbers and dates are compared by what they mean, words by their letters and digits, with
the letters that recognisers confuse (O and 0, l and 1) counted as alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from rapidfuzz import fuzz

from extraction.mapping.evidence import Citation, cite
from extraction.mapping.parse.currencies import find_currency
from extraction.mapping.parse.dates import find_dates
from extraction.mapping.parse.numbers import find_amounts
from extraction.mapping.parse.spoken import find_numbers
from extraction.mapping.speech import Talk
from extraction.mapping.words import alphanumeric, fold
from extraction.recognized import Line, Page, Recognized

_LIKE = str.maketrans(
    {"o": "0", "q": "0", "d": "0", "l": "1", "i": "1", "|": "1", "s": "5", "b": "8", "z": "2", "g": "9"}
)
_MAX_LINES = 12_000
_MAX_VALUE = 2_000
_FUZZY = 86.0
_WINDOW = 8  # lines a value may run over


@dataclass(frozen=True, slots=True)
class Grounding:
    """Where the value stands. `score` 1 is word for word; below it, how near the text comes."""

    matched: bool
    score: float
    citations: tuple[Citation, ...] = ()


_NOWHERE = Grounding(False, 0.0)


@dataclass(frozen=True, slots=True)
class _Stretch:
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
    def squeezed(self) -> list[tuple[str, list[int]]]:
        return [_letters(stretch.text) for stretch in self.stretches]


def ground(value: Any, recognized: Recognized | Searchable, *, kind: str | None = None) -> Grounding:
    """`kind` ("number", "date" ...) where the schema says more than the value's own type.

    Who grounds many values makes one `Searchable` of the text and passes that.
    """
    if value is None or isinstance(value, (bool, dict, list)):
        return _NOWHERE
    text_of = recognized if isinstance(recognized, Searchable) else Searchable(recognized)
    stretches = text_of.stretches
    if isinstance(value, (int, float, Decimal)) or kind in ("number", "money", "integer"):
        found = _number(value, stretches)
        return found or _NOWHERE
    text = str(value)[:_MAX_VALUE]
    if found := _date(text, stretches):
        return found
    return _words(text, text_of)


def _stretches(recognized: Recognized) -> Iterator[_Stretch]:
    if recognized.segments:
        talk = Talk(recognized)
        if talk.said:
            yield _Stretch(talk.text, talk=talk)
        return
    left = _MAX_LINES
    for page in recognized.pages:
        for line in page.lines[:left]:
            yield _Stretch(line.text, page, line)
        left -= len(page.lines)
        if left <= 0:
            return


def _number(value: Any, stretches: list[_Stretch]) -> Grounding | None:
    try:
        wanted = Decimal(str(value).replace(",", "."))
    except InvalidOperation:
        return None
    for sign in (1, -1):
        for stretch in stretches:
            for decimal in (None, ".", ","):
                for one in find_amounts(stretch.text, decimal=decimal):
                    if one.value == wanted * sign or (one.percent and one.value / 100 == wanted):
                        # A number that differs only in its sign is a weak witness: "discount 5.00" for -5.
                        return Grounding(True, 1.0 if sign == 1 else 0.8, (stretch.cite(one.start, one.end),))
            for spoken in find_numbers(stretch.text) if stretch.talk else ():
                if spoken.digits == str(wanted * sign):
                    return Grounding(True, 0.95, (stretch.cite(spoken.start, spoken.end),))
    return None


def _as_date(text: str) -> date | None:
    found = find_dates(text[:40])
    whole = found and found[0].end - found[0].start >= len(text.strip()) * 0.8 - 10 and len(text) <= 40
    return found[0].value if whole else None


def _date(text: str, stretches: list[_Stretch]) -> Grounding | None:
    wanted = _as_date(text)
    if wanted is None:
        return None
    for day_first in (True, False):
        for stretch in stretches:
            for one in find_dates(stretch.text, day_first=day_first, compact=True):
                if one.value == wanted:
                    return Grounding(True, 1.0 if day_first or one.votes else 0.9, (stretch.cite(one.start, one.end),))
    return None


def _words(text: str, text_of: Searchable) -> Grounding:
    stretches = text_of.stretches
    if not text.strip():
        return _NOWHERE
    for stretch in stretches:
        at = stretch.text.find(text)
        if at >= 0 and _standing(stretch.text, at, at + len(text)):
            return Grounding(True, 1.0, (stretch.cite(at, at + len(text)),))
    wanted = alphanumeric(text)
    if not wanted:
        return _NOWHERE
    return _squeezed(wanted, text_of) or _currency(text, stretches) or _nearly(wanted, text_of) or _NOWHERE


def _standing(text: str, start: int, end: int) -> bool:
    """Not the inside of a longer word: "art" is not grounded by "Martin". Scripts without spaces have no inside."""
    before, after = text[start - 1 : start], text[end : end + 1]
    inner = text[start:end]
    return not (_joined(before, inner[:1]) or _joined(inner[-1:], after))


def _joined(left: str, right: str) -> bool:
    return bool(left and right) and left.isalnum() and right.isalnum() and left < "\u2e80" and right < "\u2e80"


def _currency(text: str, stretches: list[_Stretch]) -> Grounding | None:
    """An ISO code is grounded by its sign."""
    if len(text) != 3 or not text.isalpha():
        return None
    for stretch in stretches:
        found = find_currency(stretch.text)
        if found and found[0] == text.upper():
            return Grounding(True, 0.95, (stretch.cite(found[1], found[2]),))
    return None


def _letters(text: str) -> tuple[str, list[int]]:
    """Letters and digits of a text, folded, with the place each came from."""
    kept, places = [], []
    for index, char in enumerate(text):
        for folded in fold(char):
            if folded.isalnum():
                kept.append(folded)
                places.append(index)
    return "".join(kept), places


def _squeezed(wanted: str, text_of: Searchable) -> Grounding | None:
    """Without case, accents, spaces and punctuation; over several lines if need be; then with confusable letters."""
    squeezed, stretches = text_of.squeezed, text_of.stretches
    for table, quality in ((None, 0.97), (_LIKE, 0.9)):
        target = wanted.translate(table) if table else wanted
        texts = [letters.translate(table) if table else letters for letters, _ in squeezed]
        if table and len(target) < 3:
            continue
        for index, letters in enumerate(texts):
            at = letters.find(target)
            if at >= 0 and _whole_word(stretches[index].text, squeezed[index][1], at, at + len(target)):
                places = squeezed[index][1]
                cited = stretches[index].cite(places[at], places[at + len(target) - 1] + 1)
                return Grounding(True, quality, (cited,))
        if found := _over_lines(target, texts, squeezed, stretches, quality - 0.02):
            return found
    return None


def _whole_word(text: str, places: list[int], start: int, end: int) -> bool:
    return _standing(text, places[start], places[end - 1] + 1)


def _over_lines(
    target: str, texts: list[str], squeezed: list[tuple[str, list[int]]], stretches: list[_Stretch], quality: float
) -> Grounding | None:
    """A value set over several lines: the end of one line, whole lines, the start of another."""
    for first in range(len(texts)):
        if len(texts[first]) < 2 or not (texts[first] in target or target[:2] in texts[first]):
            continue
        joined = ""
        for last in range(first, min(first + _WINDOW, len(texts))):
            joined += texts[last]
            at = joined.find(target, 0, len(joined))
            if 0 <= at < len(texts[first]) and last > first:
                citations = _cited(at, len(target), first, last, squeezed, stretches)
                return Grounding(True, quality, citations)
            if len(joined) > len(target) + len(texts[first]) + 200:
                break
    return None


def _cited(
    at: int, length: int, first: int, last: int, squeezed: list[tuple[str, list[int]]], stretches: list[_Stretch]
) -> tuple[Citation, ...]:
    citations, position = [], 0
    for index in range(first, last + 1):
        places = squeezed[index][1]
        start, end = max(at - position, 0), min(at + length - position, len(places))
        if end > start:
            citations.append(stretches[index].cite(places[start], places[end - 1] + 1))
        position += len(places)
    return tuple(citations)


def _nearly(wanted: str, text_of: Searchable) -> Grounding | None:
    """The line, or the run of lines, that comes nearest in letters: for text that was misread a little."""
    if len(wanted) < 5 or sum(char.isdigit() for char in wanted) * 2 > len(wanted):
        return None
    best, found = _FUZZY, None
    for stretch, (letters, places) in zip(text_of.stretches, text_of.squeezed, strict=True):
        if len(letters) < len(wanted) * 0.7:
            continue
        match = fuzz.partial_ratio_alignment(wanted, letters, score_cutoff=best)
        if match and match.score > best and match.dest_end > match.dest_start:
            best = match.score
            cited = stretch.cite(places[match.dest_start], places[min(match.dest_end, len(places)) - 1] + 1)
            found = Grounding(True, round(match.score / 100 * 0.9, 3), (cited,))
    return found or _nearly_over_lines(wanted, text_of)


def _nearly_over_lines(wanted: str, text_of: Searchable) -> Grounding | None:
    texts, stretches = [letters for letters, _ in text_of.squeezed[:4_000]], text_of.stretches
    best, span = _FUZZY, None
    for first in range(len(texts)):
        joined = ""
        for last in range(first, min(first + _WINDOW, len(texts))):
            joined += texts[last]
            if len(joined) > len(wanted) * 1.3:
                break
            if last > first and len(joined) >= len(wanted) * 0.75:
                near = fuzz.ratio(wanted, joined, score_cutoff=best)
                if near > best:
                    best, span = near, (first, last)
    if span is None:
        return None
    cited = tuple(stretch.cite(0, len(stretch.text)) for stretch in stretches[span[0] : span[1] + 1])
    return Grounding(True, round(best / 100 * 0.85, 3), cited)
