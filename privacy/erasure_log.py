"""Which erasures were finished, in a file beside the database: a restored backup has forgotten them, the file has not.

One JSON line each, chained to the line before and signed, so that a line that was forged, changed, taken out or cut
short is noticed. Of the person it holds our own id of the account and a keyed reference; nothing names anybody.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.signing import NotGenuine, public_keys, read_statement, sign_statement
from privacy.errors import ErasureLogBroken
from privacy.models import ErasureRun

STATEMENT = "littlepull.erasure-log/1"
BEGINNING = "0" * 64  # what the first line is chained to
TAIL = 64 * 1024  # many times the longest line


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `previous`: the SHA-256 of the line before, as it stands in the file."""

    number: int
    erasure: str
    user: str
    subject: str
    at: str
    preview_sha256: str
    previous: str
    type: str = STATEMENT


def place() -> Path:
    return Path(settings.ERASURE_LOG)


def record(run: ErasureRun) -> None:
    """On disk when this returns. Raises OSError: an erasure that cannot be noted must not be called done."""
    place().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(place(), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        last = _last_line(file)
        _append(file, _next_line(run, last))
        _sync_folder()
    finally:
        os.close(file)


def read_entries(log: Path, *, first: int = 1) -> Iterator[Entry]:
    """From line `first` on, of which the link to the line before is not asked about. Raises ErasureLogBroken, OSError.

    Line by line: those before a broken one are sound.
    """
    previous = BEGINNING if first == 1 else None
    with log.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if number >= first:
                yield _read(line, number, previous)
                previous = _digest(line)


def _read(line: bytes, number: int, previous: str | None) -> Entry:
    if not line.endswith(b"\n"):
        raise ErasureLogBroken(number, "it is cut short")
    try:
        told: dict[str, Any] = json.loads(line)
        signed = read_statement(told.pop("signature"), public_keys())
        entry = Entry(**told)
    except (NotGenuine, ValueError, KeyError, TypeError, AttributeError):
        raise ErasureLogBroken(number, "it is not as it was signed, or was not signed by this installation") from None
    if signed != told or entry.type != STATEMENT:
        raise ErasureLogBroken(number, "it does not say what was signed")
    if entry.number != number or previous not in (None, entry.previous):
        raise ErasureLogBroken(number, "it does not follow the line before: a line was taken out, put in, or changed")
    return entry


def _next_line(run: ErasureRun, last: bytes) -> bytes:
    entry = Entry(
        number=json.loads(last)["number"] + 1 if last else 1,
        erasure=run.pk,
        user=run.user_id or "",
        subject=run.subject,
        at=timezone.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        preview_sha256=run.digest,
        previous=_digest(last) if last else BEGINNING,
    )
    told = asdict(entry)
    return json.dumps(told | {"signature": sign_statement(told)}).encode() + b"\n"


def _last_line(file: int) -> bytes:
    """What a crash left half written was never said to be done, and is taken off: it would break every later line."""
    size = os.fstat(file).st_size
    start = max(0, size - TAIL)
    whole, newline, torn = os.pread(file, size - start, start).rpartition(b"\n")
    if torn:
        os.ftruncate(file, size - len(torn))
    return whole.rpartition(b"\n")[2] + newline


def _append(file: int, line: bytes) -> None:
    if os.write(file, line) != len(line):
        raise OSError("The log of erasures could not take a whole line.")
    os.fsync(file)


def _sync_folder() -> None:
    """Or a new file may be gone after a power cut, whatever was synced into it."""
    folder = os.open(place().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
