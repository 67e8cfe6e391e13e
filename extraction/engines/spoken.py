"""From what a Whisper says to our segments: the same for both of its implementations."""

from __future__ import annotations

import math
from collections.abc import Iterable

from extraction.recognized import Segment, SpokenWord

# Whisper's own thresholds for silence and for babble; beyond both, a segment is not speech.
SILENCE, BABBLE = 0.6, -1.0
# Letters a second: the fastest speakers reach half of it. A sentence put into the last half second of a
# recording is one of those that ended a thousand videos in the training data.
FASTEST = 40.0
UNSPACED = {"zh", "yue", "ja", "th", "lo", "my", "km"}

RawWord = tuple[str, float, float, float]  # text with its leading space, start, end, probability


def is_speech(text: str, no_speech: float, mean_logprob: float) -> bool:
    return bool(text.strip()) and not (no_speech > SILENCE and mean_logprob < BABBLE)


def is_too_fast(text: str, start: float, end: float) -> bool:
    return len(text.strip()) > FASTEST * max(end - start, 0.25)


def build_segment(
    text: str, start: float, end: float, mean_logprob: float, words: Iterable[RawWord], language: str
) -> Segment:
    sure = min(1.0, math.exp(mean_logprob))
    spoken = tuple(_rounded(word) for word in _whole_words(words, language))
    return Segment(text.strip(), _seconds(start), _seconds(end), round(sure, 4), spoken)


def _whole_words(words: Iterable[RawWord], language: str) -> list[RawWord]:
    """Whisper parts "$86.40" into "$86" and ".40": what begins without a space belongs to the word before."""
    whole: list[RawWord] = []
    for text, start, end, sure in words:
        if whole and language not in UNSPACED and not text.startswith(" "):
            before, began, _, less_sure = whole[-1]
            whole[-1] = (before + text, began, end, min(sure, less_sure))
        elif text.strip():
            whole.append((text, start, end, sure))
    return whole


def _rounded(word: RawWord) -> SpokenWord:
    text, start, end, sure = word
    return SpokenWord(text.strip(), _seconds(start), _seconds(end), round(float(sure), 4))


def _seconds(value: float) -> float:
    return round(float(value), 2)
