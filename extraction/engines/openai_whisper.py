"""openai-whisper: the reference implementation, on torch. Slower; for those who choose it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from extraction.engines import limits, weights
from extraction.engines.spawning import threads
from extraction.engines.spoken import build_segment, is_speech, is_too_fast
from extraction.media.refusals import refused
from extraction.recognized import Segment

if TYPE_CHECKING:
    import numpy as np

BEAM = 5


def load() -> None:
    _model()


@cache
def _model() -> Any:
    limits.allow_torch()
    try:
        import torch
        import whisper
    except ImportError:
        raise refused("engine_not_installed") from None
    torch.set_num_threads(threads())
    model = whisper.load_model(str(weights.need("openai-whisper")), device="cpu")
    model.set_alignment_heads(whisper._ALIGNMENT_HEADS["base"])  # a file does not say which heads follow the sound
    return model


def detect(samples: np.ndarray, languages: tuple[str, ...]) -> str | None:
    """The language asked for; among several, the one that is spoken. None where nobody speaks."""
    import whisper

    if any(language not in whisper.tokenizer.LANGUAGES for language in languages):
        raise refused("language_not_available")
    if len(languages) == 1:
        return languages[0]
    spoken = _spoken(samples)
    if not len(spoken):
        return None
    start = whisper.log_mel_spectrogram(whisper.pad_or_trim(spoken))
    _, chances = _model().detect_language(start)
    return max(languages or chances, key=lambda language: chances.get(language, 0.0))


def hear(samples: np.ndarray, language: str) -> Iterator[Segment]:
    if not len(_spoken(samples)):
        return
    heard = _model().transcribe(
        samples,
        language=language,
        beam_size=BEAM,
        fp16=False,
        word_timestamps=True,
        condition_on_previous_text=False,
        verbose=None,
    )
    for segment in heard["segments"]:
        if is_too_fast(segment["text"], segment["start"], segment["end"]):
            continue
        if is_speech(segment["text"], segment["no_speech_prob"], segment["avg_logprob"]):
            words = ((word["word"], word["start"], word["end"], word["probability"]) for word in segment["words"])
            start, end = segment["start"], segment["end"]
            yield build_segment(segment["text"], start, end, segment["avg_logprob"], words, language)


def _spoken(samples: np.ndarray) -> np.ndarray:
    """From the first word on; nothing where nobody speaks. The model would invent words for silence."""
    try:
        from faster_whisper.vad import get_speech_timestamps
    except ImportError:
        return samples
    spoken = get_speech_timestamps(samples)
    return samples[spoken[0]["start"] :] if spoken else samples[:0]
