"""How a slip was paid and what kind of paper it is, where no label says so: by the words themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.mapping.evidence import Candidate, cite
from extraction.mapping.party_words import HEADING
from extraction.mapping.reading import Reading

_MEANS = re.compile(
    r"(?<![^\W\d_])(?:visa(?: debit)?|master\s?card|amex|american express|maestro|girocard|ec[ -]karte|"
    r"credit card|debit card|"
    r"paypal|apple pay|google pay|alipay|grabpay|cheque|cash|bargeld|bar|carte bancaire|cb|espèces|"
    r"efectivo|tarjeta|contanti|"
    r"carta di credito|bancomat|contant|pin(?:pas)?|überweisung|virement|bonifico|transferencia|"
    r"ideal)(?![^\W\d_])",
    re.I,
)
_PAPERS = re.compile(r"^\W*(?:passport|reisepass|passeport|personalausweis|identity card|driving "
    r"licen[cs]e|driver'?s? licen[cs]e|führerschein|permis de conduire|carte d'identité)\W*$", re.I)  # fmt: skip


def find_means(reading: Reading) -> Iterator[Candidate]:
    """The means named on a row of money: "VISA TEND 9.31", "Carte bancaire 3,50 €"."""
    for row in reading.sheet.rows:
        match = next(((cell, m) for cell in row.cells if (m := _MEANS.search(cell.text))), None)
        if match and reading.row_money(row):
            cell, found = match
            citation = cite(cell.page, cell.line, found.start(), found.end())
            yield Candidate(cell.line.text[found.start() : found.end()], (citation,), cell.line.confidence, 0.75)


def find_headings(reading: Reading) -> Iterator[Candidate]:
    """What the paper calls itself, near its top."""
    for cell in reading.sheet.cells[:25]:
        if len(cell.text) <= 60 and (HEADING.match(cell.text) or _PAPERS.match(cell.text)):
            yield Candidate(cell.line.text.strip(" :#"), (cite(cell.page, cell.line),), cell.line.confidence, 0.7)
