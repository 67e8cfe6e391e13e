"""What may be read: a path, bytes, an open file, or an https address that the server fetches itself."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO

Source = str | PathLike[str] | bytes | BinaryIO


@dataclass(frozen=True)
class Upload:
    """A file that can be opened again for each try. Its name stays at home: it would only tell more than needed."""

    open: Callable[[], AbstractContextManager[BinaryIO]]


def find_url(source: Source) -> str | None:
    """A text that begins like an address is one; any other is a path."""
    return source if isinstance(source, str) and source.startswith(("https://", "http://")) else None


def prepare(source: Source) -> Upload:
    """Raises OSError at once for a path that cannot be read."""
    if isinstance(source, bytes | bytearray | memoryview):
        content = bytes(source)
        return Upload(lambda: io.BytesIO(content))
    if isinstance(source, str | PathLike):
        path = Path(source)
        path.open("rb").close()
        return Upload(lambda: path.open("rb"))
    return _prepare_open_file(source)


def _prepare_open_file(file: BinaryIO) -> Upload:
    """It stays open, as it is the caller's. What cannot go back to where it stands is read once, into memory."""
    if not (hasattr(file, "seekable") and file.seekable()) or file.tell():
        return prepare(file.read())
    return Upload(lambda: nullcontext(file))  # httpx goes back to the beginning by itself
