"""The search itself: it must find one word left over in any kind of place, in any form, or it proves nothing."""

from __future__ import annotations

import base64
import contextlib
import sqlite3
from urllib.parse import quote

import pytest

from tests.privacy.residue import find_in, find_in_dump, find_in_files, find_in_sqlite

WORD = "zebulon-1a2b@example.com"
PAGES = "x" * 20_000


@pytest.mark.parametrize(
    "written",
    [
        WORD.encode(),
        WORD.upper().encode(),
        WORD.title().encode(),
        WORD.encode().hex().encode(),
        WORD.upper().encode().hex().upper().encode(),
        quote(WORD).encode(),
        quote(WORD.upper(), safe="").encode(),
        "".join(f"%{byte:02X}" for byte in WORD.encode()).encode(),
        WORD.encode("utf-16-le"),
        *(base64.b64encode(before + WORD.encode() + b" more") for before in (b"", b"a", b"ab", b"abc")),
        base64.urlsafe_b64encode(b"?" + WORD.upper().encode()),
        base64.b64encode(f'{{"email": "{WORD}"}}'.encode()),
    ],
)
def test_a_word_is_found_however_it_is_written(written):
    assert find_in(b"\0before " + written + b" behind\xff", [WORD])


def test_what_is_not_there_is_not_found():
    others = b"yolanda-1a2b@example.com" + base64.b64encode(b"yolanda-1a2b@example.com")
    assert not find_in(others, [WORD, "zebulon", "Zebulon Quux"])


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "var" / "littlepull.sqlite3"
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, sealed BLOB)")
        connection.execute("INSERT INTO people VALUES (1, 'Yolanda', x'00')")
        yield path, connection


@pytest.mark.parametrize(("column", "value"), [("name", f"by {WORD}"), ("sealed", b"\0" + WORD.encode())])
def test_it_is_found_in_a_column(database, column, value):
    path, connection = database
    assert not find_in_sqlite(path, [WORD])
    connection.execute(f"UPDATE people SET {column} = ?", [value])
    assert find_in_sqlite(path, [WORD]) == [f"people.{column}: {WORD} (plain)"]


def test_it_is_found_in_pages_that_a_database_has_freed(database):
    path, connection = database
    connection.execute("INSERT INTO people VALUES (2, ?, x'00')", [WORD + PAGES])
    connection.execute("DELETE FROM people WHERE id = 2")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not find_in_sqlite(path, [WORD])
    assert find_in_files([path], [WORD]) == [f"{path.name}: {WORD} (plain)"]


def test_it_is_found_in_the_write_ahead_log(database):
    path, connection = database
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("INSERT INTO people VALUES (2, ?, x'00')", [WORD])
    connection.execute("DELETE FROM people WHERE id = 2")
    assert find_in_files([path.parent], [WORD]) == [f"{path.name}-wal: {WORD} (plain)"]


@pytest.mark.parametrize("place", ["spool/1.sealed", "journal/host-1.journal", "erasures.log", "server.log"])
def test_it_is_found_in_a_file(tmp_path, place):
    file = tmp_path / place
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"line\n")
    assert not find_in_files([tmp_path], [WORD])
    file.write_bytes(b"line\n" + base64.b64encode(WORD.encode()))
    assert find_in_files([tmp_path], [WORD]) == [f"{file.name}: {WORD} (base64)"]


def test_it_is_found_in_a_file_s_name(tmp_path):
    (tmp_path / f"mail to {WORD}").touch()
    assert find_in_files([tmp_path], [WORD])


def test_it_is_found_in_a_dump():
    head = b"SET x;\nCOPY public.people (id, name) FROM stdin;\n1\t"
    assert not find_in_dump(head + b"Yolanda\n\\.\n", [WORD])
    assert find_in_dump(head + WORD.encode() + b"\n\\.\n", [WORD]) == [f"people: {WORD} (plain)"]
    assert find_in_dump(head + b"\\\\x" + WORD.encode().hex().encode() + b"\n", [WORD]) == [f"people: {WORD} (hex)"]
