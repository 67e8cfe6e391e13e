"""Lists of sums: each tax of a paper with its rate, each payment with its means, as entries of a table."""

from __future__ import annotations

from extraction.mapping.pieces import Piece
from extraction.mapping.reading import Reading
from extraction.mapping.table_rows import Entry
from extraction.mapping.totals import Sum

ROLES = {"tax": "tax", "cash": "cash", "payment_method": "cash", "discount": "discount", "line_tax": "tax"}


def sum_entries(reading: Reading, sums: list[Sum], concept: str) -> list[Entry]:
    """One entry for every row that has a sum of this role."""
    entries: dict[int, Entry] = {}
    for one in sums:
        if one.role != ROLES[concept] or one.strength < 0.4 or not one.value:
            continue
        entry = entries.setdefault(one.cell.row, Entry(row=one.cell.row))
        amount = Piece(one.cell, one.amount.start, one.amount.end)
        for key in ("line_total", "unit_price", concept):
            entry.pieces[key] = [amount]
    for entry in entries.values():
        _name(reading, entry)
    return list(entries.values())


def _name(reading: Reading, entry: Entry) -> None:
    """The words before the amount, and the rate among them."""
    row = reading.sheet.rows[entry.row]
    first = row.cells[0]
    amounts = reading.amounts(first)
    end = amounts[0].start if amounts else len(first.text)
    if any(char.isalpha() for char in first.text[:end]):
        for key in ("description", "payment_method", "document_type"):
            entry.pieces[key] = [Piece(first, 0, end)]
    for cell in row.cells:
        for one in reading.amounts(cell):
            if one.percent:
                for key in ("line_tax_rate", "tax_rate", "discount_rate"):
                    entry.pieces.setdefault(key, [Piece(cell, one.start, min(one.end + 2, len(cell.text)))])
