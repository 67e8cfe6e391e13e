"""The machine-readable zone of passports and identity cards (ICAO 9303): two lines of 44 or three of 30 characters.

Check digits tell a good reading from a bad one, so what stands here needs no label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from extraction.mapping.evidence import Candidate, cite
from extraction.mapping.kinds import Read
from extraction.mapping.layout import Cell
from extraction.mapping.reading import Reading

_BOOKLET = re.compile(
    r"^(?P<number>[A-Z0-9<]{9})(?P<number_check>\d)(?P<nationality>[A-Z<]{3})(?P<birth>\d{6})(?P<birth_check>\d)"
    r"(?P<sex>[MFX<])(?P<expiry>\d{6})(?P<expiry_check>\d)"
)
_CARD = re.compile(
    r"^(?P<birth>\d{6})(?P<birth_check>\d)(?P<sex>[MFX<])(?P<expiry>\d{6})(?P<expiry_check>\d)(?P<nationality>[A-Z<]{3})"
)
_CARD_NUMBER = re.compile(r"^[IAC][A-Z0-9<][A-Z<]{3}(?P<number>[A-Z0-9<]{9})(?P<number_check>\d)")
_NAMES = re.compile(
    r"^(?:[PIACV][A-Z<][A-Z]{1,3}<{0,2})?(?P<surname>[A-Z]+(?:<[A-Z]+)*)<<(?P<given>[A-Z]+(?:<[A-Z]+)*)<*$"
)
_HOLDER = re.compile(r"^[PV][A-Z<][A-Z<]{3}(?P<surname>[A-Z]+(?:<[A-Z]+)*)<<(?P<given>[A-Z]+(?:<[A-Z]+)*)")
CONCEPTS_OF = {
    "surname": "surname", "given_name": "given", "document_number": "number", "birth_date": "birth",
    "expiry_date": "expiry", "nationality": "nationality", "sex": "sex",
}  # fmt: skip
_WEIGHTS = (7, 3, 1)


def find_in_zone(reading: Reading, concept: str) -> Iterator[tuple[Candidate, Read]]:
    group = CONCEPTS_OF[concept]
    found = _zone(reading)
    if group not in found:
        return
    cell, raw, sound = found[group]
    text = cell.line.text
    at = max(text.find(raw), 0)
    citation = cite(cell.page, cell.line, at, at + len(raw) if raw in text else len(text))
    value = _date(raw, found) if group in ("birth", "expiry") else " ".join(raw.replace("<", " ").split())
    if value:
        validity = 1.0 if sound else 0.6
        yield Candidate(value, (citation,), cell.line.confidence, 0.8, validity), Read(value, 0, 0, validity, raw)


def _zone(reading: Reading) -> dict[str, tuple[Cell, str, bool]]:
    """Each part of the zone: where it stands, its characters, and whether its check digit agrees."""
    found: dict[str, tuple[Cell, str, bool]] = {}
    lines = [cell for cell in reading.sheet.cells[-40:] if _machine_like(cell)]
    patterns = (_BOOKLET, _CARD, _CARD_NUMBER)
    for cell in lines:
        text = _squeezed(cell)
        for match in (match for pattern in patterns if (match := pattern.match(text))):
            parts = match.groupdict()
            for name, raw in parts.items():
                check = parts.get(f"{name}_check")
                if not name.endswith("_check"):
                    found.setdefault(name, (cell, raw, check is None or check == _check_digit(raw)))
    if not found and not any(_HOLDER.match(_squeezed(cell)) for cell in lines):
        return {}
    for cell in lines:
        text = _squeezed(cell)
        if match := _HOLDER.match(text) or (_NAMES.match(text) if "birth" in found else None):
            for name, raw in match.groupdict().items():
                found.setdefault(name, (cell, raw, True))
    return found


def _squeezed(cell: Cell) -> str:
    return cell.line.text.replace(" ", "").replace("«", "<<")


def _machine_like(cell: Cell) -> bool:
    text = _squeezed(cell)
    return (
        24 <= len(text) <= 48
        and "<" in text
        and all(char.isdigit() or char == "<" or "A" <= char <= "Z" for char in text)
    )


def _check_digit(text: str) -> str:
    values = (0 if char == "<" else int(char, 36) for char in text)
    return str(sum(value * _WEIGHTS[index % 3] for index, value in enumerate(values)) % 10)


def _date(raw: str, found: dict[str, tuple[Cell, str, bool]]) -> date | None:
    """Years have two digits: validity ends in this century, and a birth comes before it."""
    year = 2000 + int(raw[:2])
    if raw == found["birth"][1] and raw > found["expiry"][1]:
        year -= 100
    try:
        return date(year, int(raw[2:4]), int(raw[4:]))
    except ValueError:
        return None
