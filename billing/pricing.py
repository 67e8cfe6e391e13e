"""The arithmetic of prices: pure, in integer micro-credits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

MICRO = 1_000_000  # micro-credits in a credit; a credit is worth one US cent
PLACES = {  # digits behind the point, where a currency has not two (ISO 4217)
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


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

    def with_margin(self, price: int) -> int:
        """What a model provider's price becomes here, rounded up. Tables from before there was a margin have none."""
        return price - (-price * self.credits.get("gateway_margin", 0) // MICRO)


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


def format_dollars(micro: int) -> str:
    """What credits are worth, exactly, with as many places as that takes and two at least."""
    whole, _, places = _with_point(micro, 8).partition(".")
    return f"${whole}.{places.rstrip('0').ljust(2, '0')}"


def format_money(amount: int, currency: str) -> str:
    """Of the currency's smallest unit."""
    return f"{_with_point(amount, PLACES.get(currency, 2))} {currency}".strip()


def parse_money(amount: Decimal, currency: str) -> int:
    """The exact inverse; raises ValueError for a part of the smallest unit."""
    minor = amount.scaleb(PLACES.get(currency, 2))
    if minor != minor.to_integral_value():
        raise ValueError("This currency has no such small part.")
    return int(minor)


def _with_point(amount: int, places: int) -> str:
    sign, digits = ("-" if amount < 0 else ""), str(abs(amount)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
