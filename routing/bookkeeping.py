"""From the journals into the books: generations in bulk, use of keys, leases settled with what they cost.

The worker does this all the time. One transaction enters a piece of one journal and notes how far it came, so that
a crash at any point enters nothing twice and loses nothing. A journal whose process died is entered to its
end, its leases are settled for what it says, and it is removed.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Model, Sum

from accounts.models import ApiKey
from accounts.off_loop import off_loop
from billing import ledger
from billing.models import Hold
from routing import journal
from routing.models import Attempt, Generation, JournalMark, KeyUsage, Weighed
from routing.windows import KEPT_WINDOWS, begin_of
from routing.words import Window

log = logging.getLogger(__name__)
PIECE = 4 * 1024 * 1024  # bytes of a journal in one transaction
LOOK_EVERY = 0.05  # seconds while there is something to enter
REST = 0.25

Entry = dict[str, Any]


async def keep_books_forever() -> None:
    while True:
        try:
            entered = await off_loop(keep_books)
        except (DatabaseError, OSError) as error:
            log.warning("the journals could not be entered, trying again: %s", type(error).__name__)
            entered = 0
        await asyncio.sleep(LOOK_EVERY if entered else REST)


def keep_books() -> int:
    """One piece of each journal of this machine; how many lines that were."""
    folder = journal.folder()
    return sum(map(_enter_journal, sorted(folder.glob(f"*{journal.SUFFIX}")))) if folder.exists() else 0


def _enter_journal(path: Path) -> int:
    with _reading(path) as mine:
        if not mine:
            return 0
        dead = journal.is_dead(path)  # asked before reading: what is read then is all there will be
        mark, _ = JournalMark.objects.get_or_create(name=path.name)
        lines, end = _read_piece(path, mark.offset)
        if lines:
            with transaction.atomic():
                _enter(lines)
                JournalMark.objects.filter(name=path.name).update(offset=end)
        elif dead:
            _bury(path)
        return len(lines)


@contextmanager
def _reading(path: Path) -> Iterator[bool]:
    """One reader at a time, whatever the number of workers."""
    with path.with_suffix(".reader").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield path.exists()  # another reader may have buried it


def _read_piece(path: Path, offset: int) -> tuple[list[Entry], int]:
    """Whole lines from there, and where they end. What a crash cut short is no line, and nobody was told of it."""
    with path.open("rb") as file:
        file.seek(offset)
        piece = file.read(PIECE)
    whole = piece[: piece.rfind(b"\n") + 1]
    return [orjson.loads(line) for line in whole.splitlines()], offset + len(whole)


def _enter(lines: Iterable[Entry]) -> None:
    ended = _of_known_keys([line for line in lines if line["t"] == "generation"])
    holds = _holds(line["lease"] for line in ended)
    _insert(Generation, [{**_dated(line["row"]), "hold_id": holds.get(line["lease"])} for line in ended])
    _insert(Attempt, [{"generation_id": line["row"]["id"], **row} for line in ended for row in line["attempts"]])
    _insert(Weighed, [{"generation_id": line["row"]["id"], **row} for line in ended for row in line["weighed"]])
    _count_use(ended)
    settle_leases(line["lease"] for line in lines if line["t"] == "closed")


def _of_known_keys(ended: Sequence[Entry]) -> Sequence[Entry]:
    """A key may be gone: its owner was erased, or it is younger than the backup that was restored. Its lines are of
    nobody, and must not keep all others from the books."""
    named = {line["row"]["api_key_id"] for line in ended}
    known = set(ApiKey.objects.filter(pk__in=named).values_list("pk", flat=True))
    return ended if known == named else [line for line in ended if line["row"]["api_key_id"] in known]


def _insert(table: type[Model], rows: Sequence[Entry]) -> None:
    """Without an object for each row, which takes ten times as long: the gateway is as fast as its books are kept."""
    if rows:
        columns = {**_defaults(table), **dict.fromkeys(rows[0])}
        names, places = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
        sql = f'INSERT INTO "{table._meta.db_table}" ({names}) VALUES ({places}) ON CONFLICT DO NOTHING'  # noqa: S608
        defaults = _defaults(table)
        values = [[row.get(name, defaults.get(name)) for name in columns] for row in rows]
        with connection.cursor() as cursor:
            cursor.executemany(sql, values)


def _defaults(table: type[Model]) -> Entry:
    """Of the columns that a line need not name."""
    fields = (field for field in table._meta.concrete_fields if not field.primary_key)
    return {
        str(field.column): field.get_default() for field in fields if field.has_default() or field.null or field.blank
    }


def _holds(leases: Iterable[str | None]) -> dict[str | None, str]:
    named = {lease for lease in leases if lease}
    return dict(Hold.objects.filter(key__in=named).values_list("key", "pk")) if named else {}


def _dated(row: Entry) -> Entry:
    moment = datetime.fromisoformat(row["created_at"])
    return {**row, "created_at": connection.ops.adapt_datetimefield_value(moment)}


def _count_use(ended: Iterable[Entry]) -> None:
    """Sorted, so that two bookkeepers lock rows in one order."""
    sums: dict[tuple[str, str, datetime], list[int]] = {}
    for line in ended:
        row = line["row"]
        tokens = row["input_tokens"] + row["output_tokens"]
        for window in KEPT_WINDOWS:
            key = (row["api_key_id"], window.value, begin_of(window, datetime.fromisoformat(row["created_at"])))
            total = sums.setdefault(key, [0, 0, 0])
            for place, amount in enumerate((1, tokens, row["cost"] or 0)):
                total[place] += amount
    for (api_key_id, name, starts_at), (requests, tokens, cost) in sorted(sums.items()):
        usage, _ = KeyUsage.objects.get_or_create(api_key_id=api_key_id, window=Window(name), starts_at=starts_at)
        KeyUsage.objects.filter(pk=usage.pk).update(
            requests=F("requests") + requests, tokens=F("tokens") + tokens, cost=F("cost") + cost
        )


def settle_leases(leases: Iterable[str]) -> None:
    """With what their generations cost; the rest goes back. Wallets are locked in one order."""
    holds = Hold.objects.filter(key__in=list(leases), status=Hold.Status.OPEN).order_by("wallet_id")
    for hold in holds:
        spent = Generation.objects.filter(hold=hold).aggregate(total=Sum("cost"))["total"] or 0
        ledger.settle_hold(hold, credits=spent)


def _bury(path: Path) -> None:
    """All of it is entered, and its process is dead: what it had set aside and not used goes back."""
    opened: set[str] = set()
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n") and (entry := orjson.loads(line))["t"] == "lease":
                opened.add(entry["lease"])
    with transaction.atomic():
        settle_leases(opened)
        JournalMark.objects.filter(name=path.name).delete()
    path.unlink()
    path.with_suffix(".reader").unlink(missing_ok=True)
