"""What mapping answers: the object asked for, and one account per leaf of where it came from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from extraction.recognized import Box

Reason = Literal["not_found", "ungrounded", "invalid", "unreadable"]


def escaped(name: str) -> str:
    """A property's name as one step of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


@dataclass(frozen=True, slots=True)
class PageCitation:
    page: int
    bbox: Box
    text: str


@dataclass(frozen=True, slots=True)
class TimeCitation:
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """One leaf of the result. `pointer` is a JSON Pointer into the data.

    A value that nothing supports is None with confidence 0 and a `reason`.
    """

    pointer: str
    value: Any
    confidence: float
    citations: tuple[PageCitation | TimeCitation, ...] = ()
    grounded: bool = True
    reason: Reason | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Mapped:
    """`data` satisfies the schema as far as the media supports it; validation is the pipeline's."""

    data: Any
    fields: tuple[Field, ...]
    mapper: str  # "embedded" or "provider/model"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
