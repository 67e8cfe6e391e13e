"""A media process may crash, hang, babble, leak or be abandoned: its parent goes on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from extraction.engines import process, spawning
from extraction.engines.process import EngineProcess
from extraction.errors import EngineCrashed, EngineError, EngineTimeout, MediaError
from extraction.media.facts import RecognizeRequest
from extraction.recognized import Recognized
from tests.extraction.tiny_media import SAMPLES, picture

PICTURE = picture("PNG")
REQUEST = RecognizeRequest("image/png")
RECEIPT = (SAMPLES / "receipt.jpg").read_bytes()


async def quiet(stage: str, done: int, total: int) -> None:
    pass


def impostor(monkeypatch, script: str) -> None:
    """Children that run this instead; `answer` sends a frame."""
    frames = "from extraction.engines.frames import receive, send\nimport sys, os, time\n"
    answer = "def answer(header, payload=b''): send(sys.stdout.buffer, header, payload)\n"
    preload = "receive(sys.stdin.buffer); answer({})\n"

    async def spawn(role: str, *, threads: int) -> spawning.Child:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", frames + answer + preload + script,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=spawning.ROOT,
        )  # fmt: skip
        return spawning.Child(child, child.stdin, child.stdout)

    monkeypatch.setattr(process, "spawn", spawn)


def ask_impostor() -> None:
    async def ask() -> None:
        engine = EngineProcess("engine")
        try:
            await engine.recognize(PICTURE, REQUEST, quiet)
        finally:
            await engine.close()

    asyncio.run(ask())


@pytest.mark.parametrize(
    "script",
    [
        "os.abort()",
        "sys.stdout.buffer.write(b'%PDF-1.7 and so on, for a while'); sys.stdout.flush(); time.sleep(60)",
        "answer({}, b'not json')",
        "answer({}, b'{\"pages\": [[]]}')",
        "answer({}, b'[' * 100000)",
        "answer({'progress': ['decoding', 5, 1]}); time.sleep(60)",
        "answer({'progress': ['<b>text of the media</b>', 0, 1]}); time.sleep(60)",
    ],
)
def test_nonsense_from_a_child_is_a_crash(monkeypatch, script):
    impostor(monkeypatch, script)
    with pytest.raises(EngineCrashed):
        ask_impostor()


def test_nothing_a_child_says_is_repeated(monkeypatch, caplog):
    impostor(monkeypatch, "answer({'error': 'Jane Doe, 1 Main Street', 'where': 'ValueError: Jane Doe'})")
    with pytest.raises(EngineError) as failed:
        ask_impostor()
    assert "Jane" not in str(failed.value) + failed.value.code + caplog.text


def test_a_child_that_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setitem(process.SILENCE_SECONDS, "decoding", 0.3)
    impostor(monkeypatch, "time.sleep(60)")
    with pytest.raises(EngineTimeout):
        ask_impostor()


def test_a_file_that_kills_first_looks_is_the_fault_of_the_file(monkeypatch):
    impostor(monkeypatch, "os.abort()")
    with pytest.raises(MediaError) as refused:
        asyncio.run(EngineProcess("probe").probe(PICTURE))
    assert refused.value.code == "media_unreadable"


@pytest.mark.engine
def test_a_killed_engine_costs_one_call():
    async def story() -> str:
        engine = EngineProcess("engine", preload=["rapidocr"])
        await engine.start()

        async def kill(stage: str, done: int, total: int) -> None:
            if stage == "recognizing":
                os.kill(engine.pid, signal.SIGKILL)

        with pytest.raises(EngineCrashed):
            await engine.recognize(RECEIPT, REQUEST, kill)
        recognized = await engine.recognize(RECEIPT, REQUEST, quiet)
        await engine.close()
        return recognized.text

    assert "GREENFIELD" in asyncio.run(story())


@pytest.mark.engine
def test_a_canceled_call_stops_the_work():
    async def story() -> bool:
        engine = EngineProcess("engine")
        started = asyncio.Event()

        async def begin(stage: str, done: int, total: int) -> None:
            started.set()

        call = asyncio.create_task(engine.recognize(RECEIPT, REQUEST, begin))
        await started.wait()
        pid = engine.pid
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await engine.close()
        return psutil.pid_exists(pid)

    assert asyncio.run(story()) is False


@pytest.mark.engine
def test_a_process_grown_too_large_is_replaced_and_ready_again():
    async def story() -> tuple[int, int, bool]:
        engine = EngineProcess("engine", preload=["rapidocr"], max_rss_bytes=1024)
        await engine.start()
        before = engine.pid
        await engine.recognize(RECEIPT, REQUEST, quiet)
        still_ready = engine.ready
        await engine.recognize(RECEIPT, REQUEST, quiet)
        after = engine.pid
        await engine.close()
        return before, after, still_ready

    before, after, still_ready = asyncio.run(story())
    assert before != after and still_ready


def test_an_engine_that_cannot_start_says_so_and_does_not_raise():
    async def story() -> bool:
        engine = EngineProcess("engine", preload=["no-such-engine"])
        await engine.start()
        await engine.close()
        return engine.ready

    assert asyncio.run(story()) is False


def test_calls_wait_for_each_other():
    async def story() -> list[str]:
        probe = EngineProcess("probe")
        facts = await asyncio.gather(*(probe.probe(PICTURE) for _ in range(5)))
        await probe.close()
        return [fact.media_type for fact in facts]

    assert asyncio.run(story()) == ["image/png"] * 5


def test_a_first_look_waits_for_no_engine():
    """What takes seconds to import is imported by those who need it."""
    heavy = ("av", "numpy", "onnxruntime", "rapidocr", "faster_whisper", "torch", "pypdfium2", "phonenumbers")
    script = f"import sys, extraction.engines.child\nsys.exit(any(name in sys.modules for name in {heavy}))"
    assert subprocess.run([sys.executable, "-c", script], cwd=spawning.ROOT, timeout=60).returncode == 0


def test_the_child_gets_no_secret_of_ours(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "s3cret")
    monkeypatch.setenv("DATABASE_URL", "postgres://u:s3cret@db/x")
    assert "s3cret" not in str(spawning.environment(2))


def test_the_child_imports_no_django():
    script = "import sys, extraction.engines.child, extraction.engines.recognizing, extraction.mapping.embedded\n"
    run = subprocess.run(
        [sys.executable, "-c", script + "sys.exit('django' in sys.modules)"], cwd=spawning.ROOT, timeout=60
    )
    assert run.returncode == 0


def test_the_child_dies_with_its_parent():
    """The parent is killed without a chance to close anything; its end of the pipe is held open by another."""
    script = (
        "import asyncio, sys\n"
        "from extraction.engines.process import EngineProcess\n"
        "async def main():\n"
        "    probe = EngineProcess('probe'); await probe.start()\n"
        "    print(probe.pid, flush=True); await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=spawning.ROOT, stdout=subprocess.PIPE) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    _, alive = psutil.wait_procs([child], timeout=5)
    assert not alive or alive[0].status() == psutil.STATUS_ZOMBIE


def test_a_large_engine_never_shares_a_process(monkeypatch):
    nothing = json.dumps(Recognized(engine="x").to_json()).encode()
    impostor(monkeypatch, f"while True: receive(sys.stdin.buffer); answer({{}}, {nothing!r})")

    async def run() -> list[int | None]:
        engine, pids = EngineProcess("engine"), []
        for large in (None, None, "easyocr", "easyocr", None):
            await engine.recognize(PICTURE, replace(REQUEST, ocr_engine=large), quiet)
            pids.append(engine.pid)
        await engine.close()
        return pids

    first, same, large, still, back = asyncio.run(run())
    assert first == same
    assert large != first
    assert back != large
    assert still == large
