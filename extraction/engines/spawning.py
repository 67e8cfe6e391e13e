"""Starting a media process: an environment without secrets, and nothing inherited but two pipes."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PREPARE_SECONDS = 120.0
# Of our own environment the child gets these only: no key, no database address, no token.
PASSED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV",
    "LITTLEPULL_WEIGHTS_DIR", "VAR_DIR",
)  # fmt: skip
FOR_FETCHING = ("SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")


@dataclass(frozen=True, slots=True)
class Child:
    process: asyncio.subprocess.Process
    requests: asyncio.StreamWriter
    answers: asyncio.StreamReader

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    async def kill(self) -> None:
        if self.alive:
            self.process.kill()
        await self.process.wait()


async def spawn(role: str, *, threads: int) -> Child:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "extraction.engines.child",
        role,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        env=environment(threads),
        start_new_session=True,  # a Ctrl-C at the terminal is the worker's to answer
    )
    assert process.stdin is not None and process.stdout is not None
    return Child(process, process.stdin, process.stdout)


async def prepare_weights(*names: str) -> None:
    """In a process that has the network and never sees media. Whether it worked shows when they are looked for."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "extraction.engines.weights",
        *names,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        env=environment(2) | {name: os.environ[name] for name in FOR_FETCHING if name in os.environ},
        start_new_session=True,
    )
    try:
        await asyncio.wait_for(process.wait(), PREPARE_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
    except BaseException:
        process.kill()
        raise


def threads() -> int:
    """In a media process: how many its parent allows it."""
    return int(os.environ.get("OMP_NUM_THREADS", "2"))


def environment(threads: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": str(threads),
        "OMP_WAIT_POLICY": "PASSIVE",  # a thread that spins while it waits takes the core from the one it waits for
        "OPENBLAS_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "MALLOC_ARENA_MAX": "2",
    }
