"""The goods of a paper as entries: of the table that answers best, or of a till slip."""

from __future__ import annotations

from extraction.mapping.counted import part_counts
from extraction.mapping.reading import Reading
from extraction.mapping.table_header import NUMERIC, Header, find_headers
from extraction.mapping.table_rows import Entry, read_entries
from extraction.mapping.till_rows import read_till

USUAL_COLUMNS = frozenset({"description", "quantity", "unit_price", "line_total"})
Found = list[tuple[Entry, Header | None]]


def find_entries(reading: Reading, keys: set[str], *, till: bool = True) -> Found:
    """Entries with counts printed before the names ("2 x Croissant") set apart."""
    found = _entries(reading, keys, till)
    part_counts(reading, [entry for entry, _ in found])
    return found


def _entries(reading: Reading, keys: set[str], till: bool) -> Found:
    """Entries of the table that answers most of the wanted columns, continued over pages; or of a till slip."""
    own = frozenset(key for key in keys if key.startswith("own:"))
    headers = find_headers(reading, own)
    found: Found = []
    best: set[str] = set()
    for index, header in enumerate(headers):
        named = {column.concept for column in header.columns if column.concept} & keys
        stop = headers[index + 1].first if index + 1 < len(headers) else len(reading.sheet.rows)
        entries = read_entries(reading, header, stop)
        if not entries or len(named) < 2 or (found and named != best and not len(named) > len(best)):
            continue
        if named != best:
            found, best = [], named
        found += [(entry, header) for entry in entries]
    if found or not till or not keys & set(NUMERIC) or not keys & {"description", "line_total"}:
        return found
    return [(entry, None) for entry in read_till(reading)]
