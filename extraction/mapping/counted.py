"""Counts printed before the names of goods: "2 x Croissant", "2x Coffee", and "2 Croissant" where the slip does so."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from extraction.mapping.pieces import Piece
from extraction.mapping.reading import Reading
from extraction.mapping.table_rows import Entry

_TIMES = re.compile(r"^\s*(?P<count>\d{1,3})\s?[x×X*]\s*(?=[^\W\d])")
_BARE = re.compile(r"^\s*(?P<count>\d{1,2})\s+(?=[^\W\d]{3})")


def part_counts(reading: Reading, entries: list[Entry]) -> None:
    """Move the counts out of the descriptions, in place. Entries whose count stands elsewhere keep their names."""
    open_to = [(entry, piece) for entry in entries if (piece := _counted(entry))]
    for entry, piece in open_to:
        if match := _TIMES.match(_raw(piece)):
            _part(entry, piece, match)
    bare = [(entry, piece, match) for entry, piece in open_to if (match := _BARE.match(_raw(piece)))]
    usual = len(bare) >= 2 and len(bare) >= 0.6 * len(entries)
    for entry, piece, match in bare:
        # "7 Up" is a name; "2 Croissant 3.00 6.00" adds up, and a column of counts is a habit.
        if usual or _multiplies(reading, entry, Decimal(match["count"])):
            _part(entry, piece, match)


def _counted(entry: Entry) -> Piece | None:
    pieces = entry.pieces.get("description")
    return pieces[0] if pieces and (_same_row(entry) or "quantity" not in entry.pieces) else None


def _same_row(entry: Entry) -> bool:
    """Whether the count already taken is the very one before the name."""
    first, count = entry.pieces["description"][0], entry.pieces.get("quantity")
    return bool(count) and count is not None and count[0].cell is first.cell and count[0].start <= first.start + 2


def _raw(piece: Piece) -> str:
    return piece.cell.text[piece.start : piece.end]


def _part(entry: Entry, piece: Piece, match: re.Match[str]) -> None:
    start = piece.start + match.start("count")
    entry.pieces["quantity"] = [replace(piece, start=start, end=piece.start + match.end("count"))]
    entry.pieces["description"][0] = replace(piece, start=piece.start + match.end())


def _multiplies(reading: Reading, entry: Entry, count: Decimal) -> bool:
    prices, totals = (_values(reading, entry, concept) for concept in ("unit_price", "line_total"))
    return count > 1 and any(price * count == total for price in prices for total in totals)


def _values(reading: Reading, entry: Entry, concept: str) -> list[Decimal]:
    pieces = entry.pieces.get(concept, [])
    return [
        one.value for piece in pieces for one in reading.amounts(piece.cell) if piece.start <= one.start < piece.end
    ]
