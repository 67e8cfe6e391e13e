"""The header of a table: cells that name columns, over one or several lines, with the stretch of page each rules."""

from __future__ import annotations

from dataclasses import dataclass, field

from extraction.mapping.evidence import span_box
from extraction.mapping.layout import Cell, Row, overlap
from extraction.mapping.reading import Reading
from extraction.mapping.synonyms import COLUMNS
from extraction.mapping.words import tokens, words
from extraction.recognized import Box

_COLUMNS = frozenset(COLUMNS)
NUMERIC = ("quantity", "unit_price", "line_total")


@dataclass(slots=True)
class Column:
    """A column and what its header lines say, top line first. `concept` is settled by the whole table."""

    box: Box
    lines: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    concept: str = ""

    @property
    def concepts(self) -> frozenset[str]:
        return frozenset().union(*(concepts for _, concepts in self.lines))

    def line_of(self, concept: str) -> int:
        """On which line of a stacked header a concept stands: its values stand on the same line of each entry."""
        real = [concepts for _, concepts in self.lines if concepts]
        return next((index for index, concepts in enumerate(real) if concept in concepts), 0)


@dataclass(slots=True)
class Header:
    columns: list[Column]
    first: int  # row numbers
    last: int

    def column(self, concept: str) -> Column | None:
        return next((column for column in self.columns if column.concept == concept), None)


def find_headers(reading: Reading, keys: frozenset[str]) -> list[Header]:
    """Headers of the tables on the paper, in reading order. `keys`: the caller's own column names."""
    wanted = _COLUMNS | keys
    headers: list[Header] = []
    index, rows = 0, reading.sheet.rows
    while index < len(rows):
        header = _header_at(reading, index, wanted)
        if header:
            headers.append(header)
            index = header.last
        index += 1
    return headers


def _header_at(reading: Reading, index: int, wanted: frozenset[str]) -> Header | None:
    row = reading.sheet.rows[index]
    if not _header_like(reading, row, wanted, least=2):
        return None
    first = last = index
    while last - index < 4 and last + 1 < len(reading.sheet.rows) and _continues(reading, last, last + 1, wanted):
        last += 1
    while index - first < 3 and first > 0 and _continues(reading, first, first - 1, wanted):
        first -= 1
    columns = _columns(reading, reading.sheet.rows[first : last + 1], wanted)
    _settle(columns, wanted)
    named = [column for column in columns if column.concept]
    numeric = [
        column for column in named if column.concept not in ("position", "article_number", "description", "unit")
    ]
    if len(named) < 2 or not numeric:
        return None
    return Header(columns, first, last)


def _header_like(reading: Reading, row: Row, wanted: frozenset[str], *, least: int) -> bool:
    """Names of columns and little else; no amounts, as a header has none."""
    if reading.row_money(row):
        return False
    hits = [hit for cell in row.cells for hit in reading.hits(cell) if hit.concepts & wanted]
    covered = sum(hit.last - hit.first + 1 for hit in hits)
    total = sum(len([t for t in cell.tokens if not t.word.isdigit()]) for cell in row.cells)
    digits = sum(char.isdigit() for cell in row.cells for char in cell.text)
    apart = len(row.cells) >= 2 or len(hits) >= 3
    return len(hits) >= least and covered >= 0.45 * total and digits <= 3 and apart


def _continues(reading: Reading, at: int, other: int, wanted: frozenset[str]) -> bool:
    """Is the neighbouring row another line of the same header?"""
    row, beside = reading.sheet.rows[at], reading.sheet.rows[other]
    if beside.page is not row.page:
        return False
    if abs(beside.middle - row.middle) > 1.5 * reading.sheet.line_height[row.page.number]:
        return False
    short = all(len(cell.words) <= 3 and not any(c.isdigit() for c in cell.text) for cell in beside.cells)
    named = [cell for cell in beside.cells if any(hit.concepts & wanted for hit in reading.hits(cell))]
    over = all(any(overlap(cell.box, other.box) > 0.2 for other in row.cells) for cell in beside.cells)
    stacked = over and other > at and len(beside.cells) >= 2
    return short and not reading.row_money(beside) and (2 * len(named) >= len(beside.cells) or stacked)


def _columns(reading: Reading, rows: list[Row], wanted: frozenset[str]) -> list[Column]:
    columns: list[Column] = []
    for row in rows:
        for cell in row.cells:
            for box, text, concepts in _parts(reading, cell, wanted):
                home = next((column for column in columns if overlap(column.box, box) > 0.4), None)
                if home is None:
                    columns.append(Column(box, [(text, concepts)]))
                else:
                    home.lines.append((text, concepts))
                    home.box = (min(home.box[0], box[0]), home.box[1], max(home.box[2], box[2]), box[3])
    for column in columns:
        _read_together(reading, column, wanted)
    return sorted(columns, key=lambda column: column.box[0])


def _parts(reading: Reading, cell: Cell, wanted: frozenset[str]) -> list[tuple[Box, str, frozenset[str]]]:
    """A header cell, cut where it names several columns ("Qty U.Price")."""
    hits = [hit for hit in reading.hits(cell) if hit.concepts & wanted]
    if len(hits) < 2:
        return [(cell.box, cell.text, hits[0].concepts & wanted if hits else frozenset())]
    edges = [0, *(hit.start for hit in hits[1:]), len(cell.text)]
    return [
        (span_box(cell.line, start, end), cell.text[start:end].strip(), hit.concepts & wanted)
        for hit, start, end in zip(hits, edges, edges[1:], strict=False)
    ]


def _read_together(reading: Reading, column: Column, wanted: frozenset[str]) -> None:
    """ "Positions / betrag": a label broken over lines is read as one."""
    if len(column.lines) < 2:
        return
    joined = " ".join(text for text, _ in column.lines)
    longer = [hit for hit in reading.lexicon.hits(tokens(joined)) if hit.last > hit.first and hit.concepts & wanted]
    named_below = any(concepts for _, concepts in column.lines[1:])
    if longer and (not named_below or not column.concepts):
        column.lines = [(joined, longer[0].concepts & wanted)]


def _settle(columns: list[Column], wanted: frozenset[str]) -> None:
    """Give each concept one column. Where several claim it, sums stand rightmost and everything else leftmost."""
    order = [*sorted(wanted - _COLUMNS), "line_total", "unit_price", "quantity", "description"]
    order += [concept for concept in COLUMNS if concept not in order]
    for concept in order:
        free = [column for column in columns if not column.concept and concept in column.concepts]
        if not free:
            continue
        exact = [column for column in free if len(column.concepts) == 1]
        pool = exact or free
        chosen = max(pool, key=lambda c: c.box[0]) if concept == "line_total" else min(pool, key=lambda c: c.box[0])
        if concept == "description":
            chosen = max(
                pool,
                key=lambda c: (
                    any("title" in words(t) or "desc" in t.lower() for t, _ in c.lines),
                    c.box[2] - c.box[0],
                ),
            )
        chosen.concept = concept
