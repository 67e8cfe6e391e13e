"""Amounts in every reading of their marks, in the digits of any script: for looking up a value that is known."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from extraction.mapping.parse.contacts import IBAN, find_phones
from extraction.mapping.parse.dates import find_dates, find_times
from extraction.mapping.parse.numbers import Amount, find_amounts

_MARKS = {"٫": ".", "٬": ",", "．": ".", "，": ","}
_ABROAD = ("+", "(", "00")  # "2 12.50 25.00" has the digits of a telephone number too, and is a row of a table


def find_in_any_notation(text: str) -> Iterator[Amount]:
    """Every amount in every reading of its marks, but not a part of something longer that has digits of its own."""
    if not any(map(str.isdigit, text)):
        return
    plain = plain_digits(text)
    spans = [(one.start, one.end) for one in find_dates(plain)] + [(one.start, one.end) for one in find_times(plain)]
    spans += [(one.start, one.end) for one in find_phones(plain) if one.value.startswith(_ABROAD)]
    spans += [match.span() for match in IBAN.finditer(plain)]
    for decimal in (None, ".", ","):
        for one in find_amounts(plain, decimal=decimal):
            if not any(
                start <= one.start and one.end <= end and one.end - one.start < end - start for start, end in spans
            ):
                yield one


def plain_digits(text: str) -> str:
    """Digits and marks of other scripts as ASCII, letter for letter: places stay what they were."""
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(char: str) -> str:
    digit = unicodedata.decimal(char, None)
    return str(digit) if digit is not None else _MARKS.get(char, char)
