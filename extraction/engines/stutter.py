"""Whisper, given noise or a cut-off word, may say one thing over and over. Said too often, it was said once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extraction.recognized import Segment

TIMES = 3
TIMES_A_WORD = 4  # a person may say "no, no, no", or spell out a number with three equal digits
LONGEST = 8  # words in the phrase repeated


def collapse(segments: Sequence[Segment]) -> tuple[list[Segment], bool]:
    """Without repetitions, inside a segment and from segment to segment; and whether there were any."""
    kept = [_once(segment) for segment in segments]
    runs = _runs([_plain(segment.text) for segment in kept])
    kept = [segment for segment, again in zip(kept, runs, strict=True) if not again]
    return kept, kept != list(segments)


def _runs(texts: Sequence[str]) -> list[bool]:
    """Which of these repeat the one before, in a run too long to be meant."""
    again = [False] * len(texts)
    start = 0
    for end in range(1, len(texts) + 1):
        if end == len(texts) or texts[end] != texts[start]:
            if end - start >= _too_often(texts[start].split()):
                again[start + 1 : end] = [True] * (end - start - 1)
            start = end
    return again


def _too_often(phrase: Sequence[str]) -> int:
    return TIMES if len(set(phrase)) > 1 else TIMES_A_WORD


def _once(segment: Segment) -> Segment:
    words = segment.text.split()
    keep = _indices_once([_plain(word) for word in words])
    if len(keep) == len(words):
        return segment
    spoken = [segment.words[index] for index in keep] if len(segment.words) == len(words) else []
    return replace(segment, text=" ".join(words[index] for index in keep), words=tuple(spoken))


def _indices_once(words: Sequence[str]) -> list[int]:
    """Positions to keep. Numbers are left alone: "zero zero zero zero" is how people read out an account."""
    keep: list[int] = []
    at = 0
    while at < len(words):
        size, times = _phrase(words, at)
        keep += range(at, at + size)
        at += size * times
    return keep


def _phrase(words: Sequence[str], at: int) -> tuple[int, int]:
    """Length of the phrase repeated from here, and how often; (1, 1) where nothing is."""
    for size in range(1, LONGEST + 1):
        phrase, times = words[at : at + size], 1
        while words[at + times * size : at + (times + 1) * size] == phrase:
            times += 1
        if times >= _too_often(phrase) and not any(_is_number(word) for word in phrase):
            return size, times
    return 1, 1


DIGITS = {"zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double"}


def _is_number(word: str) -> bool:
    return word in DIGITS or any(letter.isdigit() for letter in word)


def _plain(text: str) -> str:
    return re.sub(r"[^\w ]", "", text.lower()).strip()
