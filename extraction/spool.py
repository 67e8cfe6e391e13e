"""The spool: uploaded media at rest, sealed under a key made for it, in memory until its job exists.

A file is a sequence of sealed chunks; number and finality are part of each seal, so chunks can be
neither swapped nor cut off unnoticed. Without its key, kept elsewhere, a file is noise: whatever a
crash leaves behind is unreadable already, and the sweep removes it. It lies in SPOOL_DIR, or in the bucket
that SPOOL_URL names; where that does not answer, these functions raise Unavailable.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import secrets
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.sealing import SealBroken, new_key, seal, unseal
from extraction import spool_disk
from extraction.errors import MediaError, Unavailable
from extraction.spool_disk import SUFFIX, path_of

__all__ = ["CHUNK", "SUFFIX", "SpoolWriter", "Spooled", "older_than", "path_of", "read", "remove", "remove_all"]

log = logging.getLogger(__name__)
CHUNK = 256 * 1024
LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file at rest in the spool, and the only copy of its key."""

    spool_id: str
    key: bytes
    size: int
    sha256: str


class SpoolWriter:
    """Seals a stream as it arrives. Blocking: call it off the event loop."""

    def __init__(self, *, limit: int) -> None:
        self.spool_id, self._key, self._limit = secrets.token_hex(16), new_key(), limit
        self._size, self._chunks, self._rest, self._hash = 0, 0, bytearray(), hashlib.sha256()
        self._file = _place().create(self.spool_id)

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
        self._file.discard()

    def _write_chunk(self, chunk: bytes, *, final: bool) -> None:
        sealed = seal(chunk, self._key, context=_context(self.spool_id, self._chunks, final))
        self._file.write(LENGTH.pack(len(sealed)) + sealed)
        self._chunks += 1


def read(spool_id: str, key: bytes) -> bytes:
    """The media in the clear, in memory only. Raises SealBroken."""
    return b"".join(_chunks(spool_id, key))


def remove(spool_id: str, *, unfinished: bool = False) -> None:
    """`unfinished`: also what an upload has left that was broken off by a crash."""
    _place().remove(spool_id, unfinished=unfinished)


def remove_all(files: Iterable[Spooled]) -> None:
    """Of uploads that no job took over: without a key already, so what cannot be removed now is left to the sweep."""
    for file in files:
        try:
            remove(file.spool_id)
        except Unavailable:
            log.warning("a refused upload is left to the sweep")


def older_than(seconds: float) -> list[str]:
    """Ids of files untouched for that long."""
    limit = time.time() - seconds
    return [spool_id for spool_id, touched_at in _place().ages() if touched_at < limit]


def beginnings(count: int) -> list[bytes]:
    """The first bytes of each file that lies there, whatever it is."""
    return list(_place().beginnings(count))


def count_strangers() -> int:
    """What lies there and is no sealed file."""
    return _place().count_strangers()


def keeps_what_is_removed() -> bool:
    """A bucket that keeps versions."""
    return _place().keeps_what_is_removed()


def check() -> None:
    """Raises OSError or Unavailable where nothing could be put."""
    _place().check()


def _place() -> Any:
    """Where the bytes lie. The bucket's library is large: it is imported only where there is a bucket."""
    return importlib.import_module("extraction.spool_bucket") if settings.SPOOL_URL else spool_disk


def _chunks(spool_id: str, key: bytes) -> Iterator[bytes]:
    try:
        content = _place().read(spool_id)
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
