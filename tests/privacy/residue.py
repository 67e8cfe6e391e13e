"""Looks for somebody's words wherever an installation keeps bytes, in every form in which they may lie there."""

from __future__ import annotations

import base64
import contextlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote


def forms(word: str) -> dict[str, list[bytes]]:
    """The word as it may have been written; all but base64 are looked for without regard to case."""
    cases = dict.fromkeys((word, word.lower(), word.upper(), word.title()))
    every_byte = "".join(f"%{byte:02x}" for byte in word.lower().encode())
    return {
        "plain": [word.lower().encode()],
        "hex": [one.encode().hex().encode() for one in cases],
        "percent": [every_byte.encode(), quote(word.lower(), safe="").lower().encode()],
        "wide": [word.lower().encode("utf-16-le")],
        "base64": [core for one in cases for core in _base64_cores(one.encode())],
    }


def _base64_cores(word: bytes) -> Iterator[bytes]:
    """What is the same whatever stands before and behind it, at each of the three places where it may begin."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + word).rstrip(b"=")
        uncertain = -(-before * 8 // 6)  # letters that hold bits of what is before
        whole = (before + len(word)) * 8 // 6  # letters all of whose bits are known
        yield encoded[uncertain:whole]
        yield encoded[uncertain:whole].translate(bytes.maketrans(b"+/", b"-_"))


def find_in(content: bytes, words: Iterable[str]) -> list[str]:
    low = content.lower()
    return [
        f"{word} ({form})"
        for word in words
        for form, patterns in forms(word).items()
        if any(pattern in (content if form == "base64" else low) for pattern in patterns)
    ]


def find_in_files(places: Iterable[Path], words: Iterable[str]) -> list[str]:
    """In the bytes of each file, and in its name: a database's free pages and its write-ahead log are bytes too."""
    words = list(words)
    found = []
    for place in places:
        files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
        for path in files:
            content = path.name.encode() + b"\n" + path.read_bytes()
            found += [f"{path.name}: {one}" for one in find_in(content, words)]
    return found


def find_in_sqlite(database: Path, words: Iterable[str]) -> list[str]:
    """Every column of every table, whoever made it."""
    words = list(words)
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [one for table in tables for one in _find_in_table(connection, table, words)]


def _find_in_table(connection: sqlite3.Connection, table: str, words: list[str]) -> list[str]:
    rows = connection.execute(f'SELECT * FROM "{table}"')
    columns = [column[0] for column in rows.description]
    values: dict[str, list[bytes]] = {column: [] for column in columns}
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            values[column].append(value if isinstance(value, bytes) else str(value).encode())
    return [f"{table}.{column}: {one}" for column in columns for one in find_in(b"\n".join(values[column]), words)]


def find_in_dump(dump: bytes, words: Iterable[str]) -> list[str]:
    """Of PostgreSQL, in text: by table. Binary columns are hex there."""
    words = list(words)
    parts = re.split(rb"^COPY public\.(\S+) .*$", dump, flags=re.MULTILINE)
    tables = zip(["the dump's head", *(name.decode() for name in parts[1::2])], parts[::2], strict=True)
    return [f"{table}: {one}" for table, content in tables for one in find_in(content, words)]
