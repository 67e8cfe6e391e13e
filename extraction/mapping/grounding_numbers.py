"""Finding a number by its value, in any notation and script; not inside a date, a time or a telephone number."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from extraction.mapping.parse.any_notation import plain_digits
from extraction.mapping.parse.numbers import find_amounts, to_decimal
from extraction.mapping.parse.spoken import find_numbers
from extraction.mapping.searchable import Grounding, Searchable

WRONG_SIGN = 0.8  # a weak witness: "discount 5.00" for -5
IN_WORDS = 0.95


def find_number(value: Any, text_of: Searchable) -> Grounding | None:
    wanted = _as_number(value)
    if wanted is None:
        return None
    for sign in (1, -1):
        for stretch, amounts in zip(text_of.stretches, text_of.amounts, strict=True):
            for one in amounts:
                if one.value == wanted * sign or (one.percent and one.value / 100 == wanted):
                    return Grounding(True, 1.0 if sign == 1 else WRONG_SIGN, (stretch.cite(one.start, one.end),))
            for spoken in find_numbers(stretch.text) if stretch.talk else ():
                if spoken.digits == str(wanted * sign):
                    return Grounding(True, IN_WORDS, (stretch.cite(spoken.start, spoken.end),))
    return None


def _as_number(value: Any) -> Decimal | None:
    text = plain_digits(str(value).strip())
    try:
        number = Decimal(text)
    except InvalidOperation:
        found = find_amounts(text)
        return found[0].value if len(found) == 1 else to_decimal(text)
    return number if number.is_finite() else None
