"""faster-whisper: Whisper base, multilingual, on CTranslate2, in eight bits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from extraction.engines import weights
from extraction.engines.spawning import threads
from extraction.engines.spoken import build_segment, is_speech, is_too_fast
from extraction.media.audio import RATE
from extraction.media.refusals import refused
from extraction.recognized import Segment

if TYPE_CHECKING:
    import numpy as np

BEAM = 5
TEMPERATURES = (0.0, 0.4, 0.8)  # tried in turn while the text is unlikely or repeats itself
PAUSE_MS = 500  # shorter silence stays inside a stretch of speech


@cache
def load() -> None:
    """And a first run, which takes longer than all others: of a second of silence, in which nobody has to speak."""
    import numpy as np

    silence = np.zeros(RATE, np.float32)
    _model().chances(silence, _pauses())
    list(_model().transcribe(silence, language="en", beam_size=BEAM, max_new_tokens=4)[0])
    _model().forget()


@cache
def _model() -> Any:
    try:
        from extraction.engines.short_whisper import ShortWhisper
    except ImportError:
        raise refused("engine_not_installed") from None
    place = weights.need("faster-whisper")
    return ShortWhisper(str(place), device="cpu", compute_type="int8", cpu_threads=threads(), local_files_only=True)


def detect(samples: np.ndarray, languages: tuple[str, ...]) -> str | None:
    """The language asked for; among several, the one that is spoken. None where nobody speaks."""
    model = _model()
    if any(language not in model.supported_languages for language in languages):
        raise refused("language_not_available")
    if len(languages) == 1:
        return languages[0]
    ranked = [language for language, _ in model.chances(samples, _pauses())]
    return next((language for language in ranked if not languages or language in languages), None)


def _pauses() -> Any:
    from faster_whisper.vad import VadOptions

    return VadOptions(min_silence_duration_ms=PAUSE_MS)


def hear(samples: np.ndarray, language: str) -> Iterator[Segment]:
    model = _model()
    segments, _ = model.transcribe(
        samples,
        language=language,
        beam_size=BEAM,
        temperature=TEMPERATURES,
        vad_filter=True,
        vad_parameters=_pauses(),
        word_timestamps=True,
        condition_on_previous_text=False,
    )
    for segment in segments:
        if is_too_fast(segment.text, segment.start, segment.end):
            continue
        if is_speech(segment.text, segment.no_speech_prob, segment.avg_logprob):
            words = ((word.word, word.start, word.end, word.probability) for word in segment.words or ())
            yield build_segment(segment.text, segment.start, segment.end, segment.avg_logprob, words, language)
    model.forget()
