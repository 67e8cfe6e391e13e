"""What words mean: a short vector for each of some forty thousand words of sixteen languages, found by the word's hash.

Words that mean nearly the same have nearly the same vector, in one language or another: so the model can tell a request
in words that its training texts lack. Where the vectors come from: the command embed_words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routing.task_hashing import Hashes

FILE = Path(__file__).parent / "data" / "task_words.npz"
DIMENSIONS = 64
_UNIT = np.float32(2.4 / 127)  # a word's vector, in eight bits, at the size that training starts well from
_SPANS = (slice(0, 5), slice(0, 24), slice(-20, None), slice(None))  # first words, opening, last words, all
POOLS = len(_SPANS) + 1  # and the system prompt
_SYSTEM_WORDS = 60

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`hashes` ascend; row i of `vectors` belongs to hash i."""

    hashes: Hashes = field(repr=False)
    vectors: NDArray[np.int8] = field(repr=False)


@cache
def read_vocabulary() -> Vocabulary:
    with np.load(FILE, allow_pickle=False) as file:
        return Vocabulary(file["hashes"], file["vectors"])


def write_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    np.savez_compressed(path, hashes=vocabulary.hashes, vectors=vocabulary.vectors)


def pool_words(asked: Hashes, system: Hashes) -> Floats:
    """The vectors of the words, added up over the places where they stand; unknown words count for nothing."""
    pools = np.zeros((POOLS, DIMENSIONS), np.float32)
    if len(asked):
        pools[:-1] = _pooled(asked, _SPANS)
    if len(system):
        pools[-1:] = _pooled(system[:_SYSTEM_WORDS], _SPANS[-1:])
    return pools.ravel()


def _pooled(hashes: Hashes, spans: Sequence[slice]) -> Floats:
    vocabulary = read_vocabulary()
    at = np.minimum(vocabulary.hashes.searchsorted(hashes), len(vocabulary.hashes) - 1)
    known = vocabulary.hashes[at] == hashes
    within = np.zeros((len(spans), len(hashes)), np.float32)
    for row, span in zip(within, spans, strict=True):
        row[span] = 1
    within *= known
    counts = within.sum(1, keepdims=True)
    return np.asarray(within @ vocabulary.vectors[at].astype(np.float32) * (_UNIT / np.maximum(counts, 1) ** 0.5))


def only_where_instructions_stand(pooled: Floats) -> Floats:
    """The same without what was said anywhere, and by the system prompt."""
    kept = pooled.copy()
    kept[3 * DIMENSIONS : POOLS * DIMENSIONS] = 0
    return kept
