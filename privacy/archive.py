"""A person's data as a ZIP that is written while it is read: JSON and CSV for each table, and a page to begin with.

Nothing is kept on the way, in memory or on disk, but the rows of one chunk.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from accounts.spreadsheets import write_row
from privacy.data_map import Row
from privacy.holdings import personal_rows, read_rows

PIECE = 64 * 1024
SHOWN = 20  # rows of a table on the page itself
INDEX = "index.html"
NUMBERS = (int, float, Decimal)

Record = dict[str, Any]


class _Outlet(io.RawIOBase):
    """Where the ZIP writes: what is in it is given on, and forgotten. It cannot be wound back, and says so."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self.waiting = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        self.waiting += len(piece)
        return len(piece)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        self.waiting = 0
        return taken


class _Table:
    """One table on its way out: how many rows there were, and the first of them."""

    def __init__(self, row: Row) -> None:
        self.row, self.count, self.first = row, 0, list[Record]()

    @property
    def name(self) -> str:
        return self.row.table

    @property
    def columns(self) -> list[str]:
        return list(self.first[0]) if self.first else []

    @property
    def lines(self) -> list[list[str]]:
        return [[_as_text(value) for value in record.values()] for record in self.first]

    def note(self, records: Iterator[Record]) -> Iterator[Record]:
        for record in records:
            self.count += 1
            if len(self.first) < SHOWN:
                self.first.append(record)
            yield record


def stream_archive(user: User) -> Iterator[bytes]:
    outlet, tables = _Outlet(), list[_Table]()
    with zipfile.ZipFile(outlet, "w", compression=zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for row in personal_rows():
            table = _Table(row)
            yield from _write(archive, outlet, f"data/{row.table}.json", _as_json(table.note(read_rows(row, user))))
            if table.count:
                yield from _write(archive, outlet, f"data/{row.table}.csv", _as_csv(read_rows(row, user)))
            tables.append(table)
        yield from _write(archive, outlet, "about.json", iter([_about(user, tables)]))
        yield from _write(archive, outlet, INDEX, iter([_index(user, tables)]))
    yield outlet.take()


def _write(archive: zipfile.ZipFile, outlet: _Outlet, name: str, text: Iterator[str]) -> Iterator[bytes]:
    entry = zipfile.ZipInfo(name, date_time=time.gmtime()[:6])
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    with archive.open(entry, "w", force_zip64=True) as file:
        for piece in text:
            file.write(piece.encode())
            if outlet.waiting >= PIECE:
                yield outlet.take()


def _as_json(records: Iterator[Record]) -> Iterator[str]:
    """An array, a row a line."""
    encode: Callable[[Any], str] = DjangoJSONEncoder(ensure_ascii=False).encode
    yield "["
    for number, record in enumerate(records):
        yield f"{',' if number else ''}\n{encode(record)}"
    yield "\n]\n"


def _as_csv(records: Iterator[Record]) -> Iterator[str]:
    """With what begins like a formula disarmed: the JSON beside it has the exact words."""
    for number, record in enumerate(records):
        if not number:
            yield write_row(record)
        yield write_row(value if isinstance(value, NUMBERS) else _as_text(value) for value in record.values())


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _about(user: User, tables: list[_Table]) -> str:
    told = [
        {
            "table": table.name,
            "rows": table.count,
            "holds": str(table.row.holds),
            "purpose": str(table.row.purpose),
            "legal_basis": str(table.row.basis),
            "kept": str(table.row.keep),
            "recipients": list(table.row.recipients),
            "left_out": list(table.row.secret),
        }
        for table in tables
    ]
    made = {"account": user.pk, "made_at": timezone.now(), "tables": told}
    return json.dumps(made, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def _index(user: User, tables: list[_Table]) -> str:
    context = {"user": user, "made_at": timezone.now(), "tables": tables, "shown": SHOWN}
    return render_to_string("privacy/export/index.html", context)
