"""Reading a stretch of text as one kind of value. Each reader answers what it found, where, and how surely."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from extraction.mapping.parse import contacts
from extraction.mapping.parse.currencies import find_currency
from extraction.mapping.parse.dates import find_dates, find_times
from extraction.mapping.parse.numbers import find_amounts
from extraction.mapping.reading import Reading

_LEAD = re.compile(r"^[\s:：;.,=#№*|–-]+")
_TAIL = re.compile(r"[\s:;,|=–-]+$")


@dataclass(frozen=True, slots=True)
class Read:
    """`value` is typed (a date, a Decimal, a string); `start:end` is where it stood in the text."""

    value: Any
    start: int
    end: int
    validity: float = 1.0
    text: str = ""


Reader = Callable[[Reading, str], list[Read]]


def _dates(reading: Reading, text: str) -> list[Read]:
    return [Read(one.value, one.start, one.end, 1.0, one.text) for one in reading.dates(text, compact=True)]


def _times(reading: Reading, text: str) -> list[Read]:
    return [Read(one.value, one.start, one.end, 1.0, one.text) for one in find_times(text)]


def _money(reading: Reading, text: str) -> list[Read]:
    amounts = [one for one in find_amounts(_without_dates(text), decimal=reading.decimal) if not one.percent]
    return [Read(one.value, one.start, one.end, 1.0 if one.decimals else 0.8, one.text) for one in amounts]


def _numbers(reading: Reading, text: str) -> list[Read]:
    amounts = find_amounts(_without_dates(text), decimal=reading.decimal)
    return [Read(one.value, one.start, one.end, 1.0, one.text) for one in amounts]


def _percents(reading: Reading, text: str) -> list[Read]:
    amounts = find_amounts(text, decimal=reading.decimal)
    return [Read(one.value, one.start, one.end, 1.0 if one.percent else 0.6, one.text) for one in amounts]


def _without_dates(text: str) -> str:
    for found in find_dates(text):
        text = text[: found.start] + " " * (found.end - found.start) + text[found.end :]
    return text


_NUMBER_SIGN = re.compile(r"(?<![a-z])(?:nr|no|n|num|number|nummer|numero)\s?[.°º:#]\W*|[#№]\s?", re.I)


def _identifiers(reading: Reading, text: str) -> list[Read]:
    """Identifiers, those behind a "No." before the others ("(380) Nr. A12-34")."""
    plain = _without_dates(text)
    found = contacts.find_identifiers(plain)
    marked = [match.end() for match in _NUMBER_SIGN.finditer(plain)]
    found.sort(key=lambda one: not any(0 <= one.start - end <= 1 for end in marked))
    return [Read(one.value, one.start, one.end, 1.0 if len(one.value) > 2 else 0.7, one.value) for one in found]


def _vat(reading: Reading, text: str) -> list[Read]:
    found = [Read(one.value, one.start, one.end, 1.0, one.value) for one in contacts.find_pattern(contacts.VAT, text)]
    long = [one for one in _identifiers(reading, text) if sum(char.isdigit() for char in one.value) >= 6]
    return found or [Read(one.value, one.start, one.end, 0.85, one.text) for one in long]


def _pattern(pattern: re.Pattern[str]) -> Reader:
    def reader(reading: Reading, text: str) -> list[Read]:
        return [Read(one.value, one.start, one.end, 1.0, one.value) for one in contacts.find_pattern(pattern, text)]

    return reader


def _emails(reading: Reading, text: str) -> list[Read]:
    return [Read(one.value, one.start, one.end, 1.0, one.value) for one in contacts.find_emails(text)]


def _phones(reading: Reading, text: str) -> list[Read]:
    plain = _without_dates(text)
    return [Read(one.value, one.start, one.end, 1.0, one.value) for one in contacts.find_phones(plain)]


def _currencies(reading: Reading, text: str) -> list[Read]:
    found = find_currency(text)
    return [Read(found[0], found[1], found[2], 1.0, text[found[1] : found[2]])] if found else []


def _text(reading: Reading, text: str) -> list[Read]:
    start = match.end() if (match := _LEAD.match(text)) else 0
    end = match.start() if (match := _TAIL.search(text)) else len(text)
    value = text[start:end]
    return [Read(value, start, end, 0.9, value)] if any(char.isalnum() for char in value) else []


def _names(reading: Reading, text: str) -> list[Read]:
    """Text with letters, as the names of people, companies and places have."""
    return [one for one in _text(reading, text) if sum(char.isalpha() for char in one.value) >= 2]


_POSTCODE = re.compile(r"(?<!\w)(?:\d{4}\s?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|\d{4,6}(?:-\d{4})?)(?!\w)")

READERS: dict[str, Reader] = {
    "date": _dates, "datetime": _dates, "time": _times, "money": _money, "number": _numbers, "percent": _percents,
    "id": _identifiers, "vat": _vat, "email": _emails, "phone": _phones, "url": _pattern(contacts.URL),
    "iban": _pattern(contacts.IBAN), "bic": _pattern(contacts.BIC), "postcode": _pattern(_POSTCODE),
    "currency": _currencies, "party": _names, "person": _names, "job": _names, "city": _names, "country": _names,
    "street": _text, "address": _text, "text": _text, "choice_text": _names, "subject": _names,
}  # fmt: skip
# Kinds whose form alone tells what they are; the others need a label.
SELF_EVIDENT = frozenset({"email", "url", "iban", "phone"})


def read_kind(kind: str, reading: Reading, text: str) -> list[Read]:
    return READERS.get(kind, _text)(reading, text)
