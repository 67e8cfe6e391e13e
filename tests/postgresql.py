"""A real PostgreSQL for the tests that need one: the system's own binaries, a new cluster, gone with the run."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

from tests.server import free_port

NOBODY = 65534  # PostgreSQL refuses to run as root


def find_binaries() -> Path | None:
    found = shutil.which("pg_ctl")
    candidates = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        *([Path(found).parent] if found else []),
    ]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


class Cluster:
    """One server on 127.0.0.1, in a folder that is there already and empty."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder, self.binaries, self.port = folder, binaries, free_port()
        self.url = self._address("product")
        self._as: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
        if self._as:
            os.chown(folder, NOBODY, NOBODY)
        self._run("initdb", "-U", "littlepull", "--auth=trust", "--no-sync")

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400"
        self._run("pg_ctl", "-w", "-o", options, "-l", f"{self.folder}/log", "start")

    def stop(self) -> None:
        """At once, as by a crash."""
        self._run("pg_ctl", "-m", "immediate", "stop")

    def create_database(self, name: str = "") -> str:
        """The address of a new one, empty; the name is found for it."""
        name = name or f"of_{secrets.token_hex(6)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._address(name)

    def _address(self, name: str) -> str:
        return f"postgres://littlepull@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), "-D", f"{self.folder}/data", *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, **self._as)


@contextmanager
def running_cluster(binaries: Path) -> Iterator[Cluster]:
    with TemporaryDirectory(prefix="littlepull-pg-") as folder:
        cluster = Cluster(Path(folder), binaries)
        cluster.start()
        try:
            cluster.create_database("product")
            yield cluster
        finally:
            cluster.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A server for all tests of this process: each makes a database of its own there."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL binaries on this machine")
    with running_cluster(binaries) as cluster:
        yield cluster


@pytest.fixture
def postgresql_url(postgresql: Cluster) -> str:
    """The address of an empty database, of this test alone."""
    return postgresql.create_database()
