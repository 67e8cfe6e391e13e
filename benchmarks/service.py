"""A server of one's own, asked over HTTP as a customer would ask it."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from littlepull.local_server import manage, running_server  # noqa: E402

POLL_SECONDS = 0.05
SAMPLES = ROOT / "samples"


@dataclass(frozen=True, slots=True)
class Service:
    client: httpx.Client

    def submit(self, name: str, media: bytes, schema: dict[str, Any], wait: int = 0) -> dict[str, Any]:
        answer = self.client.post(
            "/v1/extractions",
            data={"schema": json.dumps(schema)},
            files={"file": (name, media)},
            headers={"Prefer": f"wait={wait}"} if wait else {},
        )
        answer.raise_for_status()
        return answer.json()

    def extract(self, name: str, media: bytes, schema: dict[str, Any]) -> dict[str, Any]:
        return self.follow(self.submit(name, media, schema, wait=60))

    def follow(self, extraction: dict[str, Any]) -> dict[str, Any]:
        """Until it has ended. Raises where it did not succeed: there would be nothing to measure."""
        while extraction["status"] in ("queued", "running"):
            time.sleep(POLL_SECONDS)
            extraction = self.client.get(f"/v1/extractions/{extraction['id']}").raise_for_status().json()
        if extraction["status"] != "succeeded":
            raise RuntimeError(f"an extraction {extraction['status']}: {extraction.get('error')}")
        return extraction


@contextmanager
def service(**settings: str) -> Iterator[Service]:
    """With a database of its own and these settings; its models are loaded."""
    with tempfile.TemporaryDirectory(prefix="littlepull-bench-") as folder:
        weights = os.environ.get("LITTLEPULL_WEIGHTS_DIR", str(ROOT / "var" / "weights"))
        environment = {**os.environ, "VAR_DIR": folder, "LITTLEPULL_WEIGHTS_DIR": weights, "LOG_LEVEL": "ERROR"}
        environment |= settings
        manage("migrate", "--verbosity", "0", environment=environment)
        key = manage("createkey", "--email", "bench@example.com", "--credits", "100000", environment=environment)
        headers = {"Authorization": f"Bearer {key}"}
        with (
            running_server(environment) as url,
            httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False) as client,
        ):
            yield Service(client)


def worker_tree() -> list[psutil.Process]:
    """The worker that this process's server started, and its media processes."""
    ours = psutil.Process().children(recursive=True)
    workers = [process for process in ours if process.cmdline()[-2:] == ["manage.py", "worker"]]
    return [*workers, *(child for worker in workers for child in worker.children(recursive=True))]


def resident_mib(processes: list[psutil.Process]) -> float:
    return sum(process.memory_info().rss for process in processes) / 2**20


def sample(name: str) -> tuple[str, bytes, dict[str, Any]]:
    """A file of ours and its schema."""
    (path,) = SAMPLES.glob(f"{name}.[jpm][pd4]*[gfa]")
    return path.name, path.read_bytes(), json.loads((SAMPLES / f"{name}.schema.json").read_text())
