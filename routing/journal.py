"""What a web process must not lose, a line each: credits set aside, generations ended, leases closed.

Append-only, one system call a line, read by the worker (bookkeeping). A killed process loses no line that was
written; its lock falls, and tells the reader that no more will come. Metadata only: what the tables hold.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

SUFFIX = ".journal"
LARGEST = 32 * 1024 * 1024  # then the next lease begins another file


def folder() -> Path:
    return Path(settings.JOURNAL_DIR)


class Journal:
    """A file of this process, locked while it may still grow."""

    def __init__(self) -> None:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(6)}{SUFFIX}"
        self.path = folder() / name
        # Locked before anybody can see it under its name: an unlocked journal is a dead one.
        hidden = self.path.with_suffix(".new")
        self._file = os.open(hidden, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        hidden.rename(self.path)
        self.size = 0
        self.leases = 0  # open ones that are noted here

    def note(self, entry: Mapping[str, Any]) -> None:
        """Raises OSError when the disk is full: what cannot be noted must not be done."""
        line = orjson.dumps(entry) + b"\n"
        if os.write(self._file, line) != len(line):
            raise OSError("The journal could not take a whole line.")
        self.size += len(line)

    def close(self) -> None:
        os.close(self._file)


_current: Journal | None = None


def current() -> Journal:
    """The journal for what begins now. A full one lives on for the leases it knows, and is closed with the last."""
    global _current
    if _current is None or _current.size > LARGEST:
        if _current is not None and not _current.leases:
            _current.close()
        _current = Journal()
    return _current


def release(journal: Journal) -> None:
    """A lease of it has been closed."""
    journal.leases -= 1
    if journal is not _current and not journal.leases:
        journal.close()


def is_dead(path: Path) -> bool:
    """No process has it open for writing any more."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
