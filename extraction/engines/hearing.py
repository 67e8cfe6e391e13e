"""Hearing recordings: block by block through a speech engine, less what such engines make up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from extraction.engines.stopwatch import Stopwatch
from extraction.engines.stutter import collapse
from extraction.media.audio import blocks, probe_audio
from extraction.media.facts import AsrName, RecognizeRequest
from extraction.media.sniff import Sniffed
from extraction.recognized import Recognized, Segment

if TYPE_CHECKING:
    import numpy as np

Announce = Callable[[str, int, int], None]
STEP_SECONDS = 10.0


class AsrEngine(Protocol):
    """A module with these three. `hear` yields segments in seconds from the start of the samples."""

    def load(self) -> None: ...
    def detect(self, samples: np.ndarray, languages: tuple[str, ...]) -> str: ...
    def hear(self, samples: np.ndarray, language: str) -> Iterator[Segment]: ...


ENGINES: dict[AsrName, str] = {
    "faster-whisper": "extraction.engines.faster_whisper",
    "openai-whisper": "extraction.engines.openai_whisper",
}


def load(name: AsrName) -> AsrEngine:
    """The engine's module, with its model in memory. Raises MediaError where it is not installed."""
    engine = cast(AsrEngine, import_module(ENGINES[name]))
    engine.load()
    return engine


def read(media: bytes, sniffed: Sniffed, request: RecognizeRequest, announce: Announce) -> Recognized:
    watch = Stopwatch()
    name: AsrName = request.asr_engine or "faster-whisper"
    total = probe_audio(media, sniffed).seconds or 0.0
    announce("recognizing", *_progress(0.0, total))
    engine = load(name)
    watch.lap("load_ms")
    segments: list[Segment] = []
    language = ""
    for offset, samples in blocks(media, sniffed):
        watch.lap("decode_ms")
        language = language or engine.detect(samples, _without_regions(request.languages))
        for segment in engine.hear(samples, language):
            segments.append(_moved(segment, offset))
            announce("recognizing", *_progress(segments[-1].end, total))
        watch.lap("recognize_ms")
    kept, stuttered = collapse(segments)
    warnings = ("repetition_removed",) if stuttered else ()
    return Recognized(
        segments=tuple(kept), language=language or None, engine=name, warnings=warnings, timings=watch.laps
    )


def _moved(segment: Segment, offset: float) -> Segment:
    if not offset:
        return segment
    words = tuple(replace(word, start=word.start + offset, end=word.end + offset) for word in segment.words)
    return replace(segment, start=segment.start + offset, end=segment.end + offset, words=words)


def _without_regions(languages: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(language.partition("-")[0] for language in languages))


def _progress(seconds: float, total: float) -> tuple[int, int]:
    steps = max(1, round(total / STEP_SECONDS))
    return min(steps, int(seconds / STEP_SECONDS)), steps
