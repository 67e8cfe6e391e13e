"""A reading as the row of the model: addresses of weights and how much each counts, and what its words mean.

Words are hashed together with the place where they stand (first words, last words, openings of sentences, anywhere),
because a verb of instruction means something only where instructions stand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.task_hashing import Hashes, Words, letter_runs, mix, read_words, word_runs
from routing.task_reading import Reading
from routing.task_shape import MARKS, Shape, read_shape
from routing.task_words import DIMENSIONS, POOLS, Floats, pool_words

BUCKETS = 1 << 18
ROWS = BUCKETS + MARKS
FIRST, LAST = 28, 20  # words
FIRST_LETTERS, LAST_LETTERS = 120, 80
MEANINGS = POOLS * DIMENSIONS + MARKS
FEW_WORDS = 10  # a request this short leans on the turn before it


class Row(NamedTuple):
    """The first `instructing` addresses come from where instructions stand: first and last words, openings.

    `meaning`: the words' vectors, pooled, then the marks.
    """

    addresses: NDArray[np.int64]
    amounts: NDArray[np.float32]
    instructing: int
    meaning: Floats


def make_row(reading: Reading) -> Row:
    words = read_words(reading.asked)
    shape = read_shape(reading.asked, reading.letters)
    blocks = _instructing(words, shape)
    instructing = sum(len(run) for runs, _ in blocks for run in runs)
    blocks.append((_anywhere(words), 0.8))
    system = read_words(reading.system).hashes if reading.system else words.hashes[:0]
    if reading.system:
        blocks.append((word_runs(system[:60], 2, 0x51), 0.7))
    if reading.earlier:
        weight = 0.8 if len(words.hashes) <= FEW_WORDS else 0.3
        blocks.append((word_runs(read_words(reading.earlier).hashes[:40], 2, 0x11), weight))
    openings, *runs = [run for some, _ in blocks for run in some]  # openings are as they are, and come first
    hashes = np.concatenate([openings, mix(np.concatenate(runs))])
    sizes = [sum(map(len, runs)) for runs, _ in blocks]
    # Each block counts the same, however many words it has; so do the marks.
    amounts = [weight / max(size, 1) ** 0.5 for size, (_, weight) in zip(sizes, blocks, strict=True)]
    return Row(
        np.concatenate([hashes & np.uint32(BUCKETS - 1), shape.marks + BUCKETS]),
        np.repeat(np.array([*amounts, 0.25], np.float32), [*sizes, len(shape.marks)]),
        instructing,
        _meaning(words, system, shape),
    )


def _meaning(words: Words, system: Hashes, shape: Shape) -> Floats:
    marks = np.zeros(MARKS, np.float32)
    marks[shape.marks] = 0.5
    return np.concatenate([pool_words(words.hashes, system), marks])


def _instructing(words: Words, shape: Shape) -> list[tuple[list[Hashes], float]]:
    hashes = words.hashes
    first, rest = hashes[:FIRST], hashes[FIRST:][-LAST:]
    after = words.letters[FIRST_LETTERS:][-LAST_LETTERS:]
    openings = np.flatnonzero(words.opens)[:40]
    follows = hashes[np.minimum(openings + 1, max(len(hashes) - 1, 0))]
    opening = hashes[openings]
    pairs = (opening * np.uint32(0x9E3779B1) + follows) ^ np.uint32(0x5BD1E995)
    return [
        ([np.concatenate([opening + np.uint32(0x81), pairs])], 0.7),
        (word_runs(first, 2, 0x11), 1.0),
        (word_runs(first[:3], 3, 0x23), 0.7),
        (word_runs(first[:14], 2, 0x31 + shape.kind), 0.7),
        (letter_runs(words.letters[:FIRST_LETTERS], 4, 5, 0x41), 0.7),
        (word_runs(rest, 2, 0x61) if len(rest) else [], 0.9),
        (letter_runs(after, 4, 5, 0x71), 0.5),
    ]


def _anywhere(words: Words) -> list[Hashes]:
    runs = word_runs(words.hashes, 2, 0x91)
    return [np.unique(np.concatenate(runs))]
