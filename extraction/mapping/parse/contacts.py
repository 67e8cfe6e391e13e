"""E-mail addresses, web addresses, telephone numbers, tax and bank identifiers."""

from __future__ import annotations

import re
from dataclasses import dataclass

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
URL = re.compile(r"(?:https?://|www\.)[^\s|<>\"']{3,200}|"
    r"(?<![@\w.-])[a-z0-9-]{2,63}(?:\.[a-z0-9-]{2,63})*\.(?:com|org|net|de|fr|es|it|nl|co\.uk|com\.my|"
    r"io|eu|info|biz|ch|at|be)(?:/[^\s|<>\"']*)?(?![\w@])", re.I)  # fmt: skip
PHONE = re.compile(r"(?<![\w.,/#-])\+?\(?\d{1,4}\)?(?:[\s./()–-]{0,3}\d{1,5}){2,6}(?![\w%]|[.,]\d)")
VAT = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:AT\s?U|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|"
    r"PT|RO|SE|SI|SK|XI)\s?"
    r"[A-Z0-9]{0,2}(?:[\s.]?\d){7,12}(?:\s?B\s?\d{2})?|CHE[-\s]?\d{3}\.?\d{3}\.?\d{3})(?![A-Za-z0-9])"
)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
BIC = re.compile(r"(?<![A-Za-z0-9])[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![A-Za-z0-9])")
IDENTIFIER = re.compile(r"[A-Za-z0-9ÄÖÜäöü#*][\w./#*()-]*[\w#*]|[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Found:
    value: str
    start: int
    end: int


def find_pattern(pattern: re.Pattern[str], text: str) -> list[Found]:
    return [Found(match[0].strip(" .,;"), match.start(), match.end()) for match in pattern.finditer(text)]


def find_emails(text: str) -> list[Found]:
    return [Found(found.value.replace(" ", ""), found.start, found.end) for found in find_pattern(EMAIL, text)]


def find_phones(text: str) -> list[Found]:
    """Runs of 7 to 15 digits with the punctuation of a telephone number."""
    phones = []
    for found in find_pattern(PHONE, text):
        digits = sum(char.isdigit() for char in found.value)
        if 7 <= digits <= 15:
            phones.append(found)
    return phones


def find_identifiers(text: str) -> list[Found]:
    """Tokens that carry a digit: numbers of documents, customers and orders."""
    tokens = find_pattern(IDENTIFIER, text)
    return [found for found in tokens if any(char.isdigit() for char in found.value)]
