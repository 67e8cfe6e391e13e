"""Media in, JSON out, as one short function over plain values.

It never sees a row and never saves: it reports through `announce`, and asks `destroy_media` to do
its work the moment the text is read, before anything else happens to that text.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from accounts import tracing
from extraction import results, schemas
from extraction.engines.process import EngineProcess
from extraction.mapping.grounding_policy import drop_ungrounded
from extraction.mapping.llm import map_with_llm
from extraction.mapping.values import Mapped
from extraction.media.facts import RecognizeRequest
from extraction.models import Job
from extraction.orders import Options
from extraction.recognized import Recognized
from routing.errors import RoutingError

Announce = Callable[[str, int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Work:
    """What the pipeline needs to know. `llm` names a model for mapping, "auto" any; None keeps the text here."""

    request: RecognizeRequest
    schema: dict[str, Any]
    options: Options
    llm: str | None


@dataclass(frozen=True, slots=True)
class Extracted:
    """The result for its caller, and what the operator may know about it."""

    result: dict[str, Any]
    mapped_by_llm: bool
    engines: dict[str, str]
    timings: dict[str, int]
    failed_pages: tuple[int, ...] = ()


async def run(
    media: bytes,
    work: Work,
    engine: EngineProcess,
    *,
    announce: Announce,
    destroy_media: Callable[[], Awaitable[None]],
) -> Extracted:
    watch = Stopwatch()
    with tracing.span("read"):
        recognized = await engine.recognize(media, work.request, announce)
        tracing.tell_laps(recognized.timings, "decode", "recognize")
    del media
    watch.lap("read")
    await destroy_media()
    await announce(Job.Stage.MAPPING, 0, 1)
    with tracing.span("map"):
        mapped = await _map(recognized, work, engine)
    if work.options.grounding == "strict":
        mapped = drop_ungrounded(mapped, work.schema)
    watch.lap("map")
    violations = await asyncio.to_thread(schemas.find_violations, mapped.data, work.schema)
    result = results.build(recognized, mapped, violations, include=work.options.include)
    watch.lap("validate")
    return Extracted(
        result=result,
        mapped_by_llm=mapped.mapper != "embedded",
        engines={"recognizer": recognized.engine, "mapper": mapped.mapper},
        timings={**watch.laps, **recognized.timings},
        failed_pages=recognized.failed_pages,
    )


async def _map(recognized: Recognized, work: Work, engine: EngineProcess) -> Mapped:
    """The embedded mapper always; a language model over it where one is asked for and answers.

    A model that was asked for by name is missed when it fails; as one of our means, the draft answers instead.
    """
    draft = await engine.map(recognized, work.schema, languages=work.options.languages)
    if work.llm is None:
        return draft
    try:
        return await map_with_llm(
            recognized, work.schema, model=work.llm, draft=draft, languages=work.options.languages
        )
    except RoutingError:
        if work.llm != "auto":
            raise
        return draft


class Stopwatch:
    """Milliseconds between laps."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.laps: dict[str, int] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[f"{name}_ms"] = round(1000 * (now - self._last))
        self._last = now
