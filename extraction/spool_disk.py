"""Where sealed files lie by default: a folder of this machine, or one that several machines mount."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

SUFFIX = ".sealed"


class DiskFile:
    """One that is being written; until `close` it may be discarded."""

    def __init__(self, spool_id: str) -> None:
        settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
        self._path = path_of(spool_id)
        self._file = self._path.open("xb")
        self.write = self._file.write
        self.close = self._file.close

    def discard(self) -> None:
        with contextlib.suppress(OSError):  # where the disk is full, so are its last bytes
            self._file.close()
        self._path.unlink(missing_ok=True)


create = DiskFile


def path_of(spool_id: str) -> Path:
    return settings.SPOOL_DIR / f"{spool_id}{SUFFIX}"


def read(spool_id: str) -> bytes:
    """Raises FileNotFoundError."""
    return path_of(spool_id).read_bytes()


def remove(spool_id: str, *, unfinished: bool = False) -> None:
    """A file whose upload broke off is a file like any other here."""
    path_of(spool_id).unlink(missing_ok=True)


def ages() -> Iterator[tuple[str, float]]:
    """Each file's id, and when it was last touched."""
    for path in settings.SPOOL_DIR.glob(f"*{SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):  # removed since it was listed
            yield path.stem, path.stat().st_mtime


def beginnings(count: int) -> Iterator[bytes]:
    """The first bytes of everything that lies there."""
    for path in _everything():
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            yield file.read(count)


def count_strangers() -> int:
    """What is there and is no sealed file."""
    return sum(path.suffix != SUFFIX for path in _everything())


def keeps_what_is_removed() -> bool:
    return False


def check() -> None:
    """Raises OSError where nothing can be written."""
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.SPOOL_DIR):
        pass


def _everything() -> list[Path]:
    return [path for path in settings.SPOOL_DIR.rglob("*") if path.is_file()]
