"""The arithmetic of prices: pure, in integer micro-credits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

MICRO = 1_000_000  # micro-credits in a credit; a credit is worth one US cent


@dataclass(frozen=True, slots=True)
class PriceTable:
    """One version: micro-credits for a unit of each item."""

    version: int
    credits: Mapping[str, int]

    def of_reading(self, *, pages: int = 0, seconds: float = 0.0) -> int:
        """A page is charged whole, a recording by the second begun."""
        return pages * self.credits["page"] + ceil(seconds) * self.credits["audio_second"]

    def of_mapping(self, *, by_llm: bool) -> int:
        """The embedded mapper costs nothing of its own."""
        return self.credits["llm_mapping"] if by_llm else 0


def format_credits(micro: int) -> str:
    """Credits as the API shows them: a decimal string with six places."""
    sign, micro = ("-", -micro) if micro < 0 else ("", micro)
    return f"{sign}{micro // MICRO}.{micro % MICRO:06d}"


def parse_credits(text: str) -> int:
    """The exact inverse; raises ValueError for more than six places or anything not a number."""
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, _, places = digits.partition(".")
    if not (whole + places).isdecimal() or not whole or len(places) > 6 or not digits.isascii():
        raise ValueError("Credits are a decimal number with at most six places.")
    return sign * (int(whole) * MICRO + int(places.ljust(6, "0")))
