"""Lines of CSV that a spreadsheet opens without carrying anything out: names and notes in them are anybody's words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

# What spreadsheets take for a formula; by the wide signs too, in some languages.
FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
AMOUNT = re.compile(r"-?[0-9]+\.[0-9]{6}")  # of credits, as they are always written


def write_row(cells: Iterable[Any]) -> str:
    """One line, with a quote before each text that would be a formula. Amounts of credits stay numbers."""
    paper = io.StringIO()
    csv.writer(paper).writerow([disarm(cell) for cell in cells])
    return paper.getvalue()


def disarm(cell: Any) -> Any:
    if isinstance(cell, str) and FORMULA.match(cell) and not AMOUNT.fullmatch(cell):
        return f"'{cell}"
    return cell
