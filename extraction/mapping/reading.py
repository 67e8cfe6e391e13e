"""One paper as the mapper sees it: its layout, its labels, and the habits of its author (decimal mark, date order)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from extraction.mapping.labels import Hit, Lexicon, Repairs
from extraction.mapping.layout import Cell, Row, Sheet, lay_out
from extraction.mapping.parse.contacts import IBAN, find_emails, find_phones
from extraction.mapping.parse.currencies import find_currency
from extraction.mapping.parse.dates import FoundDate, find_dates, find_times
from extraction.mapping.parse.numbers import Amount, decimal_mark, find_amounts
from extraction.recognized import Recognized

_US = re.compile(r"(?<![A-Z])[A-Z]{2},?\s\d{5}(?:-\d{4})?(?!\d)|\bUSD\b|\bUS\$|\bsales tax\b|\bzip code\b", re.I)
_PRICES = re.compile(r"\d{1,5}[.,]\d{2}(?:\s+\d{1,5}[.,]\d{2})+")  # "4.00 12.00" has the digits of a telephone number
_MONTH_FIRST = ("en-us", "us", "en_us")


@dataclass(slots=True)
class Reading:
    recognized: Recognized
    sheet: Sheet
    lexicon: Lexicon
    decimal: str | None
    day_first: bool
    date_votes: int
    currency: str | None
    _hits: dict[int, list[Hit]] = field(default_factory=dict)
    _repairs: Repairs = field(default_factory=dict)
    _amounts: dict[int, list[Amount]] = field(default_factory=dict)
    _money: dict[int, list[Amount]] = field(default_factory=dict)
    _by_concept: dict[str, list[tuple[Cell, Hit]]] | None = None

    def hits(self, cell: Cell) -> list[Hit]:
        if cell.order not in self._hits:
            repairs = self._repairs if cell.page.source == "ocr" else None
            self._hits[cell.order] = self.lexicon.hits(cell.tokens, repairs)
        return self._hits[cell.order]

    def labelled(self, concept: str) -> list[tuple[Cell, Hit]]:
        """Every place a concept is named, in reading order."""
        if self._by_concept is None:
            table: defaultdict[str, list[tuple[Cell, Hit]]] = defaultdict(list)
            for cell in self.sheet.cells:
                for hit in self.hits(cell):
                    for one in hit.concepts:
                        table[one].append((cell, hit))
            self._by_concept = dict(table)
        return self._by_concept.get(concept, [])

    def amounts(self, cell: Cell) -> list[Amount]:
        """Numbers in a cell that are not parts of a date, a time, a telephone or an account number."""
        if cell.order not in self._amounts:
            self._amounts[cell.order] = self._unmasked_amounts(cell.text)
        return self._amounts[cell.order]

    def _unmasked_amounts(self, text: str) -> list[Amount]:
        if not any(char.isdigit() for char in text):
            return []
        spans = [(date.start, date.end) for date in self.dates(text)] + [(t.start, t.end) for t in find_times(text)]
        spans += [(match.start(), match.end()) for match in IBAN.finditer(text)]
        amounts = find_amounts(text, decimal=self.decimal)
        if any(amount.decimals == 0 for amount in amounts):
            phones = [found for found in find_phones(text) if not _PRICES.fullmatch(found.value)]
            spans += [(found.start, found.end) for found in phones + find_emails(text)]
        return [one for one in amounts if not any(start < one.end and one.start < end for start, end in spans)]

    def dates(self, text: str, *, compact: bool = False) -> list[FoundDate]:
        return find_dates(text, day_first=self.day_first, compact=compact)

    def money(self, cell: Cell) -> list[Amount]:
        """Amounts that look like money: two decimals, a currency beside them, or grouped where none has decimals."""
        if cell.order not in self._money:
            found = [one for one in self.amounts(cell) if not one.percent and self._is_money(one)]
            self._money[cell.order] = found
        return self._money[cell.order]

    def _is_money(self, one: Amount) -> bool:
        grouped = self.decimal is None and len(one.text) >= 5 and one.text[-4] in ".,"
        return 2 <= one.decimals <= 4 or one.currency is not None or grouped

    def row_money(self, row: Row) -> list[tuple[Cell, Amount]]:
        return [(cell, amount) for cell in row.cells for amount in self.money(cell)]


def read(recognized: Recognized, lexicon: Lexicon, languages: Sequence[str] = ()) -> Reading:
    sheet = lay_out(recognized)
    text = "\n".join(cell.text for cell in sheet.cells)
    votes = sum(found.votes for cell in sheet.cells if _has_digits(cell) for found in find_dates(cell.text))
    return Reading(
        recognized,
        sheet,
        lexicon,
        decimal=decimal_mark(text),
        day_first=_day_first(votes, text, languages),
        date_votes=votes,
        currency=_currency(sheet),
    )


def _has_digits(cell: Cell) -> bool:
    return sum(char.isdigit() for char in cell.text) >= 3


def _day_first(votes: int, text: str, languages: Sequence[str]) -> bool:
    """Dates that can be read only one way decide for the others; then clear American evidence; then day first."""
    if votes:
        return votes > 0
    if any(language.lower() in _MONTH_FIRST for language in languages):
        return False
    return not (len(_US.findall(text)) >= 1 and "€" not in text and "£" not in text)


def _currency(sheet: Sheet) -> str | None:
    """The currency the paper uses most."""
    counts: defaultdict[str, int] = defaultdict(int)
    for cell in sheet.cells:
        if found := find_currency(cell.text):
            counts[found[0]] += 1
    return max(counts, key=lambda code: counts[code]) if counts else None
