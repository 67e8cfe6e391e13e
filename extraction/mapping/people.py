"""Names and job titles that nothing labels: on a card, in a signature. Only where the paper is short."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.mapping.evidence import Candidate, cite
from extraction.mapping.layout import Cell
from extraction.mapping.lines import kind_of_line
from extraction.mapping.party_words import BUSINESS, has_legal_form
from extraction.mapping.reading import Reading

_SHORT_PAPER = 30  # lines; on longer papers a capitalised line may be anything
_JOB = re.compile(
    r"\b(?:manager|director|head of|engineer|developer|consultant|officer|president|partner|founder|"
    r"owner|sales|assistant|"
    r"analyst|designer|architect|attorney|lawyer|professor|teacher|nurse|physician|agent|"
    r"representative|executive|"
    r"supervisor|coordinator|specialist|technician|accountant|secretary|c[etfo]o|chief|vp|"
    r"leiter(?:in)?|geschäftsführer(?:in)?|"
    r"berater(?:in)?|ingenieur(?:in)?|vertrieb|referent(?:in)?|directeur|directrice|responsable|"
    r"ingénieur|gérant|conseiller|"
    r"gerente|ingeniero|jefe|direttore|responsabile|ingegnere|titolare|medewerker|adviseur|verkoop)\b",
    re.I,
)
_TITLE = r"(?:(?:Dr|Prof|Mr|Mrs|Ms|Dipl|Ing|Herr|Frau|Mme|M|Sr|Sra|Dott|Dr\.-Ing)\.?\s+)*"
_PART = r"[A-ZÀ-Þ](?:[\w'’-]*[\wà-ÿ]|\.)"
_NAME = re.compile(
    rf"^{_TITLE}{_PART}(?:\s+(?:van|von|de|der|den|da|di|la|le|bin|"
    rf"binti)\b)?(?:\s+{_PART}){{1,3}},?(?:\s+(?:PhD|MD|MBA|Jr\.?))?$"
)


def find_people(reading: Reading) -> Iterator[Candidate]:
    for rank, cell in enumerate(_lines(reading)):
        text = cell.line.text.strip()
        plain = not has_legal_form(text) and not set(cell.words) & BUSINESS and not _JOB.search(text)
        if plain and _NAME.match(text) and kind_of_line(reading, cell) == "name":
            large = cell.height >= 1.2 * reading.sheet.line_height[cell.page.number]
            beside_job = _job_below(reading, cell)
            yield _whole(cell, 0.5 + (0.25 if beside_job else 0.0) + (0.1 if large else 0.0) - 0.01 * rank)


def find_jobs(reading: Reading) -> Iterator[Candidate]:
    for cell in _lines(reading):
        if _JOB.search(cell.text) and len(cell.words) <= 8 and kind_of_line(reading, cell) in ("name", "till"):
            yield _whole(cell, 0.7)


def _lines(reading: Reading) -> list[Cell]:
    cells = reading.sheet.cells
    return cells if len(cells) <= _SHORT_PAPER else []


def _job_below(reading: Reading, cell: Cell) -> bool:
    return any(_JOB.search(other.text) for other in reading.sheet.below(cell, reach=2.5)[:1])


def _whole(cell: Cell, label: float) -> Candidate:
    return Candidate(cell.line.text.strip(), (cite(cell.page, cell.line),), cell.line.confidence, label)
