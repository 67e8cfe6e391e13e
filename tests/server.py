"""The whole product as its users meet it: `manage.py serve` in a process tree of its own, on a free port."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psutil
import psycopg
import pytest

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
PASSWORD = "correct horse battery"
GIVE_PASSWORD = """
from accounts.models import User
from allauth.account.models import EmailAddress
from privacy import policies
user = User.objects.get(email="{email}")
user.set_password("{password}")
user.save(update_fields=["password"])
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
policies.accept(user, policies.find_required())
"""

WRITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
"""


class Product:
    """An installation in a folder of its own: database, spool, logs, and the running server."""

    def __init__(self, folder: Path, *, server: str = "uvicorn", **environment: str) -> None:
        self.folder, self.server, self.port = folder, server, free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        own = {"VAR_DIR": str(folder / "var"), "STATIC_ROOT": str(ROOT / "var" / "static-for-tests")}
        if "DATABASE_URL" in os.environ and "DATABASE_URL" not in environment:
            own |= own_database(os.environ["DATABASE_URL"])
        weights = {"LITTLEPULL_WEIGHTS_DIR": str(ROOT / "var" / "weights")}
        self.environment = {**os.environ, **weights, **own, **environment}
        self.options: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def spool(self) -> Path:
        return self.folder / "var" / "spool"

    @property
    def database(self) -> Path:
        return self.folder / "var" / "littlepull.sqlite3"

    @property
    def on_sqlite(self) -> bool:
        return "DATABASE_URL" not in self.environment

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Straight from its database, past all that is ours."""
        if self.on_sqlite:
            with contextlib.closing(sqlite3.connect(self.database)) as connection:
                return connection.execute(question).fetchall()
        with psycopg.connect(self.environment["DATABASE_URL"]) as postgresql:
            return postgresql.execute(question.encode()).fetchall()

    def dump(self) -> str:
        """Every row of every table."""
        if self.on_sqlite:
            with contextlib.closing(sqlite3.connect(self.database)) as connection:
                return "\n".join(connection.iterdump())
        tables = [name for (name,) in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return "\n".join(row for name in tables for (row,) in self.rows(f'SELECT row::text FROM "{name}" AS row'))

    def manage(self, *arguments: str, check: bool = True) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=300)
        if check and done.returncode:
            raise AssertionError(f"{arguments[0]} failed: {done.stderr}")
        return done.stdout.strip()

    def create_key(self, email: str = "alice@example.com", credits: int = 1000, *options: str) -> str:
        return self.manage("createkey", "--email", email, "--credits", str(credits), *options)

    def client(self, key: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.base_url, headers=headers, timeout=90, trust_env=False)

    @contextlib.contextmanager
    def sign_in(self, email: str) -> Iterator[httpx.Client]:
        """A browser of somebody who has a key already and now comes by password."""
        self.manage("shell", "-v", "0", "-c", GIVE_PASSWORD.format(email=email, password=PASSWORD))
        with httpx.Client(base_url=self.base_url, timeout=90, trust_env=False, follow_redirects=True) as browser:
            answer = submit(browser, "/accounts/login/", login=email, password=PASSWORD)
            assert answer.url.path.startswith("/portal"), answer.text
            yield browser

    def start(self, *, ready: bool = True) -> None:
        if not self.on_sqlite or self.database.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.manage("migrate", "--verbosity", "0")
        else:
            self.database.parent.mkdir(parents=True, exist_ok=True)
            self.database.write_bytes(migrated())
        where = ["--port", str(self.port), "--server", self.server]
        command = [sys.executable, "manage.py", "serve", *where, *self.options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        self.wait_for("/readyz" if ready else "/healthz")

    def wait_for(self, path: str, *, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if httpx.get(self.base_url + path, trust_env=False, timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass  # not listening yet
            time.sleep(0.1)
        raise AssertionError(f"{path} did not answer 200 in {seconds} s:\n{self.log.read_text()[-4000:]}")

    def worker(self) -> psutil.Process:
        """The worker's own process, below serve."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # ended while we looked, or not yet buried
                if child.cmdline()[-1:] == ["worker"]:
                    return child
        raise LookupError("The worker is not running.")

    def freeze_worker(self) -> psutil.Process:
        """Suspended between two of its writes: one that sleeps within a write would keep its locks."""
        worker = self.worker()
        for _ in range(50):
            worker.suspend()
            if self._nobody_writes():
                return worker
            worker.resume()
            time.sleep(0.05)
        raise AssertionError("The worker writes without a pause.")

    def _nobody_writes(self) -> bool:
        if not self.on_sqlite:
            return self.rows(WRITING) == [(0,)]
        with contextlib.closing(sqlite3.connect(self.database, timeout=0.2, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            connection.execute("ROLLBACK")
            return True

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        """Whatever is left of the tree, after a test that failed."""
        if self.process is None or self.process.poll() is not None:
            return
        supervisor = psutil.Process(self.process.pid)
        supervisor.suspend()  # or it would begin anew what is killed here
        for one in [*supervisor.children(recursive=True), supervisor]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()


@functools.cache
def migrated() -> bytes:
    """The database of a new installation. Made once in a run: migrating takes longer than most tests that need one."""
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "VAR_DIR": folder}
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        return (Path(folder) / "littlepull.sqlite3").read_bytes()


def submit(browser: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """The page's form, sent with its token."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(path).text)
    assert token, f"no form at {path}"
    return browser.post(path, data={**fields, "csrfmiddlewaretoken": token[1]})


def own_database(beside: str) -> dict[str, str]:
    """Where the run is on PostgreSQL and Redis: a copy of its migrated one, and names of its own in Redis."""
    address, _, template = beside.rpartition("/")
    name = f"product_{secrets.token_hex(6)}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return {"DATABASE_URL": f"{address}/{name}", "REDIS_PREFIX": name}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def static_files() -> None:
    environment = {**os.environ, "STATIC_ROOT": str(ROOT / "var" / "static-for-tests")}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "static-for-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process of this run would write the same files
        subprocess.run(command, cwd=ROOT, env=environment, check=True)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Product]:
    """One server for all tests that only use it; a test that breaks or configures it makes its own."""
    # By this name, and not by its number, tests may have it call servers of theirs.
    product = Product(tmp_path_factory.mktemp("product"), OUTBOUND_TRUSTED_HOSTS="localhost")
    product.start()
    yield product
    product.kill()


@pytest.fixture
def own_product(tmp_path: Path, static_files: None) -> Iterator[type[Product]]:
    """Makes products of a test's own, and ends them with it."""
    made: list[Product] = []

    class OwnProduct(Product):
        def __init__(self, name: str = "own", **environment: str) -> None:
            super().__init__(tmp_path / name, **environment)
            made.append(self)

    yield OwnProduct
    for product in made:
        product.kill()
