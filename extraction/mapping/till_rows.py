"""Goods on a till slip without a header: a line of words, an amount at its end, perhaps "2 x 3.50" beside or below."""

from __future__ import annotations

import re

from extraction.mapping.layout import Row
from extraction.mapping.lines import kind_of_line
from extraction.mapping.money_roles import role_of
from extraction.mapping.pieces import Piece
from extraction.mapping.reading import Reading
from extraction.mapping.table_rows import MAX_ENTRIES, Entry

_TIMES = re.compile(
    r"(?P<a>\d+(?:[.,]\d+)?)\s?(?:[x×X*@]|pcs?\b|stk\b)\s*(?:@\s*)?(?P<b>[A-Z$€£]{0,3}\s?\d+(?:[.,]\d{2,4}))?"
)
_COUNTED = re.compile(r"^\W*\d{1,3}\s?[x×X*]\s*(?=[^\W\d])(?![A-Z]{0,3}\s?\d)")
_COUNT = re.compile(r"^\W*\d+\s?(?:stk|stck|st|pcs?|pz|u|un|uds?|ea)\.?\s?[x×X*@]?\s*$", re.I)
_CODE = re.compile(r"^\W*\d[\d\s-]{3,}\W*$")
_ENDING = frozenset({"subtotal", "total", "amount_due", "tax", "cash", "change", "rounding"})


def read_till(reading: Reading, first: int = 0) -> list[Entry]:
    """Entries from the first priced line up to the first sum."""
    entries: list[Entry] = []
    above: list[Piece] = []
    for index in range(first, len(reading.sheet.rows)):
        row = reading.sheet.rows[index]
        large = "groß" in row.text.lower()  # "Kaffee groß" is no gross sum
        said = tuple(w for cell in row.cells for w in cell.words if not w.isdigit() and not (large and w == "gross"))
        role = role_of(said, repair=row.page.source == "ocr")
        money = reading.row_money(row)
        if role and role[0] in _ENDING and role[1] >= 0.5:
            if entries or money:
                break
            continue
        text = _wording(reading, row)
        if not money:
            above = text if text else above
            continue
        if len(entries) >= MAX_ENTRIES:
            break
        entry = _entry(reading, row, index)
        if entries and not text and "quantity" in entry.pieces and not above:
            _complete(entries[-1], entry)
            continue
        entry.pieces["description"] = text or above
        above = []
        entries.append(entry)
    return [entry for entry in entries if entry.pieces["description"]]


def _complete(entry: Entry, counted: Entry) -> None:
    """ "2 x 1,19" on the line below the good it counts."""
    entry.pieces["quantity"] = counted.pieces["quantity"]
    entry.pieces["unit_price"] = counted.pieces.get("unit_price") or counted.pieces["line_total"]


def _wording(reading: Reading, row: Row) -> list[Piece]:
    """The part of a row that names the good: letters, before any price."""
    pieces = []
    for cell in row.cells:
        if kind_of_line(reading, cell) in ("contact", "heading", "till"):
            continue
        end = min(
            [one.start for one in reading.money(cell)]
            + [m.start() for m in _TIMES.finditer(cell.text)]
            + [len(cell.text)]
        )
        if leading := _COUNTED.match(cell.text):
            # "2 x Croissant 6.00": the count is parted from the name later.
            end = min([one.start for one in reading.money(cell)] + [len(cell.text)])
            end = max(end, leading.end())
        text = cell.text[:end]
        if sum(char.isalpha() for char in text) >= 3 and not _CODE.match(text) and not _COUNT.match(text):
            pieces.append(Piece(cell, 0, end))
    return pieces[:1]


def _entry(reading: Reading, row: Row, index: int) -> Entry:
    entry = Entry(bottom=row.bottom, row=index)
    money = reading.row_money(row)
    cell, amount = money[-1]
    entry.pieces["line_total"] = [Piece(cell, amount.start, amount.end)]
    for cell in row.cells:
        match = _TIMES.search(cell.text)
        if match and match.end() > 0:
            _quantity(entry, cell, match)
    if "unit_price" not in entry.pieces and len(money) >= 2:
        cell, amount = money[-2]
        entry.pieces["unit_price"] = [Piece(cell, amount.start, amount.end)]
    if "quantity" not in entry.pieces:
        for cell in row.cells:
            if re.fullmatch(r"\W*\d{1,3}\W*", cell.text) and cell.box[0] < money[-1][0].box[0]:
                entry.pieces["quantity"] = [Piece(cell, 0, len(cell.text))]
    return entry


def _quantity(entry: Entry, cell, match: re.Match[str]) -> None:
    """ "2 x 3.50" and "3.50*2": the number with decimals is the price."""
    first, second = match.span("a"), match.span("b")
    swapped = re.match(r"\s?[x×X*@]\s?(\d{1,3})(?![\d.,])", cell.text[first[1] :])
    if swapped and re.search(r"[.,]\d{2}$", match["a"]):
        start = first[1] + swapped.start(1)
        entry.pieces["unit_price"] = [Piece(cell, *first)]
        entry.pieces["quantity"] = [Piece(cell, start, first[1] + swapped.end(1))]
        return
    entry.pieces["quantity"] = [Piece(cell, *first)]
    if match["b"]:
        entry.pieces["unit_price"] = [Piece(cell, *second)]
