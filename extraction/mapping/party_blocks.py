"""Blocks that a paper heads with a party: "Bill to", "Verkäufer:", "Sold by: ..." and what stands under it."""

from __future__ import annotations

from dataclasses import dataclass, field

from extraction.mapping.labelled import is_label, label_strength
from extraction.mapping.labels import Hit
from extraction.mapping.layout import Cell, Row
from extraction.mapping.lines import has_postcode, kind_of_line
from extraction.mapping.reading import Reading

_MAX_ROWS = 16


@dataclass(slots=True)
class Entry:
    """One line of a block: the text from `start` of the cell, and the label before it, if any."""

    cell: Cell
    start: int = 0
    labels: frozenset[str] = frozenset()


@dataclass(slots=True)
class Block:
    party: str
    heading: Cell
    entries: list[Entry] = field(default_factory=list)


def find_blocks(reading: Reading) -> list[Block]:
    headings = _headings(reading)
    blocks = []
    for party, cell, hit in headings:
        block = Block(party, cell)
        tail = cell.text[hit.end :].lstrip(" .:：")
        if any(char.isalpha() for char in tail):
            block.entries.append(Entry(cell, len(cell.text) - len(tail)))
        _fill(reading, block, [other for _, other, _ in headings if other is not cell])
        if block.entries:
            blocks.append(block)
    return blocks


def _headings(reading: Reading) -> list[tuple[str, Cell, Hit]]:
    found = []
    for party in ("seller", "buyer", "ship_to", "payee"):
        for cell, hit in reading.labelled(f"party:{party}")[:20]:
            colon = cell.text[hit.end :].lstrip()[:1] in (":", "：")
            if label_strength(cell, hit) == 1.0 and (is_label(reading, cell) or colon):
                found.append((party, cell, hit))
    return sorted(found, key=lambda one: one[1].order)


def _fill(reading: Reading, block: Block, headings: list[Cell]) -> None:
    """Take the lines under the heading that stand in its column, until a gap or the next heading."""
    heading, sheet = block.heading, reading.sheet
    height = sheet.line_height[heading.page.number]
    row = sheet.row_of(heading)
    beside = [cell for cell in row.cells if cell.box[0] > heading.box[2]]
    adjacent = beside[:1] if beside and beside[0].box[0] - heading.box[2] < 0.1 and beside[0] not in headings else []
    if adjacent and is_label(reading, adjacent[0]):
        adjacent = []
    if adjacent:
        block.entries.append(Entry(adjacent[0]))
    limit = next((cell.box[0] - 0.01 for cell in beside if cell not in adjacent), 1.01)
    left = adjacent[0].box[0] if adjacent and not block.entries[0].start else heading.box[0]
    previous = heading.middle
    for following in sheet.rows[heading.row + 1 : heading.row + 1 + _MAX_ROWS + 12]:
        if (
            following.page is not heading.page
            or following.middle - previous > (6.5 if not block.entries else 4.0) * height
        ):
            break
        mine = _in_column(following, left, limit)
        if any(cell in headings for cell in mine):
            break
        if mine:
            previous = following.middle
            block.entries += _entries(reading, mine)
        if len(block.entries) >= _MAX_ROWS:
            break


def _in_column(row: Row, left: float, limit: float) -> list[Cell]:
    """The row's cells of this column: the one under the heading, and the value beside it if that one is a label."""
    first = next((cell for cell in row.cells if abs(cell.box[0] - left) < 0.045 and cell.box[0] < limit), None)
    if first is None:
        return []
    return [cell for cell in row.cells if first.box[0] <= cell.box[0] < limit]


def _entries(reading: Reading, cells: list[Cell]) -> list[Entry]:
    first, rest = cells[0], cells[1:]
    hits = reading.hits(first)
    labels = hits[0].concepts if hits and label_strength(first, hits[0]) == 1.0 else frozenset()
    if labels and rest and (is_label(reading, first) or rest[0].text.startswith(":")):
        return [Entry(rest[0], _lead(rest[0].text), labels)]
    if labels and first.text[hits[0].end :].lstrip(" .")[:1] in (":", "#", "："):
        start = hits[0].end + _lead(first.text[hits[0].end :])
        return [Entry(first, start, labels)] if start < len(first.text) else []
    if rest and rest[0].text.startswith(":"):
        return [Entry(rest[0], _lead(rest[0].text), frozenset({"unknown"}))]
    if is_label(reading, first):
        return []
    return [Entry(first)]


def _lead(text: str) -> int:
    return len(text) - len(text.lstrip(" .:：#"))


def loose_blocks(reading: Reading, taken: list[Cell]) -> list[list[Cell]]:
    """Paragraphs of two to six lines that end in a postcode and a town, headed by nothing: letter windows."""
    used = {cell.order for cell in taken}
    blocks = []
    for cell in reading.sheet.cells[:400]:
        if cell.order in used or not has_postcode(cell.text) or kind_of_line(reading, cell) != "address":
            continue
        block = _upwards(reading, cell)
        if 2 <= len(block) <= 6 and not any(one.order in used for one in block):
            blocks.append(block)
            used |= {one.order for one in block}
    return blocks


def _upwards(reading: Reading, last: Cell) -> list[Cell]:
    block, height = [last], reading.sheet.line_height[last.page.number]
    for row in reversed(reading.sheet.rows[max(0, last.row - 8) : last.row]):
        above = next((cell for cell in row.cells if abs(cell.box[0] - block[0].box[0]) < 0.012), None)
        if above is None:
            continue
        if above.page is not last.page or block[0].box[1] - above.box[3] > 1.0 * height:
            break
        if kind_of_line(reading, above) not in ("address", "name"):
            break
        block.insert(0, above)
    return block
