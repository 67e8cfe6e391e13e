"""What a line of a letterhead or an address block is: name, street, contact, number, heading."""

from __future__ import annotations

import re

from extraction.mapping.layout import Cell
from extraction.mapping.parse.contacts import EMAIL, URL, find_phones
from extraction.mapping.parse.dates import find_dates, find_times
from extraction.mapping.party_words import COUNTRIES, HEADING, HOUSE, POSTCODE_CITY, STREET
from extraction.mapping.reading import Reading
from extraction.mapping.words import words

_STOPPING = frozenset(
    {
        "phone",
        "fax",
        "email",
        "website",
        "vat_id",
        "registration_number",
        "issue_date",
        "due_date",
        "invoice_number",
        "receipt_number",
        "time",
        "order_number",
        "customer_number",
        "reference",
        "delivery_note",
        "contract_number",
        "payment_method",
        "order_date",
        "delivery_date",
        "iban",
        "bic",
    }
)
_HEADING = 60
_LONGEST = 300  # characters of a line that may be an address; what is longer is running text
# What a till prints between the letterhead and the goods.
_TILL = re.compile(
    r"^\W*(?:cashier|server|table|terminal|pos|pax|counter|till|operator|salesperson|staff|clerk|"
    r"kassierer|bediener|kasse|tisch|caissier|caisse|cajero|cassa|kassa)\b",
    re.I,
)


def kind_of_line(reading: Reading, cell: Cell) -> str:
    """ "address", "contact" (phone, tax number, date ...), "heading", "number", "till", "money" or "name"."""
    text = cell.text.strip()
    letters = sum(char.isalpha() for char in text)
    if len(text) <= _HEADING and HEADING.match(text):
        return "heading"
    if _TILL.match(text):
        return "till"
    if _stops(reading, cell):
        return "contact"
    if text.count("#") >= 2:
        return "number"
    if letters < 3 or (letters < 4 and sum(char.isdigit() for char in text) > 3):
        return "number"
    if find_dates(text) or find_times(text):
        return "contact"
    if EMAIL.search(text) or URL.search(text) or _is_phone(text):
        return "contact"
    if address_likeness(text) >= 0.5:
        return "address"
    return "money" if reading.money(cell) else "name"


def _stops(reading: Reading, cell: Cell) -> bool:
    for hit in reading.hits(cell):
        if hit.concepts & _STOPPING and not any(char.isalpha() for char in cell.text[: hit.start]):
            rest = cell.text[hit.end :].lstrip(" .")
            if rest[:1] in (":", "#", "=") or hit.last > hit.first or any(char.isdigit() for char in rest[:12]):
                return True
    return False


def _is_phone(text: str) -> bool:
    return any(found.end - found.start > len(text) * 0.6 for found in find_phones(text))


def address_likeness(text: str) -> float:
    """0 to 1: street words, house numbers, postcodes, countries."""
    score, text = 0.0, text[:_LONGEST]
    if POSTCODE_CITY.search(text):
        score += 0.6
    if STREET.search(text):
        score += 0.4 if len(words(text)) > 1 else 0.2
        score += 0.2 if any(char.isdigit() for char in text) else 0.0
    if HOUSE.search(text):
        score += 0.35
    said = words(text)
    if said and (said[-1] in COUNTRIES or " ".join(said[-2:]) in COUNTRIES):
        score += 0.4 if len(said) <= 4 else 0.2
    if text.rstrip().endswith(",") or text.count(",") >= 2:
        score += 0.15
    return min(score, 1.0)


def has_postcode(text: str) -> bool:
    return bool(POSTCODE_CITY.search(text[:_LONGEST]))
