"""Lines of text put back where they stood: cells on rows, with neighbours to the right and below."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from extraction.mapping.parse.numbers import repair_digits
from extraction.mapping.words import Token, tokens
from extraction.recognized import Box, Line, Page, Recognized

MAX_CELLS = 12_000  # some fifty dense pages; what lies beyond is not mapped


@dataclass(slots=True, eq=False)
class Cell:
    """One recognized line. `text` is for parsing (digits repaired, same length); `line` is what was read."""

    page: Page
    line: Line
    text: str
    row: int = -1  # index into Sheet.rows
    order: int = -1  # reading order over all pages
    _tokens: tuple[Token, ...] | None = None

    @property
    def tokens(self) -> tuple[Token, ...]:
        if self._tokens is None:
            self._tokens = tokens(self.text)
        return self._tokens

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(token.word for token in self.tokens)

    @property
    def box(self) -> Box:
        return self.line.box

    @property
    def middle(self) -> float:
        return (self.line.box[1] + self.line.box[3]) / 2

    @property
    def height(self) -> float:
        return self.line.box[3] - self.line.box[1]


@dataclass(slots=True)
class Row:
    page: Page
    cells: list[Cell] = field(default_factory=list)

    @property
    def top(self) -> float:
        return min(cell.box[1] for cell in self.cells)

    @property
    def bottom(self) -> float:
        return max(cell.box[3] for cell in self.cells)

    @property
    def middle(self) -> float:
        return sum(cell.middle for cell in self.cells) / len(self.cells)

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)


@dataclass(slots=True)
class Sheet:
    rows: list[Row]
    cells: list[Cell]
    line_height: dict[int, float]  # by page number: the usual height of a line

    def row_of(self, cell: Cell) -> Row:
        return self.rows[cell.row]

    def right_of(self, cell: Cell) -> list[Cell]:
        return [other for other in self.row_of(cell).cells if other.box[0] > cell.box[0]]

    def below(self, cell: Cell, *, reach: float = 3.0) -> list[Cell]:
        """Cells under this one that share its columns, nearest first, within `reach` line heights."""
        limit = cell.box[3] + reach * self.line_height[cell.page.number]
        found = []
        for row in self.rows[cell.row + 1 :]:
            if row.page is not cell.page or row.top > limit:
                break
            found += [other for other in row.cells if overlap(cell.box, other.box) > 0]
        return found


def overlap(one: Box, other: Box) -> float:
    """How much of the narrower of two boxes lies over the other, horizontally, 0 to 1."""
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return max(0.0, shared) / max(min(one[2] - one[0], other[2] - other[0]), 1e-6)


def lay_out(recognized: Recognized) -> Sheet:
    sheet = Sheet([], [], {})
    for page in recognized.pages:
        room = MAX_CELLS - len(sheet.cells)
        cells = [_cell(page, line) for line in page.lines[: max(room, 0)] if line.text.strip()]
        cells = _without_marginal_letters(cells)
        sheet.line_height[page.number] = median(cell.height for cell in cells) if cells else 0.01
        for row in _rows(page, cells):
            for cell in row.cells:
                cell.row, cell.order = len(sheet.rows), len(sheet.cells)
                sheet.cells.append(cell)
            sheet.rows.append(row)
    return sheet


def _cell(page: Page, line: Line) -> Cell:
    return Cell(page, line, repair_digits(line.text) if page.source == "ocr" else line.text)


def _without_marginal_letters(cells: list[Cell]) -> list[Cell]:
    """Vertical print at the edge arrives as a column of single letters: no part of any row."""
    columns: defaultdict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        if len(cell.text.strip()) == 1:
            columns[round(cell.box[0] * 100)].append(cell)
    noise = {id(cell) for column in columns.values() if len(column) >= 12 for cell in column}
    return [cell for cell in cells if id(cell) not in noise]


def _rows(page: Page, cells: list[Cell]) -> list[Row]:
    """Cells are on one row when each overlaps its nearest neighbour; so a slanted photograph keeps its rows."""
    rows: list[Row] = []
    for cell in sorted(cells, key=lambda cell: (cell.middle, cell.box[0])):
        fits = [_fit(row, cell) for row in rows[-6:]]
        if max(fits, default=0.0) > 0.45:
            rows[-len(fits) :][fits.index(max(fits))].cells.append(cell)
        else:
            rows.append(Row(page, [cell]))
    for row in rows:
        row.cells.sort(key=lambda cell: cell.box[0])
    return sorted(rows, key=lambda row: row.middle)


def _fit(row: Row, cell: Cell) -> float:
    if any(overlap(other.box, cell.box) > 0.5 for other in row.cells):
        return 0.0
    nearest = min(row.cells, key=lambda other: max(other.box[0] - cell.box[2], cell.box[0] - other.box[2]))
    shared = min(nearest.box[3], cell.box[3]) - max(nearest.box[1], cell.box[1])
    return shared / max(min(nearest.height, cell.height), 1e-6)
