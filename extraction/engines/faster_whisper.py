"""faster-whisper: Whisper base, multilingual, on CTranslate2, in eight bits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from extraction.engines import weights
from extraction.engines.spawning import threads
from extraction.engines.spoken import build_segment, is_speech
from extraction.media.refusals import refused
from extraction.recognized import Segment

if TYPE_CHECKING:
    import numpy as np

BEAM = 5


def load() -> None:
    _model()


@cache
def _model() -> Any:
    try:
        from faster_whisper import WhisperModel
    except ImportError:
        raise refused("engine_not_installed") from None
    place = weights.ready("faster-whisper")
    return WhisperModel(str(place), device="cpu", compute_type="int8", cpu_threads=threads(), local_files_only=True)


def detect(samples: np.ndarray, languages: tuple[str, ...]) -> str:
    """The language asked for; among several, the one that is spoken."""
    model = _model()
    if any(language not in model.supported_languages for language in languages):
        raise refused("language_not_available")
    if len(languages) == 1:
        return languages[0]
    best, _, chances = model.detect_language(samples, vad_filter=True)
    ranked = [language for language, _ in sorted(chances or [], key=lambda chance: -chance[1])]
    return next((language for language in ranked if language in languages), best)


def hear(samples: np.ndarray, language: str) -> Iterator[Segment]:
    segments, _ = _model().transcribe(
        samples,
        language=language,
        beam_size=BEAM,
        vad_filter=True,
        vad_parameters={"min_silence_duration_ms": 500},
        word_timestamps=True,
        condition_on_previous_text=False,
    )
    for segment in segments:
        if is_speech(segment.text, segment.no_speech_prob, segment.avg_logprob):
            words = ((word.word, word.start, word.end, word.probability) for word in segment.words or ())
            yield build_segment(segment.text, segment.start, segment.end, segment.avg_logprob, words, language)
