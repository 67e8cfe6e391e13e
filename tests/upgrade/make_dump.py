"""An installation of a released version, used a little, as a dump that later versions are upgraded from.

Run once for each release, in a checkout of it and with its requirements installed:

    python <here>/tests/upgrade/make_dump.py CHECKOUT VERSION [DATABASE_URL of an empty PostgreSQL]

Everything in it is made up, and sealed with the keys of development. `key.txt` is the API key of its one customer.
"""

from __future__ import annotations

import gzip
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import httpx

HERE = Path(__file__).resolve().parent
PORT = 8765
BASE_URL = f"http://127.0.0.1:{PORT}"


def main(checkout: str, version: str, database_url: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "VAR_DIR": folder} | ({"DATABASE_URL": database_url} if database_url else {})
        key = use(Path(checkout), environment)
        target = HERE / version
        target.mkdir(exist_ok=True)
        name = "postgresql" if database_url else "sqlite"
        dump = dump_postgresql(database_url) if database_url else dump_sqlite(Path(folder) / "littlepull.sqlite3")
        (target / f"{name}.sql.gz").write_bytes(gzip.compress(dump.encode(), mtime=0))
        (target / f"{name}.key.txt").write_text(f"{key}\n")


def use(checkout: Path, environment: dict[str, str]) -> str:
    """A customer with credits, a job that succeeded and was read, one that waits to be read, one that failed."""

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=checkout, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    manage("migrate", "--verbosity", "0")
    key = manage("createkey", "--email", "ada@example.com", "--credits", "100", "--name", "First")
    manage("createkey", "--email", "ada@example.com", "--mode", "test")
    manage("createkey", "--email", "bob@example.com", "--credits", "5")
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(PORT)], cwd=checkout, env=environment
    )
    try:
        wait_until_ready()
        extract(key, checkout)
    finally:
        server.terminate()
        server.wait(60)
    return key


def wait_until_ready() -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{BASE_URL}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit("The server did not become ready.")


def extract(key: str, checkout: Path) -> None:
    receipt = (checkout / "samples" / "receipt.jpg").read_bytes()
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=BASE_URL, headers=headers, timeout=120, trust_env=False) as client:

        def post(name: str, content: bytes, **extra: str) -> httpx.Response:
            return client.post(
                "/v1/extractions", files={"file": (name, content)}, data={"schema_name": "receipt"}, headers=extra
            )

        read = post("receipt.jpg", receipt, Prefer="wait=60", **{"Idempotency-Key": "once"})
        assert read.json()["status"] == "succeeded", read.text
        post("receipt.jpg", receipt, Prefer="wait=60")
        torn = post("torn.jpg", receipt[:3000], Prefer="wait=60")
        print("torn:", torn.status_code, torn.text[:200])


def dump_sqlite(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        return "\n".join(connection.iterdump())


def dump_postgresql(url: str) -> str:
    options = ["--inserts", "--no-owner", "--no-privileges", url]
    dumped = subprocess.run(["pg_dump", *options], check=True, capture_output=True, text=True)
    return "".join(line for line in dumped.stdout.splitlines(keepends=True) if not line.startswith("\\"))


if __name__ == "__main__":
    main(*sys.argv[1:])
