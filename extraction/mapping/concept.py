"""What papers can tell, as one kind of value with the words for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concept:
    kind: str
    names: tuple[str, ...]
    labels: tuple[str, ...]


def concept(kind: str, names: str, *labels: str) -> Concept:
    return Concept(kind, split(names), tuple(label for group in labels for label in split(group)))


def split(phrases: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in phrases.split("|") if phrase.strip())
