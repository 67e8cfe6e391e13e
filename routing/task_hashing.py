"""Words, word n-grams and letter n-grams of a text as hashes, all of them at once in numpy.

A word's hash is the difference of two prefix sums of a polynomial modulo 2**32, divided by the power at its start:
no loop over words, whatever the script. Letters of scripts without spaces are words of their own. A short text costs as
much as numpy is called often: so runs are mixed all together, once.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]

LONGEST = 4096  # letters; the reading is bounded far below
SPACE, LETTER, DIGIT, ALONE = 0, 1, 2, 3
BASE = 0x01000193
_MASK = 0xFFFFFFFF
# Made once: numpy takes as long to make a number as to add up a short text.
_TWELVE, _FIFTEEN, _NAUGHT = np.uint32(12), np.uint32(15), np.uint32(0x30)
_FIRST_FACTOR, _SECOND_FACTOR = np.uint32(0x2C1B3C6D), np.uint32(0x297A2D39)
_WORD_FACTOR, _LETTER_FACTOR = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)
_ENDERS = '.!?:;。！？：؟।"“”>'


class Words(NamedTuple):
    """`opens`: the word begins a line or a sentence. `letters`: the text's letters, mixed, digits alike."""

    hashes: Hashes
    opens: NDArray[np.bool_]
    letters: Hashes


class _Tables(NamedTuple):
    kinds: NDArray[np.uint8]
    enders: NDArray[np.bool_]
    powers: Hashes
    inverses: Hashes


@cache
def _tables() -> _Tables:
    kinds = np.fromiter((_kind(code) for code in range(0x10000)), np.uint8, 0x10000)
    enders = np.zeros(0x10000, np.bool_)
    enders[[ord(sign) for sign in _ENDERS]] = True
    inverse = pow(BASE, -1, 1 << 32)
    powers, inverses = [1], [1]
    for _ in range(LONGEST):
        powers.append(powers[-1] * BASE & _MASK)
        inverses.append(inverses[-1] * inverse & _MASK)
    return _Tables(kinds, enders, np.array(powers, np.uint32), np.array(inverses, np.uint32))


def _kind(code: int) -> int:
    if 0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0x0E00 <= code <= 0x0E7F:
        return ALONE  # kana, Chinese signs, Thai: no spaces between words
    category = unicodedata.category(chr(code))
    if category[0] in "LM" or code == 0x27:
        return LETTER
    if category == "Nd":
        return DIGIT
    return SPACE if category[0] in "ZC" else ALONE


def read_words(text: str) -> Words:
    """The words of a text in lower case; every sign and every run of digits is a word too."""
    tables = _tables()
    codes = np.frombuffer(text[:LONGEST].lower().encode("utf-32-le", "surrogatepass"), np.uint32)[:LONGEST]
    plain = np.minimum(codes, 0xFFFF)
    kinds = tables.kinds[plain]
    codes = np.where(kinds == DIGIT, _NAUGHT, codes)
    starts, ends = _bounds(kinds)
    sums = np.zeros(len(codes) + 1, np.uint32)
    mixed = mix(codes)
    np.cumsum(mixed * tables.powers[: len(codes)], dtype=np.uint32, out=sums[1:])
    hashes = mix((sums[ends] - sums[starts]) * tables.inverses[starts])
    return Words(hashes, _opening(plain, starts, tables.enders), mixed)


def _bounds(kinds: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    changes = np.ones(len(kinds) + 1, np.bool_)
    changes[1:-1] = (kinds[1:] != kinds[:-1]) | (kinds[1:] == ALONE)
    edges = np.flatnonzero(changes)
    words = kinds[edges[:-1]] != SPACE
    return edges[:-1][words], edges[1:][words]


def _opening(codes: Hashes, starts: NDArray[np.intp], enders: NDArray[np.bool_]) -> NDArray[np.bool_]:
    opens = np.zeros(len(starts), np.bool_)
    if len(starts):
        lines = np.cumsum(codes == 10)[starts]
        opens[0] = True
        opens[1:] = (lines[1:] != lines[:-1]) | enders[codes[starts[:-1]]]
    return opens


def mix(values: Hashes) -> Hashes:
    """Spread the bits, so that the low ones can be an address."""
    values = (values ^ (values >> _FIFTEEN)) * _FIRST_FACTOR
    values = (values ^ (values >> _TWELVE)) * _SECOND_FACTOR
    return values ^ (values >> _FIFTEEN)


def word_runs(words: Hashes, longest: int, salt: int) -> list[Hashes]:
    """All runs of 1 to `longest` words, not yet mixed. The salt keeps the places where they stand apart."""
    run = words + np.uint32(salt)
    runs = [run]
    for _ in range(1, longest):
        if len(run) < 2:
            break
        run = run[:-1] * _WORD_FACTOR + words[len(words) - len(run) + 1 :]
        runs.append(run)
    return runs


def letter_runs(letters: Hashes, shortest: int, longest: int, salt: int) -> list[Hashes]:
    """All runs of `shortest` to `longest` letters, across words. `letters` are mixed, the runs not yet."""
    runs, run = [], letters + np.uint32(salt)
    for length in range(1, longest):
        if len(run) < 2:
            break
        run = run[:-1] * _LETTER_FACTOR + letters[length:]
        if length + 1 >= shortest:
            runs.append(run)
    return runs
