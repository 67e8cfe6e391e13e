"""Finding labels in lines: every phrase of every concept, longest first, tolerant of misread letters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz, process

from extraction.mapping.synonyms import CONCEPTS, PARTIES
from extraction.mapping.words import Token, words

# Words of one paper and what they were taken for. Kept with the paper: the lexicon outlives it.
Repairs = dict[str, str | None]
_MAX_REPAIRS = 1_500  # distinct unknown words worth comparing with the vocabulary


@dataclass(frozen=True, slots=True)
class Hit:
    """A label in a line: the concepts it may stand for and the characters it covers."""

    concepts: frozenset[str]
    start: int
    end: int
    first: int  # token numbers
    last: int
    repaired: bool = False


@dataclass(slots=True)
class _Node:
    next: dict[str, _Node] = field(default_factory=dict)
    concepts: frozenset[str] = frozenset()


class Lexicon:
    """Phrases by their words. Concepts of the house, plus those that one caller's schema adds."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self.root = _Node()
        self.vocabulary: set[str] = set()
        for phrase, concept in phrases:
            self._add(phrase, concept)

    def _add(self, phrase: str, concept: str) -> None:
        node = self.root
        for word in words(phrase):
            node = node.next.setdefault(word, _Node())
            if len(word) >= 5:
                self.vocabulary.add(word)
        if node is not self.root:
            node.concepts |= {concept}

    def hits(self, line: tuple[Token, ...], repairs: Repairs | None = None) -> list[Hit]:
        """Labels in a line, leftmost longest. `repairs`: also words a letter or two off (for OCR), remembered there."""
        found, at = [], 0
        while at < len(line):
            hit = self._longest(line, at, repairs)
            if hit:
                found.append(hit)
            at = hit.last + 1 if hit else at + 1
        return found

    def _longest(self, line: tuple[Token, ...], at: int, repairs: Repairs | None) -> Hit | None:
        node, best, repaired = self.root, None, False
        for index in range(at, len(line)):
            word = line[index].word
            step = node.next.get(word)
            if step is None and repairs is not None and (near := self._near(word, repairs)):
                step, repaired = node.next.get(near), True
            if step is None:
                break
            node = step
            if node.concepts:
                best = Hit(node.concepts, line[at].start, line[index].end, at, index, repaired)
        return best

    def _near(self, word: str, repairs: Repairs) -> str | None:
        if len(word) < 5 or word in self.vocabulary or word.isdigit():
            return None
        if word not in repairs and len(repairs) < _MAX_REPAIRS:
            match = process.extractOne(word, self.vocabulary, scorer=fuzz.ratio, score_cutoff=82)
            repairs[word] = match[0] if match else None
        return repairs.get(word)


def _house_phrases() -> list[tuple[str, str]]:
    phrases = [(label, name) for name, concept in CONCEPTS.items() for label in concept.labels]
    return phrases + [(label, f"party:{party}") for party, labels in PARTIES.items() for label in labels]


@lru_cache(maxsize=1)
def house_lexicon() -> Lexicon:
    return Lexicon(_house_phrases())


def lexicon_with(phrases: Iterable[tuple[str, str]]) -> Lexicon:
    """The house's lexicon and a caller's own words for the properties the house does not know."""
    own = list(phrases)
    return Lexicon([*_house_phrases(), *own]) if own else house_lexicon()
