"""Lists of plain text: what stands behind or under a heading, one line each, or parted by commas."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.mapping.evidence import Candidate, cite
from extraction.mapping.labelled import is_label, label_strength
from extraction.mapping.layout import Cell
from extraction.mapping.reading import Reading

_BULLET = re.compile(r"^\s*(?:[-–—•*·▪►☐☑✓]|\(?\d{1,2}[.)])\s*")
_PARTED = re.compile(r"[^,;]+")
_MOST = 60  # lines of one list


def listed_under(reading: Reading, key: str) -> list[Candidate]:
    """The members of the first list with this heading that has any."""
    for cell, hit in reading.labelled(key)[:10]:
        colon = cell.text[hit.end :].lstrip()[:1] in (":", "：")
        if label_strength(cell, hit) < 0.9 or not (colon or is_label(reading, cell)):
            continue
        tail = cell.text[hit.end :].lstrip(" :：")
        behind = [(cell, len(cell.text) - len(tail))] if tail else [(c, 0) for c in reading.sheet.right_of(cell)[:1]]
        below = [] if behind else _below(reading, cell)
        if found := [one for line, start in (behind or below) for one in _members(line, start, alone=bool(behind))]:
            return found
    return []


def _below(reading: Reading, heading: Cell) -> list[tuple[Cell, int]]:
    """Lines tightly under the heading, in its column; the blank after a heading may be wide, inside the list not."""
    sheet, above = reading.sheet, heading
    lines: list[tuple[Cell, int]] = []
    height = sheet.line_height[heading.page.number]
    bulleted = False
    for row in sheet.rows[heading.row + 1 : heading.row + 1 + _MOST]:
        cell = row.cells[0]
        bullet = _BULLET.match(cell.text)
        bulleted = bulleted or bool(bullet)
        apart = cell.box[1] - above.box[3] > (2.5 if not lines else 1.2) * height
        if cell.page is not heading.page or apart or cell.box[0] < heading.box[0] - 0.02:
            break
        if bulleted != bool(bullet) or (not bullet and is_label(reading, cell)):
            break
        lines.append((cell, bullet.end() if bullet else 0))
        above = cell
    return lines


def _members(cell: Cell, start: int, *, alone: bool) -> Iterator[Candidate]:
    """One member a line; several where the line is nothing but short names and commas."""
    text = cell.line.text
    parts = [(start + part.start(), start + part.end()) for part in _PARTED.finditer(text[start:])]
    short = all(len(text[begin:end].split()) <= 3 for begin, end in parts)
    for begin, end in parts if short and (alone or len(parts) > 2) else [(start, len(text))]:
        value = text[begin:end].strip(" .;,")
        if any(char.isalnum() for char in value):
            yield Candidate(value, (cite(cell.page, cell.line, begin, end),), cell.line.confidence, 0.85)
