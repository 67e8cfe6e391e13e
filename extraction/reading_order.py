"""The order in which a person reads: rows from top to bottom, from left to right, columns of prose in turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from extraction.recognized import Line

COLUMN_ROWS = 5  # fewer rows side by side are a table or two addresses, which are read across
COLUMN_WORDS = 4.0  # cells of prose; a table's are shorter


def in_reading_order(lines: Iterable[Line]) -> list[Line]:
    ordered: list[Line] = []
    for block in _blocks(_rows(lines)):
        ordered += [line for row in block for line in row]
    return ordered


def _rows(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines that share half of the lower one's height with a row belong to it."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=_middle):
        row = next((row for row in reversed(rows[-3:]) if _beside(row, line)), None)
        if row is None:
            rows.append([line])
        else:
            row.append(line)
    return [sorted(row, key=lambda line: line.box[0]) for row in rows]


def _middle(line: Line) -> float:
    return line.box[1] + line.box[3]


def _beside(row: Sequence[Line], line: Line) -> bool:
    top, bottom = median(member.box[1] for member in row), median(member.box[3] for member in row)
    shared = min(bottom, line.box[3]) - max(top, line.box[1])
    lower = min(bottom - top, line.box[3] - line.box[1])
    return shared > 0.5 * lower and not any(_over(member, line) for member in row)


def _over(member: Line, line: Line) -> bool:
    """One above the other, however tight the print: they share most of their width."""
    shared = min(member.box[2], line.box[2]) - max(member.box[0], line.box[0])
    return shared > 0.4 * min(member.box[2] - member.box[0], line.box[2] - line.box[0])


def _blocks(rows: Sequence[list[Line]]) -> Iterable[list[list[Line]]]:
    """Runs of rows; where a run is two columns of prose, the left column and then the right one."""
    run: list[list[Line]] = []
    gutter: tuple[float, float] | None = None
    for row in rows:
        shared = _narrow(gutter, _gutter(row)) if run else _gutter(row)
        if run and shared is None:
            yield from _columns(run, gutter)
            run, shared = [], _gutter(row)
        run.append(row)
        gutter = shared
    yield from _columns(run, gutter)


def _gutter(row: Sequence[Line]) -> tuple[float, float] | None:
    """The empty strip of a row of two cells."""
    if len(row) != 2 or row[0].box[2] >= row[1].box[0]:
        return None
    return row[0].box[2], row[1].box[0]


def _narrow(one: tuple[float, float] | None, other: tuple[float, float] | None) -> tuple[float, float] | None:
    if one is None or other is None:
        return None
    left, right = max(one[0], other[0]), min(one[1], other[1])
    return (left, right) if left < right else None


def _columns(run: list[list[Line]], gutter: tuple[float, float] | None) -> Iterable[list[list[Line]]]:
    if gutter is None or len(run) < COLUMN_ROWS or not all(_is_prose(column) for column in zip(*run, strict=True)):
        return [run]
    return [[[row[0]] for row in run], [[row[1]] for row in run]]


def _is_prose(column: Sequence[Line]) -> bool:
    return sum(len(line.text.split()) for line in column) / len(column) >= COLUMN_WORDS
