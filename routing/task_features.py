"""A reading as the row of a linear model: addresses of weights and how much each counts.

Words are hashed together with the place where they stand (first words, last words, openings of sentences, anywhere),
because a verb of instruction means something only where instructions stand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.task_hashing import Hashes, Words, letter_grams, read_words, word_grams
from routing.task_reading import Reading
from routing.task_shape import MARKS, Shape, read_shape

BUCKETS = 1 << 18
ROWS = BUCKETS + MARKS
FIRST, LAST = 28, 20  # words
FIRST_LETTERS, LAST_LETTERS = 120, 80
FEW_WORDS = 10  # a request this short leans on the turn before it


class Row(NamedTuple):
    """The first `instructing` addresses come from where instructions stand: first and last words, openings."""

    addresses: NDArray[np.int64]
    amounts: NDArray[np.float32]
    instructing: int


def make_row(reading: Reading) -> Row:
    words = read_words(reading.asked)
    shape = read_shape(reading.asked, reading.letters)
    instructing = [*_instructing(words, shape)]
    content = [(_anywhere(words), 0.8)]
    if reading.system:
        content.append((word_grams(read_words(reading.system).hashes[:60], 2, 0x51), 0.7))
    if reading.earlier:
        weight = 0.8 if len(words.hashes) <= FEW_WORDS else 0.3
        content.append((word_grams(read_words(reading.earlier).hashes[:40], 2, 0x11), weight))
    blocks = [*instructing, *content]
    addresses = [hashes & np.uint32(BUCKETS - 1) for hashes, _ in blocks]
    amounts = [_shared(len(hashes), weight) for hashes, weight in blocks]
    marks = shape.marks + BUCKETS
    return Row(
        np.concatenate([*addresses, marks]).astype(np.int64),
        np.concatenate([*amounts, np.full(len(marks), 0.25, np.float32)]),
        sum(len(hashes) for hashes, _ in instructing),
    )


def _instructing(words: Words, shape: Shape) -> list[tuple[Hashes, float]]:
    first, rest = words.hashes[:FIRST], words.hashes[FIRST:][-LAST:]
    after = words.letters[FIRST_LETTERS:][-LAST_LETTERS:]
    openings = np.flatnonzero(words.opens)[:40]
    follows = words.hashes[np.minimum(openings + 1, max(len(words.hashes) - 1, 0))]
    return [
        (word_grams(first, 2, 0x11), 1.0),
        (word_grams(first[:3], 3, 0x23), 0.7),
        (word_grams(first[:14], 2, 0x31 + shape.kind), 0.7),
        (letter_grams(words.letters[:FIRST_LETTERS], 4, 5, 0x41), 0.7),
        (word_grams(rest, 2, 0x61), 0.9) if len(rest) else (rest, 0.0),
        (letter_grams(after, 4, 5, 0x71), 0.5),
        (np.concatenate([words.hashes[openings] + np.uint32(0x81), _pairs(words.hashes[openings], follows)]), 0.7),
    ]


def _pairs(openings: Hashes, follows: Hashes) -> Hashes:
    return (openings * np.uint32(0x9E3779B1) + follows) ^ np.uint32(0x5BD1E995)


def _anywhere(words: Words) -> Hashes:
    grams = word_grams(words.hashes, 2, 0x91) if len(words.hashes) else words.hashes
    return np.unique(grams)


def _shared(count: int, weight: float) -> NDArray[np.float32]:
    """Each block counts the same, however many words it has."""
    return np.full(count, weight / np.sqrt(max(count, 1)), np.float32)
