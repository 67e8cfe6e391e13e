"""The spool: uploaded media on disk, sealed under a key made for it, in memory until its job exists.

A file is a sequence of sealed chunks; number and finality are part of each seal, so chunks can be
neither swapped nor cut off unnoticed. Without its key, kept elsewhere, a file is noise: whatever a
crash leaves behind is unreadable already, and `sweep` removes it.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from accounts.sealing import SealBroken, new_key, seal, unseal
from extraction.errors import MediaError

CHUNK = 256 * 1024
LENGTH = struct.Struct(">I")
SUFFIX = ".sealed"


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file at rest in the spool, and the only copy of its key."""

    spool_id: str
    key: bytes
    size: int
    sha256: str


class SpoolWriter:
    """Seals a stream to disk as it arrives. Blocking: call it off the event loop."""

    def __init__(self, *, limit: int) -> None:
        settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
        self.spool_id, self._key, self._limit = secrets.token_hex(16), new_key(), limit
        self._size, self._chunks, self._rest, self._hash = 0, 0, bytearray(), hashlib.sha256()
        self._file = path_of(self.spool_id).open("xb")

    def write(self, data: bytes) -> None:
        """Raises MediaError (media_too_large) as soon as the limit is passed."""
        self._size += len(data)
        if self._size > self._limit:
            raise MediaError(f"The file is larger than {self._limit} bytes.", code="media_too_large")
        self._hash.update(data)
        self._rest += data
        while len(self._rest) > CHUNK:
            self._write_chunk(bytes(self._rest[:CHUNK]), final=False)
            del self._rest[:CHUNK]

    def finish(self) -> Spooled:
        self._write_chunk(bytes(self._rest), final=True)
        self._file.close()
        return Spooled(self.spool_id, self._key, self._size, self._hash.hexdigest())

    def abandon(self) -> None:
        with contextlib.suppress(OSError):  # where the disk is full, so are its last bytes
            self._file.close()
        remove(self.spool_id)

    def _write_chunk(self, chunk: bytes, *, final: bool) -> None:
        sealed = seal(chunk, self._key, context=_context(self.spool_id, self._chunks, final))
        self._file.write(LENGTH.pack(len(sealed)) + sealed)
        self._chunks += 1


def read(spool_id: str, key: bytes) -> bytes:
    """The media in the clear, in memory only. Raises SealBroken."""
    return b"".join(_chunks(spool_id, key))


def remove(spool_id: str) -> None:
    path_of(spool_id).unlink(missing_ok=True)


def remove_all(files: Iterable[Spooled]) -> None:
    for file in files:
        remove(file.spool_id)


def path_of(spool_id: str) -> Path:
    return settings.SPOOL_DIR / f"{spool_id}{SUFFIX}"


def older_than(seconds: float) -> list[str]:
    """Ids of files untouched for that long."""
    limit = time.time() - seconds
    return [path.stem for path in settings.SPOOL_DIR.glob(f"*{SUFFIX}") if _modified(path) < limit]


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # removed since it was listed: nothing left to sweep
        return float("inf")


def _chunks(spool_id: str, key: bytes) -> Iterator[bytes]:
    try:
        content = path_of(spool_id).read_bytes()
    except FileNotFoundError as error:
        raise SealBroken("The spooled file is gone.") from error
    number, position = 0, 0
    while position < len(content):
        start = position + LENGTH.size
        if start > len(content):
            raise SealBroken("A spooled file was cut short.")
        position = start + LENGTH.unpack(content[position:start])[0]
        final = position >= len(content)
        yield unseal(content[start:position], key, context=_context(spool_id, number, final))
        number += 1
    if not number:
        raise SealBroken("A spooled file is empty.")


def _context(spool_id: str, number: int, final: bool) -> str:
    return f"spool:{spool_id}:{number}:{'last' if final else 'more'}"
