"""A result for reading: every leaf with its value, its confidence and its place."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

from littlepull_client.cli.words import clean, in_credits
from littlepull_client.extraction import Extraction, Field

HEAD = ("field", "value", "sure", "where")
WIDEST = 60


def as_table(extraction: Extraction) -> str:
    rows = [HEAD, *(_row(field) for field in extraction.fields)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*lines, "", f"{extraction.id}  {in_credits(extraction.cost.charged)}"])


def _row(field: Field) -> Sequence[str]:
    sure = f"{field.confidence:.0%}" if field.value is not None else ""
    remark = _place(field) + ("" if field.grounded or field.value is None else " (not found in the text)")
    return clean(field.pointer), _value(field), sure, remark.strip()


def _value(field: Field) -> str:
    if field.value is None:
        return f"({(field.reason or 'none').replace('_', ' ')})"
    text = clean(_plain(field.value))
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _place(field: Field) -> str:
    if not field.citations:
        return ""
    first = field.citations[0]
    if first.page is not None:
        return f"page {first.page}"
    return f"{first.start:.1f}-{first.end:.1f} s" if first.start is not None and first.end is not None else ""


def _width(text: str) -> int:
    """In columns: what is wide in East Asian scripts takes two, what combines takes none."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
