"""Broken and malicious files: each is refused with a code or read within bounds, and reaches nothing outside."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import psutil
import pytest

from extraction.engines.process import EngineProcess
from extraction.errors import EngineError, MediaError
from extraction.media.facts import RecognizeRequest
from tests.extraction.tiny_media import SAMPLES

HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "hostile"
RESIDENT = 1.5 * 1024**3

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not HOSTILE.is_dir(), reason="the set of hostile files is not on this machine"),
]


def hostile_files():
    manifest = HOSTILE / "manifest.jsonl"
    return [json.loads(line) for line in manifest.read_text().splitlines()] if manifest.exists() else []


class Watched:
    """Two processes of ours, and the most memory either had at once."""

    def __init__(self) -> None:
        self.processes = EngineProcess("probe", threads=1), EngineProcess("engine", preload=["rapidocr"])
        self.peak = 0

    async def read(self, media: bytes) -> str:
        """What became of it: a code, or "read"."""
        watching = asyncio.create_task(self._watch())
        probe, engine = self.processes
        try:
            facts = await probe.probe(media)
            await engine.recognize(media, RecognizeRequest(facts.media_type), _say_nothing)
        except (MediaError, EngineError) as error:
            return error.code
        finally:
            watching.cancel()
        return "read"

    async def _watch(self) -> None:
        while True:
            self.peak = max(self.peak, *(_resident(process.pid) for process in self.processes))
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        for process in self.processes:
            await process.close()


def _resident(pid: int | None) -> int:
    try:
        return psutil.Process(pid).memory_info().rss if pid else 0
    except psutil.NoSuchProcess:
        return 0


async def _say_nothing(stage: str, done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def watched():
    with asyncio.Runner() as runner:
        watched = Watched()
        runner.run(watched.processes[1].start())
        watched.run = runner.run
        yield watched
        runner.run(watched.close())


@pytest.mark.timeout(60)
@pytest.mark.parametrize("row", hostile_files(), ids=lambda row: row["id"])
def test_it_survives(watched, bait, row):
    watched.peak = 0
    outcome = watched.run(watched.read((HOSTILE / row["file"]).read_bytes()))
    assert watched.peak < RESIDENT
    assert not bait
    if row["truth"]["expected"] == "reject":
        assert outcome not in ("read", "engine_crashed", "engine_timeout", "engine_failed")
    if row["category"] == "encrypted_pdf":
        assert outcome == "encrypted_document"


def test_it_is_well_afterwards(watched):
    assert watched.run(watched.read((SAMPLES / "receipt.jpg").read_bytes())) == "read"
    assert all(process.pid for process in watched.processes)
