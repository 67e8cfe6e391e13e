"""Who issued the paper: the name and the address at its top, when nothing labels them."""

from __future__ import annotations

from dataclasses import dataclass

from extraction.mapping.layout import Cell
from extraction.mapping.lines import address_likeness, has_postcode, kind_of_line
from extraction.mapping.party_words import BUSINESS, has_legal_form, has_weak_form, only_legal_form
from extraction.mapping.reading import Reading

_MAX_LINES = 22
_NAMES = ("name", "address")  # a company may be called after its street


@dataclass(slots=True)
class Letterhead:
    name: list[Cell]
    address: list[Cell]
    strength: float  # how sure the name is


def find_letterhead(reading: Reading) -> Letterhead | None:
    top = _top(reading)
    kinds = [_kind(reading, cell) for cell in top]
    name, strength = _name(reading, top, kinds)
    if not name:
        return None
    after = top.index(name[-1]) + 1
    address = address_lines(reading, top[after:], kinds[after:])
    if not address and strength < 0.9:
        address = address_lines(reading, top, kinds)
    return Letterhead(name, address, strength)


def _kind(reading: Reading, cell: Cell) -> str:
    """What stands on a row with a price is a good, not the shop."""
    return "money" if reading.row_money(reading.sheet.row_of(cell)) else kind_of_line(reading, cell)


def _top(reading: Reading) -> list[Cell]:
    """The first lines of the first page, up to where the goods begin."""
    top: list[Cell] = []
    for row in reading.sheet.rows:
        if len(top) >= _MAX_LINES or row.page.number != reading.sheet.rows[0].page.number:
            break
        if len(reading.row_money(row)) and len(row.cells) > 1 and len(top) > 3:
            break
        top += row.cells
    return top


def _name(reading: Reading, top: list[Cell], kinds: list[str]) -> tuple[list[Cell], float]:
    body = next((i for i, kind in enumerate(kinds) if kind in ("till", "heading") and i > 2), len(top))
    formed = [i for i in range(min(len(top), max(body, 8))) if kinds[i] in _NAMES and has_legal_form(top[i].text)]
    if formed:
        index = min(formed, key=lambda i: (has_weak_form(top[i].text), i))
        if only_legal_form(top[index].text) and index and kinds[index - 1] == "name":
            return [top[index - 1], top[index]], 0.95
        return [top[index]], 0.97
    first_address = next((i for i, kind in enumerate(kinds[:body]) if kind == "address"), body)
    before = [i for i in range(first_address) if kinds[i] == "name"]
    if not before:
        before = [i for i in range(min(body, 6)) if kinds[i] == "name"]
    if not before:
        return [], 0.0
    return _most_prominent(reading, top, before)


def _most_prominent(reading: Reading, top: list[Cell], indexes: list[int]) -> tuple[list[Cell], float]:
    """The largest print; a stack of single large words is one name set as a logo."""
    usual = reading.sheet.line_height[top[0].page.number]
    large = [i for i in indexes if top[i].height > 1.35 * usual]
    logo = _logo(top, indexes, large, usual)
    if len(logo) >= 2 and not set(top[logo[0]].words) & BUSINESS:
        return [top[i] for i in logo], 0.7
    business = [i for i in indexes if set(top[i].words) & BUSINESS]
    pool = business or large or indexes
    best = max(pool, key=lambda i: (round(top[i].height / usual, 1) * (0.94 ** (i - pool[0])), -i))
    return [top[best]], 0.9 if business else 0.8 if best == indexes[0] else 0.7


def _logo(top: list[Cell], indexes: list[int], large: list[int], usual: float) -> list[int]:
    """Neighbouring lines of one or two large words; the last may be a little smaller."""
    stack = [i for i in large if len(top[i].words) <= 2 and len(top[i].text) >= 3]
    if not stack or stack[-1] - stack[0] != len(stack) - 1:
        return []
    after = stack[-1] + 1
    if after in indexes and len(top[after].words) == 1 and top[after].height > 1.1 * usual:
        stack.append(after)
    return stack


def address_lines(reading: Reading, cells: list[Cell], kinds: list[str]) -> list[Cell]:
    """The first run of address lines, with plain lines between or right behind them (towns, regions)."""
    start = next((i for i, kind in enumerate(kinds) if kind == "address"), None)
    if start is None:
        return []
    if start and kinds[start - 1] == "name" and _opens_address(cells[start - 1].text):
        start -= 1
    run = [cells[start]]
    for index in range(start + 1, min(len(cells), start + 9)):
        cell, kind = cells[index], kinds[index]
        if _far(reading, run[-1], cell) or kind not in ("address", "name"):
            break
        ahead = kinds[index + 1] if index + 1 < len(kinds) else ""
        town = len(cell.words) <= 4 and not any(char.isdigit() for char in cell.text) and ":" not in cell.text
        bridge = ahead == "address" and (town or run[-1].text.rstrip().endswith(","))
        region = town and (has_postcode(run[-1].text) or run[-1].text.rstrip().endswith(","))
        if kind == "name" and not bridge and not region:
            break
        run.append(cell)
    return run


def _opens_address(text: str) -> bool:
    """A building or an estate, on the line above the street."""
    return address_likeness(text) >= 0.35 and ":" not in text


def _far(reading: Reading, above: Cell, below: Cell) -> bool:
    if above.page is not below.page:
        return True
    return below.box[1] - above.box[3] > 1.6 * reading.sheet.line_height[above.page.number]
