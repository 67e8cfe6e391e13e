"""The entries under a table's header: rows given to columns, several lines gathered into one entry."""

from __future__ import annotations

from dataclasses import dataclass, field

from extraction.mapping.layout import Cell, Row
from extraction.mapping.money_roles import role_of
from extraction.mapping.pieces import Piece
from extraction.mapping.reading import Reading
from extraction.mapping.table_header import NUMERIC, Column, Header
from extraction.recognized import Box, Word

MAX_ENTRIES = 500
_ENDING = frozenset(
    {"subtotal", "total", "amount_due", "tax", "cash", "change", "rounding", "discount", "service_charge", "count"}
)


@dataclass(slots=True)
class Entry:
    pieces: dict[str, list[Piece]] = field(default_factory=dict)  # by concept, top line first
    bottom: float = 0.0
    row: int = 0

    def wording(self) -> list[Piece]:
        """What names the entry, or whatever it has."""
        return self.pieces.get("description") or [piece for pieces in self.pieces.values() for piece in pieces]


def read_entries(reading: Reading, header: Header, stop: int) -> list[Entry]:
    """Entries between the header and the sums (or `stop`, where the next table begins)."""
    entries: list[Entry] = []
    above: list[tuple[str, Piece]] = []  # text waiting for its numbers: descriptions printed on a line of their own
    previous: Row | None = None
    for index in range(header.last + 1, min(stop, len(reading.sheet.rows))):
        row = reading.sheet.rows[index]
        given = _given(header, row)
        numbers = [concept for concept, piece in given if concept in NUMERIC and _is_number(reading, piece)]
        if _ends(reading, header, row, previous, entries, numbers) or len(entries) >= MAX_ENTRIES:
            break
        previous = row
        texts = [(concept, piece) for concept, piece in given if concept not in NUMERIC]
        if entries and numbers and _joins(reading, entries[-1], numbers, row):
            _add(entries[-1], given, row)
        elif _starts(header, numbers, given):
            entries.append(Entry(row=index))
            _add(entries[-1], [*([] if _worded(texts) else above), *given], row)
            above = []
        elif entries and not _descriptions_above(entries):
            _add(entries[-1], texts, row)
        else:
            above = _waiting(header, row, texts)
    return entries


def _waiting(header: Header, row: Row, texts: list[tuple[str, Piece]]) -> list[tuple[str, Piece]]:
    """A line of words that may be the description of the numbers to come; not a remark across the whole table."""
    column = header.column("description")
    wide = max(cell.box[2] - cell.box[0] for cell in row.cells) > 0.6
    if wide or column is None or column.line_of("description") > 0:
        return []
    return [(concept, piece) for concept, piece in texts if concept == "description"]


def _starts(header: Header, numbers: list[str], given: list[tuple[str, Piece]]) -> bool:
    """A row opens an entry if it has the sum of one, or where that is missing or lower down, what makes the sum."""
    if "line_total" in numbers:
        return True
    if header.column("line_total"):
        apart = any(concept == "quantity" and piece.text == piece.cell.text.strip() for concept, piece in given)
        return "quantity" in numbers and ("unit_price" in numbers or (apart and len(given) > 1))
    return bool(numbers)


def _worded(texts: list[tuple[str, Piece]]) -> bool:
    return any(concept == "description" and _lettered(piece.text) for concept, piece in texts)


def _lettered(text: str) -> bool:
    letters = sum(char.isalpha() for char in text)
    return letters >= 3 and letters >= sum(char.isdigit() for char in text)


def _ends(
    reading: Reading, header: Header, row: Row, previous: Row | None, entries: list[Entry], numbers: list[str]
) -> bool:
    above = reading.sheet.rows[header.last]
    if row.page is not above.page:
        return True
    height = reading.sheet.line_height[row.page.number]
    gap = row.top - (previous.bottom if previous else above.bottom)
    aside = not numbers and _home(header, row.cells[0].box).concept != "description"
    if entries and gap > (1.5 if aside else 9) * height:
        return True
    label = [word for cell in row.cells for word in cell.words if not word.isdigit()]
    role = role_of(tuple(label), repair=row.page.source == "ocr") if 0 < len(label) <= 8 else None
    # A sum ends the table; "Item discount: ..." under an entry does not, and a good may be called "cash box".
    sums = role is not None and role[0] in _ENDING and role[1] >= 0.6 and bool(reading.row_money(row))
    return sums and (bool(entries) and role is not None and (role[0] != "discount" or len(row.cells) <= 2))


def _given(header: Header, row: Row) -> list[tuple[str, Piece]]:
    """The row's pieces with the concept of the column each stands in."""
    homes = [_home(header, cell.box) for cell in row.cells]
    given = []
    for cell, home in zip(row.cells, homes, strict=True):
        others = [other for other in homes if other is not home]
        for column, start, end in _split(header, cell, home, others):
            if column.concept:
                given.append((column.concept, Piece(cell, start, end)))
    return given


def _split(header: Header, cell: Cell, whole: Column, others: list[Column]) -> list[tuple[Column, int, int]]:
    """A cell goes to its column; one that runs over several is cut between words.

    A number inside a description is cut off only on a row that has numbers of its own, and none in that column.
    """
    uncut = [(whole, 0, len(cell.text))]
    words_of = cell.line.words
    if len(words_of) < 2 or _home(header, words_of[0].box) is _home(header, words_of[-1].box):
        return uncut
    parts: list[tuple[Column, int, int]] = []
    position, edge = 0, 0.0
    for word in words_of:
        at = cell.line.text.find(word.text, position)
        if at < 0:
            return uncut
        position, column = at + len(word.text), _home(header, word.box)
        joined = parts and (column is parts[-1][0] or column in others or not _apart(column, word, edge))
        if joined:
            parts[-1] = (parts[-1][0], parts[-1][1], position)
        else:
            parts.append((column, at, position))
        edge = word.box[2]
    cut = [column.concept in NUMERIC for column, _, _ in parts]
    numeric = sum(cut) + sum(other.concept in NUMERIC for other in others)
    return parts if numeric >= 2 or not any(cut) else uncut


def _apart(column: Column, word: Word, edge: float) -> bool:
    """A word opens a new column where it stands flush with one, or visibly off its neighbour."""
    x0, y0, x1, y1 = word.box
    digits = any(char.isdigit() for char in word.text)
    if column.concept in NUMERIC and not digits:
        return False
    flush = abs(x0 - column.box[0]) < 0.015 or (digits and abs(x1 - column.box[2]) < 0.01)
    return flush or x0 - edge > 0.9 * (y1 - y0)


def _home(header: Header, box: Box) -> Column:
    return min(header.columns, key=lambda column: _distance(column.box, box))


def _distance(column: Box, box: Box) -> float:
    """0 under the header; otherwise the nearest of the three ways columns are aligned."""
    shared = min(column[2], box[2]) - max(column[0], box[0])
    if shared > 0:
        return -shared / (max(column[2], box[2]) - min(column[0], box[0]) + 1e-6)
    centre = abs((column[0] + column[2]) / 2 - (box[0] + box[2]) / 2)
    return min(
        abs(column[0] - box[0]), abs(column[2] - box[2]), centre, max(box[0] - column[2], column[0] - box[2]) * 1.2
    )


def _is_number(reading: Reading, piece: Piece) -> bool:
    amounts = [one for one in reading.amounts(piece.cell) if piece.start <= one.start < piece.end]
    letters = sum(char.isalpha() for char in piece.text)
    return bool(amounts) and letters <= 6 and not amounts[0].percent


def _joins(reading: Reading, last: Entry, numbers: list[str], row: Row) -> bool:
    """Numbers of the same entry set half a line lower: nothing filled twice, and close by."""
    taken = any(_is_number(reading, piece) for concept in numbers for piece in last.pieces.get(concept, []))
    close = row.top - last.bottom < 0.35 * reading.sheet.line_height[row.page.number]
    return not taken and close


def _add(entry: Entry, given: list[tuple[str, Piece]], row: Row) -> None:
    for concept, piece in given:
        entry.pieces.setdefault(concept, []).append(piece)
    entry.bottom = row.bottom


def _descriptions_above(entries: list[Entry]) -> bool:
    """Whether this paper prints the description before the line of numbers: its first entry tells."""
    first = entries[0].pieces.get("description", [])
    return bool(first) and first[0].cell.row < entries[0].row
