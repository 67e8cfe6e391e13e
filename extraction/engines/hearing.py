"""Hearing recordings: block by block through a speech engine, less what such engines make up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from extraction.engines.stopwatch import Stopwatch
from extraction.engines.stutter import collapse
from extraction.media.audio import RATE, blocks, probe_audio
from extraction.media.facts import AsrName, RecognizeRequest
from extraction.media.sniff import Sniffed
from extraction.recognized import Recognized, Segment

if TYPE_CHECKING:
    import numpy as np

Announce = Callable[[str, int, int], None]
STEP_SECONDS = 10.0
GUESSED = 0.4  # clear speech has 0.7 and more


class AsrEngine(Protocol):
    """A module with these three. `detect` answers None where nobody speaks.

    `hear` yields segments in seconds from the start of the samples.
    """

    def load(self) -> None: ...
    def detect(self, samples: np.ndarray, languages: tuple[str, ...]) -> str | None: ...
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
    language: str | None = None
    for offset, samples in blocks(media, sniffed):
        watch.lap("decode_ms")
        # The first block in which somebody speaks decides: a recording may begin with silence or music.
        language = language or engine.detect(samples, _without_regions(request.languages))
        for segment in engine.hear(samples, language) if language else ():
            segments.append(_moved(segment, offset))
            announce("recognizing", *_progress(segments[-1].end, total))
        announce("recognizing", *_progress(offset + len(samples) / RATE, total))
        watch.lap("recognize_ms")
        del samples  # before the next block is decoded
    kept, stuttered = collapse(segments)
    return Recognized(
        segments=tuple(kept),
        language=language,
        engine=name,
        warnings=tuple(_warnings(kept, stuttered=stuttered)),
        timings=watch.laps,
    )


def _warnings(segments: Sequence[Segment], *, stuttered: bool) -> Iterator[str]:
    """What a reader of the transcript ought to know, as stable codes:

    `no_speech`: nobody speaks, so there is no text · `repetition_removed`: the engine said something over and
    over, which is kept once · `low_speech_confidence`: on the whole, more guessed than heard.
    """
    if not segments:
        yield "no_speech"
    if stuttered:
        yield "repetition_removed"
    if segments and _mean_confidence(segments) < GUESSED:
        yield "low_speech_confidence"


def _mean_confidence(segments: Sequence[Segment]) -> float:
    letters = sum(len(segment.text) for segment in segments)
    return sum(segment.confidence * len(segment.text) for segment in segments) / letters


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
