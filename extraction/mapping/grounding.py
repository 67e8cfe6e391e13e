"""Finding a proposed value in what was recognized: exactly, then by value, then nearly.

Used for what a language model proposes: a value that is not in the text is not believed.
Numbers and dates are compared by what they mean, words by their letters and digits, with
the letters that recognisers confuse (O and 0, l and 1, rn and m) counted as alike.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from extraction.mapping.evidence import Citation
from extraction.mapping.grounding_near import find_nearly
from extraction.mapping.grounding_numbers import find_number
from extraction.mapping.parse.currencies import find_currency
from extraction.mapping.parse.dates import find_dates
from extraction.mapping.searchable import NOWHERE, Grounding, Letters, Searchable, Stretch, alike, stands_alone
from extraction.mapping.words import alphanumeric
from extraction.recognized import Recognized

_MAX_VALUE = 2_000
_WINDOW = 8  # lines a value may run over
_LEAST_PARTED = 4  # letters of a value that may stand on two lines: "1" and "2" below each other are no 12


def ground(value: Any, recognized: Recognized | Searchable, *, kind: str | None = None) -> Grounding:
    """`kind` ("number", "date" ...) where the schema says more than the value's own type.

    Who grounds many values makes one `Searchable` of the text and passes that.
    """
    if value is None or isinstance(value, (bool, dict, list)):
        return NOWHERE
    text_of = recognized if isinstance(recognized, Searchable) else Searchable(recognized)
    if isinstance(value, (int, float, Decimal)) or kind in ("number", "money", "integer"):
        return find_number(value, text_of) or NOWHERE
    text = str(value)[:_MAX_VALUE]
    return _date(text, text_of.stretches) or _words(text, text_of)


def _as_date(text: str) -> date | None:
    found = find_dates(text[:40])
    whole = found and found[0].end - found[0].start >= len(text.strip()) * 0.8 - 10 and len(text) <= 40
    return found[0].value if whole else None


def _date(text: str, stretches: list[Stretch]) -> Grounding | None:
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
    if not any(unicodedata.category(char)[0] in "LNS" for char in text):
        return NOWHERE  # a dash stands on every page
    for stretch in text_of.stretches:
        at = stretch.text.find(text)
        if at >= 0 and stands_alone(stretch.text, at, at + len(text)):
            return Grounding(True, 1.0, (stretch.cite(at, at + len(text)),))
    wanted = alphanumeric(text)
    if not wanted:
        return NOWHERE
    return _squeezed(wanted, text_of) or _currency(text, text_of.stretches) or find_nearly(text, text_of) or NOWHERE


def _currency(text: str, stretches: list[Stretch]) -> Grounding | None:
    """An ISO code is grounded by its sign."""
    if len(text) != 3 or not text.isalpha():
        return None
    for stretch in stretches:
        found = find_currency(stretch.text)
        if found and found[0] == text.upper():
            return Grounding(True, 0.95, (stretch.cite(found[1], found[2]),))
    return None


def _squeezed(wanted: str, text_of: Searchable) -> Grounding | None:
    """Without case, accents, spaces and punctuation; over several lines if need be; then with confusable letters."""
    same = alike((wanted, [0] * len(wanted)))[0]
    found = _in_letters(wanted, text_of.squeezed, text_of.stretches, 0.97)
    return found or (_in_letters(same, text_of.alike, text_of.stretches, 0.9) if len(same) > 2 else None)


def _in_letters(target: str, lines: list[Letters], stretches: list[Stretch], quality: float) -> Grounding | None:
    for stretch, (letters, places) in zip(stretches, lines, strict=True):
        at = letters.find(target)
        while at >= 0:
            start, end = places[at], places[at + len(target) - 1] + 1
            if stands_alone(stretch.text, start, end):
                return Grounding(True, quality, (stretch.cite(start, end),))
            at = letters.find(target, at + 1)
    return _over_lines(target, lines, stretches, quality - 0.02) if len(target) >= _LEAST_PARTED else None


def _over_lines(target: str, lines: list[Letters], stretches: list[Stretch], quality: float) -> Grounding | None:
    """A value set over several lines: the end of one line, whole lines, the start of another."""
    for first, (letters, _) in enumerate(lines):
        if len(letters) < 2 or not (letters in target or target[:2] in letters):
            continue
        joined = letters
        for last in range(first + 1, min(first + _WINDOW, len(lines))):
            joined += lines[last][0]
            at = joined.find(target, max(0, len(letters) - len(target) + 1))
            if 0 <= at < len(letters) and _parted_well(at, len(target), (first, last), lines, stretches):
                return Grounding(True, quality, _cited(at, len(target), first, last, lines, stretches))
            if len(joined) > len(target) + len(letters) + 200:
                break
    return None


def _parted_well(at: int, length: int, span: tuple[int, int], lines: list[Letters], stretches: list[Stretch]) -> bool:
    """Neither its first nor its last line continues the word at its outer end."""
    first, last = span
    left = length + at - sum(len(letters) for letters, _ in lines[first:last])
    if not 0 < left <= len(lines[last][1]):
        return False
    begin, end = lines[first][1][at], lines[last][1][left - 1] + 1
    opens = stands_alone(stretches[first].text, begin, len(stretches[first].text))
    return opens and stands_alone(stretches[last].text, 0, end)


def _cited(
    at: int, length: int, first: int, last: int, lines: list[Letters], stretches: list[Stretch]
) -> tuple[Citation, ...]:
    citations, position = [], 0
    for index in range(first, last + 1):
        places = lines[index][1]
        start, end = max(at - position, 0), min(at + length - position, len(places))
        if end > start:
            citations.append(stretches[index].cite(places[start], places[end - 1] + 1))
        position += len(places)
    return tuple(citations)
