"""Finding words that come near: misread letters, and phrases of which most words stand together.

Digits are not guessed at: a number, a code or a house number is either there or it is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from extraction.mapping.evidence import Citation
from extraction.mapping.searchable import Grounding, Searchable, Stretch, alike, letters_of
from extraction.mapping.words import Token, alphanumeric, tokens, words

FUZZY = 86.0  # of 100, by letters
SHARE = 0.75  # of the words of a phrase
DENSITY = 1 / 3  # of the words between its first and its last
_LEAST_LETTERS = 5
_LEAST_WORDS = 4  # of a phrase; of fewer, one missing says too much
_WINDOW = 8  # lines a value may run over
_MOST_WORDS = 60
_MOST_STARTS = 2_000  # places of the text where the phrase may begin
_WORDS_BELIEVED = 0.8  # a phrase of which all words are there, with others between them


def find_nearly(text: str, text_of: Searchable) -> Grounding | None:
    wanted = alphanumeric(text)
    if len(wanted) < _LEAST_LETTERS or sum(map(str.isdigit, wanted)) * 2 > len(wanted):
        return None
    for found in (_by_letters(wanted, text_of), _over_lines(wanted, text_of)):
        if found and _digits_agree(text, found):
            return found
    return _by_words(text, text_of)


def _digits_agree(text: str, found: Grounding) -> bool:
    """Number 12 is not number 13, however alike the streets are."""
    cited = _same(" ".join(citation.text for citation in found.citations))
    return all(_same(word) in cited for word in words(text) if word[0].isdigit())


def _same(text: str) -> str:
    return alike(letters_of(text))[0]


def _by_letters(wanted: str, text_of: Searchable) -> Grounding | None:
    """The line that comes nearest: for text that was misread a little."""
    best, found = FUZZY, None
    for stretch, (letters, places) in zip(text_of.stretches, text_of.squeezed, strict=True):
        if len(letters) < len(wanted) * 0.7:
            continue
        match = fuzz.partial_ratio_alignment(wanted, letters, score_cutoff=best)
        if match and match.score > best and match.dest_end > match.dest_start:
            best = match.score
            cited = stretch.cite(places[match.dest_start], places[min(match.dest_end, len(places)) - 1] + 1)
            found = Grounding(True, round(match.score / 100 * 0.9, 3), (cited,))
    return found


def _over_lines(wanted: str, text_of: Searchable) -> Grounding | None:
    """The run of whole lines that comes nearest."""
    texts, stretches = [letters for letters, _ in text_of.squeezed[:4_000]], text_of.stretches
    best, span = FUZZY, None
    for first in range(len(texts)):
        joined = ""
        for last in range(first, min(first + _WINDOW, len(texts))):
            joined += texts[last]
            if len(joined) > len(wanted) * 1.3:
                break
            if last > first and len(joined) >= len(wanted) * 0.75:
                near = fuzz.ratio(wanted, joined, score_cutoff=best)
                if near > best:
                    best, span = near, (first, last)
    if span is None:
        return None
    cited = tuple(stretch.cite(0, len(stretch.text)) for stretch in stretches[span[0] : span[1] + 1])
    return Grounding(True, round(best / 100 * 0.85, 3), cited)


Placed = tuple[Token, Stretch]


def _by_words(text: str, text_of: Searchable) -> Grounding | None:
    """The place where most words of a phrase follow each other closely; those with digits all of them."""
    phrase = words(text)
    if not _LEAST_WORDS <= len(phrase) <= _MOST_WORDS:
        return None
    placed = [(token, stretch) for stretch in text_of.stretches for token in tokens(stretch.text)]
    best: tuple[int, list[Placed]] = (0, [])
    for start in list(_starts(phrase, placed))[:_MOST_STARTS]:
        matched, run = _run(phrase, placed[start : start + int(len(phrase) / DENSITY)])
        if (matched, -len(run)) > (best[0], -len(best[1])):
            best = (matched, run)
    share = best[0] / len(phrase)
    citations = _cited(best[1])
    if share < SHARE or best[0] < DENSITY * len(best[1]) or len(citations) > _WINDOW:
        return None
    return Grounding(True, round(share * _WORDS_BELIEVED, 3), citations)


def _starts(phrase: tuple[str, ...], placed: list[Placed]) -> Iterator[int]:
    """One of its first words opens it: the share of words that may be missing is bounded."""
    opening = set(phrase[: int(len(phrase) * (1 - SHARE)) + 1])
    return (index for index, (token, _) in enumerate(placed) if token.word in opening)


def _run(phrase: tuple[str, ...], window: list[Placed]) -> tuple[int, list[Placed]]:
    """How many words stand there in order, and the run from the first to the last of them."""
    equal = [code for code in LCSseq.opcodes(phrase, [token.word for token, _ in window]) if code.tag == "equal"]
    matched = {index for code in equal for index in range(code.src_start, code.src_end)}
    if not equal or any(word[0].isdigit() and index not in matched for index, word in enumerate(phrase)):
        return 0, []
    return len(matched), window[equal[0].dest_start : equal[-1].dest_end]


def _cited(run: list[Placed]) -> tuple[Citation, ...]:
    spans: dict[int, tuple[Stretch, int, int]] = {}
    for token, stretch in run:
        start = spans[id(stretch)][1] if id(stretch) in spans else token.start
        spans[id(stretch)] = (stretch, start, token.end)
    return tuple(stretch.cite(start, end) for stretch, start, end in spans.values())
