"""Amounts and numbers in the notations 1.234,56 / 1,234.56 / 1 234,56, with signs, parentheses and currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from extraction.mapping.parse.currencies import CODES, SIGN, SIGNS

# Groups of three, or of two before the last three as in India.
_GROUPED = (
    r"\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,4})?"
    r"|\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,4})?|\d{1,3}(?: \d{3})+,\d{2}"
)
_NUMBER = rf"(?:{_GROUPED}|\d+(?:[.,]\d{{1,6}})?|(?<!\w)[.,]\d{{2}})"
_CURRENCY = rf"{SIGN}|(?:{'|'.join(sorted(CODES))})(?![A-Za-z])"
AMOUNT = re.compile(
    rf"(?P<open>\()?(?P<minus>(?<![\w.])[-−–]\s?)?(?P<before>(?<![A-Za-z])(?:{_CURRENCY}))?\s?(?P<inner>[-−]\s?)?"
    rf"(?<![\d.,])(?P<number>{_NUMBER})(?![\d])(?P<after>\s?(?:{_CURRENCY})(?![A-Za-z]))?(?P<trail>-(?![\w]))?(?P<close>\))?"
    rf"(?P<percent>\s?%)?"
)
# "RMI11.90", "l2.5O": letters a recogniser puts for digits, repaired only inside what is clearly an amount.
_CONFUSED = re.compile(r"(?:(?<=RM)|(?<=[$€£])|(?<![A-Za-z\d]))[\dOoIl|SB]*[.,][\dOoIl|SB]{2}(?![A-Za-z\d])")
_DIGITS = str.maketrans("OoIl|SB", "0011158")


@dataclass(frozen=True, slots=True)
class Amount:
    value: Decimal
    start: int
    end: int
    text: str  # the number as printed, without its currency
    decimals: int
    currency: str | None = None
    percent: bool = False


def find_amounts(text: str, *, decimal: str | None = None) -> list[Amount]:
    """Every number in `text`. `decimal` is the page's decimal mark, where it is known."""
    return [amount for match in AMOUNT.finditer(text) if (amount := _amount(match, decimal))]


def _amount(match: re.Match[str], decimal: str | None) -> Amount | None:
    value = to_decimal(match["number"], decimal=decimal)
    if value is None:
        return None
    negative = match["minus"] or match["inner"] or match["trail"] or (match["open"] and match["close"])
    sign = (match["before"] or match["after"] or "").strip()
    start = (
        match.start("minus") if match["minus"] else match.start("before") if match["before"] else match.start("number")
    )
    end = match.end("after") if match["after"] else match.end("number")
    text = ("-" if negative else "") + match["number"]
    places = -int(value.as_tuple().exponent)
    currency = SIGNS.get(sign, sign) or None
    return Amount(-value if negative else value, start, end, text, places, currency, bool(match["percent"]))


def to_decimal(token: str, *, decimal: str | None = None) -> Decimal | None:
    """A bare number token as a Decimal; None where it is no number."""
    if token.isdecimal():
        return Decimal(token)
    token = re.sub(r"[\s'’\u00a0\u202f]", "", token)
    marks = [char for char in token if char in ".,"]
    if marks:
        token = _with_point(token, marks, decimal)
    try:
        return Decimal(token)
    except InvalidOperation:
        return None


def _with_point(token: str, marks: list[str], decimal: str | None) -> str:
    last = marks[-1]
    if len(set(marks)) == 2:
        point = last
    elif len(marks) > 1:
        point = ""
    else:
        whole, _, fraction = token.partition(last)
        thousands = len(fraction) == 3 and 1 <= len(whole) <= 3 and whole != "0"
        point = "" if thousands and last != decimal else last
    return "".join("." if char == point else "" if char in ".," else char for char in _last_only(token, point))


def _last_only(token: str, point: str) -> str:
    if not point:
        return token
    head, _, tail = token.rpartition(point)
    return head.replace(point, "") + point + tail


def decimal_mark(text: str) -> str | None:
    """The decimal mark of a page, by majority of its two-decimal amounts; None where there are none."""
    commas = len(re.findall(r"\d,\d{2}(?![\d.])", text))
    points = len(re.findall(r"\d\.\d{2}(?![\d.,])", text))
    if commas == points:
        return None
    return "," if commas > points else "."


def repair_digits(text: str) -> str:
    """Letters read for digits inside amounts, put right without changing the length of the text."""
    return _CONFUSED.sub(lambda match: _repaired(match[0]), text)


def _repaired(token: str) -> str:
    digits = sum(char.isdigit() for char in token)
    return token.translate(_DIGITS) if digits * 2 >= len(token) - 1 else token
