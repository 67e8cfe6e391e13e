"""A stretch of a cell: what belongs to one column of a table, or stands between the commas of an address."""

from __future__ import annotations

from dataclasses import dataclass

from extraction.mapping.evidence import cite, span_box
from extraction.mapping.layout import Cell
from extraction.mapping.values import PageCitation
from extraction.recognized import Box


@dataclass(frozen=True, slots=True)
class Piece:
    cell: Cell
    start: int
    end: int

    @property
    def text(self) -> str:
        """For parsing: digits repaired, nothing around it."""
        return self.cell.text[self.start : self.end].strip()

    @property
    def printed(self) -> str:
        """What was read, letter for letter."""
        return self.cell.line.text[self.start : self.end]

    @property
    def box(self) -> Box:
        return span_box(self.cell.line, self.start, self.end)

    def citation(self) -> PageCitation:
        return cite(self.cell.page, self.cell.line, self.start, self.end)

    def part(self, start: int, end: int) -> Piece:
        """The stretch `start:end` of this one, without what surrounds a value."""
        text = self.printed[start:end]
        left = len(text) - len(text.lstrip(" ,.;:-–|"))
        return Piece(self.cell, self.start + start + left, self.start + start + len(text.rstrip(" ,;:-–|")))
