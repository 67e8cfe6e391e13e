"""What a promise is, and what looking at it brings to light."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import TextChoices


class Document(TextChoices):
    """The two policies that this product keeps, as they were given to it."""

    LITTLEPULL = "littlepull", "LittlePull's privacy policy"
    PELLET = "pellet", "Pellet's privacy policy"


@dataclass(frozen=True, slots=True)
class Finding:
    """`evidence`: what shows that the promise is kept. `faults`: else, how it is broken; about nobody by name."""

    evidence: str
    faults: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        return not self.faults


Check = Callable[[], Finding]


@dataclass(frozen=True, slots=True)
class Promise:
    """`quote`: the policy's own words. `means`: what we hold ourselves to, where that is stricter or plainer."""

    code: str
    document: Document
    quote: str
    check: Check
    means: str = ""


def found(evidence: str, faults: Iterable[str] = ()) -> Finding:
    broken = tuple(faults)
    return Finding("" if broken else evidence, broken)


def some(count: int, words: str) -> list[str]:
    """A fault of so many, where there are any."""
    return [f"{count} {words}"] if count else []
