"""The checkpoints of the audit log in a file beside the database: a restored or rolled back database is noticed by it.

One compact JWS a line. A line of the kind `restored` says that a backup was put back: what earlier lines vouch for
beyond its number is given up.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.audit_chain import BEGINNING, write_moment
from accounts.models import AuditCheckpoint, AuditEntry
from accounts.signing import NotGenuine, public_keys, read_statement, sign_statement

CHECKPOINT = "littlepull.audit/1"
RESTORED = "littlepull.audit-restored/1"
TAIL = 64 * 1024  # many times the longest line


@dataclass(frozen=True, slots=True)
class Voucher:
    """That the log had come to entry `number`, which had this digest. None: the signature is not ours."""

    number: int
    digest: str | None
    source: str
    kind: str = CHECKPOINT


def place() -> Path:
    return Path(settings.AUDIT_LOG)


def catch_up() -> None:
    """Every checkpoint that the file lacks, oldest first: so one that could not be written comes with the next."""
    with _held_open() as file:
        last = _last_number(file)
        for jws in AuditCheckpoint.objects.filter(number__gt=last).order_by("number").values_list("jws", flat=True):
            _append(file, jws)
        os.fsync(file)


def give_up_lost() -> tuple[int, int]:
    """The last number that the file vouched for, and the last one that still holds, from which the log goes on."""
    live = list(read_live(public_keys())) if place().exists() else []
    last = max((one.number for one in live), default=0)
    held = next((one for one in reversed(live) if one.digest and one.digest == find_digest(one.number)), None)
    kept, digest = (held.number, held.digest) if held else (0, BEGINNING)
    if kept < last:
        told = {"type": RESTORED, "number": kept, "digest": digest, "at": write_moment(timezone.now())}
        with _held_open() as file:
            _append(file, sign_statement(told))
            os.fsync(file)
    return last, kept


def find_digest(number: int) -> str | None:
    return AuditEntry.objects.filter(number=number).values_list("digest", flat=True).first()


def read_live(keys: dict[str, Any]) -> Iterator[Voucher]:
    """In the order of their numbers, without those given up. Raises OSError."""
    restores = [(line, one.number) for line, one in _read(keys) if one.kind == RESTORED]
    for line, one in _read(keys):
        if not any(later > line and one.number > kept for later, kept in restores):
            yield one


def read_voucher(jws: str, keys: dict[str, Any], source: str, number: int) -> Voucher:
    """`number`: what it is said to be about, or where it stands if that cannot be believed."""
    try:
        told = read_statement(jws, keys)
        return Voucher(int(told["number"]), str(told["digest"]), source, str(told["type"]))
    except (NotGenuine, KeyError, TypeError, ValueError):
        return Voucher(number, None, source)


def _read(keys: dict[str, Any]) -> Iterator[tuple[int, Voucher]]:
    number = 0
    with place().open() as file:
        for line, jws in enumerate(file, start=1):
            one = read_voucher(jws.strip(), keys, f"line {line} of the file", number)
            number = one.number
            yield line, one


@contextmanager
def _held_open() -> Iterator[int]:
    place().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(place(), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _last_number(file: int) -> int:
    """What a crash left half written is taken off: its checkpoint is in the database, and is written again."""
    size = os.fstat(file).st_size
    start = max(0, size - TAIL)
    whole, newline, torn = os.pread(file, size - start, start).rpartition(b"\n")
    if torn:
        os.ftruncate(file, size - len(torn))
    last = whole.rpartition(b"\n")[2] + newline
    return read_voucher(last.decode().strip(), public_keys(), "", 0).number if last else 0


def _append(file: int, jws: str) -> None:
    line = f"{jws}\n".encode()
    if os.write(file, line) != len(line):
        raise OSError("The file of checkpoints could not take a whole line.")
