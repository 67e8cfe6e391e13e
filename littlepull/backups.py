"""Backups of the database, and putting one back: by the database's own means, beside a server that runs.

What has to be able to end is in none of them: sealed results, the keys of media, and who is signed in. So a result that
was destroyed stays destroyed, whatever is put back.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, connections
from django.utils import timezone

from accounts.models import Session
from extraction.models import Envelope, WorkerBeat

LEFT_OUT = (Envelope._meta.db_table, Session._meta.db_table)
BESIDE_SQLITE = ("-wal", "-shm", "-journal")
ENDINGS = {"sqlite": ".sqlite3", "postgresql": ".dump"}


class BackupFailed(Exception):
    """With what to do about it."""


def back_up(folder: Path) -> Path:
    """A new file in `folder`, readable by its owner alone. Raises BackupFailed, OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    vendor = connection.vendor
    target = folder / f"littlepull-{timezone.now():%Y%m%dT%H%M%S%fZ}{ENDINGS[vendor]}"
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        _MEANS[vendor][0](target)
    except BaseException:
        target.unlink()
        raise
    return target


def put_back(file: Path) -> None:
    """In place of the database that is there. Raises BackupFailed: nothing was changed."""
    vendor = connection.vendor
    if file.suffix != ENDINGS[vendor]:
        raise BackupFailed(f"{file.name} is no backup of a {vendor} database: those end with {ENDINGS[vendor]}.")
    if not file.is_file():
        raise BackupFailed(f"There is no file {file}.")
    if _somebody_works():
        raise BackupFailed("A worker is alive. Stop servers and workers first.")
    _MEANS[vendor][1](file)


def _somebody_works() -> bool:
    tables = connection.introspection.table_names()
    return WorkerBeat._meta.db_table in tables and WorkerBeat.objects.all().alive().exists()


def _copy_sqlite(target: Path) -> None:
    with closing(sqlite3.connect(_sqlite_file())) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("PRAGMA secure_delete=ON")
        for table in LEFT_OUT:
            copy.execute(f'DELETE FROM "{table}"')  # noqa: S608 -- names of our own models
        copy.commit()
        copy.execute("VACUUM")
        _check(copy)


def _replace_sqlite(file: Path) -> None:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as backup:
        _check(backup)
    connections.close_all()
    place = _sqlite_file()
    aside = place.with_name(f"{place.name}.restoring")
    shutil.copyfile(file, aside)
    aside.chmod(0o600)
    for ending in BESIDE_SQLITE:  # of the old one: they would be played back into the new one
        place.with_name(place.name + ending).unlink(missing_ok=True)
    aside.replace(place)


def _sqlite_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _check(database: sqlite3.Connection) -> None:
    try:
        said = database.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BackupFailed("This is not a sound SQLite database.") from error
    if said != "ok":
        raise BackupFailed("This is not a sound SQLite database.")


def _dump_postgresql(target: Path) -> None:
    without = [f"--exclude-table-data={table}" for table in LEFT_OUT]
    _run("pg_dump", "--format=custom", "--no-owner", *without, f"--file={target}")


def _restore_postgresql(file: Path) -> None:
    _run("pg_restore", "--list", f"--file={os.devnull}", str(file))  # or it would be found out halfway
    connections.close_all()
    database = _postgresql()["PGDATABASE"]
    options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", *options, f"--dbname={database}", str(file))


def _run(program: str, *options: str) -> None:
    found = shutil.which(program) or next(map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))), None)
    if found is None:
        raise BackupFailed(f"{program} is not on this machine: install PostgreSQL's client programs.")
    done = subprocess.run([found, *options], env={**os.environ, **_postgresql()}, capture_output=True, check=False)
    if done.returncode:
        # What it says may quote rows.
        raise BackupFailed(f"{program} ended with status {done.returncode}.")


def _postgresql() -> dict[str, str]:
    """For PostgreSQL's programs, out of sight of those who list processes."""
    settings: dict[str, Any] = connection.settings_dict
    told = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGHOST": "HOST", "PGPORT": "PORT"}
    return {name: str(settings[key]) for name, key in told.items() if settings.get(key)}


_MEANS: dict[str, tuple[Callable[[Path], None], Callable[[Path], None]]] = {
    "sqlite": (_copy_sqlite, _replace_sqlite),
    "postgresql": (_dump_postgresql, _restore_postgresql),
}
