"""The parent's side of a media process: ask, wait, and when in doubt kill it and start another.

    engine = EngineProcess("engine", preload=["rapidocr"])
    recognized = await engine.recognize(media, request, announce)

One call at a time. A crash, a leak, a hang or a bomb costs its own call and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Any, Literal

import psutil

from extraction import meters
from extraction.engines import answers
from extraction.engines.frames import BrokenFrame, Header, areceive, pack
from extraction.engines.spawning import Child, prepare_weights, spawn
from extraction.errors import EngineCrashed, EngineError, EngineTimeout, MediaError
from extraction.mapping.values import Mapped
from extraction.media.facts import MediaFacts, RecognizeRequest
from extraction.media.refusals import REASONS, refused
from extraction.recognized import Recognized

log = logging.getLogger(__name__)

Role = Literal["probe", "engine"]
Announce = Callable[[str, int, int], Awaitable[None]]

MIB = 1024 * 1024
PROBE_SECONDS = 10.0
LOAD_SECONDS = 180.0  # the first start assembles weights
# The longest silence after each word of progress: a page is decoded in seconds or is a trap, while four
# minutes of speech on a slow machine take their time.
SILENCE_SECONDS = {"decoding": 15.0, "recognizing": 150.0}
RECOGNIZE_SECONDS = 2 * 3600.0
MAP_SECONDS = 30.0
MOST_WISHES = 3
LEAKY_CALLS = 8  # EasyOCR leaves some 33 MB behind at each call
LEAKY_ENGINES = {"easyocr"}
# Each of these with its models is as large as the default engines together: they never share a process.
LARGE_ENGINES = {"easyocr", "openai-whisper"}


class EngineProcess:
    def __init__(
        self,
        role: Role,
        *,
        threads: int = 2,
        preload: Sequence[str] = (),
        max_rss_bytes: int = 1200 * MIB,
    ) -> None:
        self.role = role
        self.preload = tuple(preload)
        self.max_rss_bytes = max_rss_bytes
        self._threads = threads
        self._child: Child | None = None
        self._lock = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None
        self._loaded = False
        self._leaky_calls = 0
        self._confined: bool | None = None
        self._large: str | None = None  # the large engine this process is kept for; None: for the default ones

    @property
    def ready(self) -> bool:
        """Its models are loaded, or were: a process between two lives is ready again in seconds."""
        return self._loaded

    @property
    def confined(self) -> bool | None:
        """Whether the kernel keeps it from the network (extraction.engines.confinement). None: not started yet."""
        return self._confined

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None else None

    @property
    def resident_bytes(self) -> int:
        try:
            return psutil.Process(self.pid).memory_info().rss if self.pid is not None else 0
        except psutil.NoSuchProcess:
            return 0

    async def start(self) -> None:
        """Spawns the process and loads the models. A failure is logged and tried again at the first call."""
        async with self._lock:
            try:
                await self._spawn()
            except (EngineError, MediaError) as error:
                log.error("the %s process did not start: %s", self.role, error.code)

    async def probe(self, media: bytes, password: str | None = None) -> MediaFacts:
        """Raises MediaError. A file that kills two first-look processes in a row is the fault of the file."""
        for attempt in (1, 2):
            try:
                header, _ = await self._call({"op": "probe", "password": password}, media, seconds=PROBE_SECONDS)
                return await self._trusted(answers.read_facts, header)
            except EngineTimeout:
                raise refused("media_unreadable") from None
            except EngineCrashed:
                if attempt == 2:
                    raise refused("media_unreadable") from None
        raise AssertionError("unreachable")

    async def recognize(self, media: bytes, request: RecognizeRequest, announce: Announce) -> Recognized:
        header = {"op": "recognize", "request": asdict(request)}
        asked = request.asr_engine if request.media_type.startswith("audio/") else request.ocr_engine
        async with self._lock:
            await self._make_room_for(asked if asked in LARGE_ENGINES else None)
        try:
            async with asyncio.timeout(RECOGNIZE_SECONDS):
                _, payload = await self._call(header, media, seconds=SILENCE_SECONDS["decoding"], announce=announce)
        except TimeoutError:
            raise EngineTimeout("Recognition took too long.") from None
        recognized = await self._trusted(answers.read_recognized, payload)
        self._leaky_calls += recognized.engine in LEAKY_ENGINES
        await self._renew_if_worn()
        return recognized

    async def map(self, recognized: Recognized, schema: dict[str, Any], *, languages: Sequence[str]) -> Mapped:
        asked = {"recognized": recognized.to_json(), "schema": schema, "languages": list(languages)}
        _, payload = await self._call({"op": "map"}, json.dumps(asked).encode(), seconds=MAP_SECONDS)
        return await self._trusted(answers.read_mapped, payload)

    async def close(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
        await self._kill()

    async def _call(
        self, header: Header, payload: bytes, *, seconds: float, announce: Announce | None = None
    ) -> tuple[Header, bytes]:
        async with self._lock:
            child = await self._alive()
            try:
                answer = await self._ask(child, header, payload, seconds, announce)
            except BaseException as error:
                if isinstance(error, EngineError):
                    meters.FAILURES.labels(self.role, error.code).inc()
                # Crashed, silent, babbling, or the caller has gone: whatever it is doing, it is not needed.
                await asyncio.shield(self._kill())
                raise
        _raise_failure(answer[0])
        return answer

    async def _ask(
        self,
        child: Child,
        header: Header,
        payload: bytes,
        seconds: float,
        announce: Announce | None,
    ) -> tuple[Header, bytes]:
        """What it needs and cannot get, having neither files nor the network, is prepared for it; then it is asked
        again. EasyOCR may want its own weights and then those of a language."""
        wished: list[list[str]] = []
        while len(wished) < MOST_WISHES:
            answer = await self._exchange(child, header, payload, seconds, announce)
            if "wants" not in answer[0]:
                return answer
            wanted = await self._trusted(answers.read_wanted, answer[0])
            if wanted in wished:  # prepared, or not to be had
                break
            wished.append(wanted)
            await prepare_weights(*wanted)
        return {"error": "language_not_available" if len(wanted) > 1 else "engine_not_installed"}, b""

    async def _exchange(
        self,
        child: Child,
        header: Header,
        payload: bytes,
        seconds: float,
        announce: Announce | None,
    ) -> tuple[Header, bytes]:
        try:
            async with asyncio.timeout(seconds) as patience:
                await _send(child, header, payload)
                while "progress" in (answer := await areceive(child.answers))[0]:
                    progress = answers.read_progress(answer[0])
                    patience.reschedule(asyncio.get_running_loop().time() + SILENCE_SECONDS[progress[0]])
                    if announce is not None and (progress[0] != "decoding" or progress[1] == 0):
                        await announce(*progress)
        except TimeoutError:
            raise EngineTimeout("The media process did not answer in time.") from None
        except (asyncio.IncompleteReadError, ConnectionError, BrokenFrame):
            raise EngineCrashed("The media process died.") from None
        return answer

    async def _make_room_for(self, large: str | None) -> None:
        if large != self._large:
            await self._kill()
            self._large = large

    async def _alive(self) -> Child:
        return self._child if self._child is not None and self._child.alive else await self._spawn()

    async def _spawn(self) -> Child:
        await self._kill()
        started = time.monotonic()
        child = self._child = await spawn(self.role, threads=self._threads)
        self._leaky_calls = 0
        try:
            engines = self.preload if self._large is None else ()
            answer = await self._ask(child, {"op": "preload", "engines": engines}, b"", LOAD_SECONDS, None)
            _raise_failure(answer[0])
            self._note_confinement(answer[0].get("confined") is True)
        except BaseException:
            await asyncio.shield(self._kill())
            raise
        self._loaded = True
        meters.STARTS.labels(self.role).inc()
        log.info("%s process %s ready in %.1f s", self.role, child.pid, time.monotonic() - started)
        return child

    def _note_confinement(self, confined: bool) -> None:
        if not confined and self._confined is not False:
            log.warning(
                "the %s process is not confined: this kernel refuses it nothing, the network included", self.role
            )
        self._confined = confined

    async def _kill(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.kill()

    async def _trusted(self, read: Callable[[Any], Any], answer: Any) -> Any:
        """What the child says is checked like anything a stranger sends."""
        try:
            return read(answer)
        except (BrokenFrame, KeyError, TypeError, ValueError):
            await self._kill()
            raise EngineCrashed("The media process answered nonsense.") from None

    async def _renew_if_worn(self) -> None:
        """A fresh process in the background, so that the next job finds its models loaded."""
        if self._leaky_calls < LEAKY_CALLS and self.resident_bytes <= self.max_rss_bytes:
            return
        await self._kill()
        self._renewal = asyncio.create_task(self.start())


async def _send(child: Child, header: Header, payload: bytes) -> None:
    for part in pack(header, payload):
        child.requests.write(part)
        await child.requests.drain()


def _raise_failure(header: Header) -> None:
    code = header.get("error")
    if code in REASONS:
        raise refused(code)
    if code is not None:
        log.error("the media process failed: %s", answers.read_place(header))
        raise EngineError("The media process failed.")
