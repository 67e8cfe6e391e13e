"""Percentages that the row they stand on names: "VAT 20 %  4.20", "inkl. 19,00% MwSt", "Discount (10%)"."""

from __future__ import annotations

from collections.abc import Iterator

from extraction.mapping.amount_words import DISCOUNT, TAX
from extraction.mapping.evidence import Candidate, cite
from extraction.mapping.kinds import Read
from extraction.mapping.reading import Reading

_NAMED_BY = {"tax_rate": TAX, "discount_rate": DISCOUNT}


def find_rates(reading: Reading, concept: str) -> Iterator[tuple[Candidate, Read]]:
    """Rates on rows that speak of the tax or the discount; a rate of nothing is the weaker."""
    named_by = _NAMED_BY[concept]
    for row in reading.sheet.rows:
        if not any("%" in cell.text for cell in row.cells):
            continue
        said = {word for cell in row.cells for word in cell.words}
        if not said & named_by or (concept == "tax_rate" and said & DISCOUNT):
            continue
        for cell in row.cells:
            for one in reading.amounts(cell):
                if one.percent and 0 <= one.value <= 100:
                    beside = bool(set(cell.words) & named_by)
                    citation = cite(cell.page, cell.line, one.start, _behind_sign(cell.line.text, one.end))
                    label = (0.8 if beside else 0.65) * (1.0 if one.value else 0.7)
                    read = Read(one.value, one.start, one.end, 1.0, one.text)
                    yield Candidate(one.value, (citation,), cell.line.confidence, label), read


def _behind_sign(text: str, end: int) -> int:
    at = text.find("%", end, end + 3)
    return at + 1 if at >= 0 else end
