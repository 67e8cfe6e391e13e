"""The sums of a paper: every labelled amount with its role, and the ones that fit together best.

Net + tax = total, cash - change = total, and the same amount said twice are what an
accountant checks; here they decide between candidates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from extraction.mapping.amount_words import SUMMARY, TAX
from extraction.mapping.evidence import Candidate, cite
from extraction.mapping.layout import Cell, Row, overlap
from extraction.mapping.money_roles import role_of
from extraction.mapping.parse.numbers import Amount
from extraction.mapping.reading import Reading
from extraction.mapping.words import words

_CENT = Decimal("0.02")
_MAX_SUMS = 400


@dataclass(frozen=True, slots=True)
class Sum:
    role: str
    strength: float
    amount: Amount
    cell: Cell
    size: float = 1.0  # height of the print relative to the page's usual

    @property
    def value(self) -> Decimal:
        return self.amount.value


def find_sums(reading: Reading) -> list[Sum]:
    """Every amount of the paper that a label gives a role, in reading order."""
    found: list[Sum] = []
    fading = 0
    for index, row in enumerate(reading.sheet.rows):
        fading = _summary_zone(reading, row, fading)
        for one in [*_on_row(reading, row), *_under_header(reading, row), *_next_row(reading, index)]:
            found.append(_weaker(one, 0.5) if fading else one)
        if len(found) > _MAX_SUMS:
            break
    return found


def _weaker(one: Sum, factor: float) -> Sum:
    return Sum(one.role, one.strength * factor, one.amount, one.cell, one.size)


def _summary_zone(reading: Reading, row: Row, left: int) -> int:
    """Rows still to come of a tax summary, whose totals are not the paper's totals."""
    said = {word for cell in row.cells for word in cell.words}
    if said & SUMMARY and (said & TAX or any("steuer" in word for word in said)):
        return 7
    plain = len(row.cells) == 1 and not reading.row_money(row) and not said & TAX and left < 6
    return 0 if plain else max(left - 1, 0)


def _on_row(reading: Reading, row: Row) -> Iterator[Sum]:
    label: list[str] = []
    group: list[Sum] = []
    for cell in row.cells:
        amounts = _plausible(reading, cell)
        first = amounts[0].start if amounts else len(cell.text)
        before = list(words(cell.text[:first]))
        if group and any(word.isalpha() for word in before):
            yield from _spread(group)
            label, group = [], []
        label += before
        for amount in amounts:
            role = role_of(tuple(label), repair=cell.page.source == "ocr")
            if role:
                group.append(_sum(reading, role, amount, cell))
    yield from _spread(group)


def _plausible(reading: Reading, cell: Cell) -> list[Amount]:
    """Money, or a bare number that is the whole of its cell (some print no decimals)."""
    money = reading.money(cell)
    if money:
        return money
    return [
        one for one in reading.amounts(cell) if not one.percent and one.end - one.start >= len(cell.text.strip()) - 1
    ]


def _spread(group: list[Sum]) -> Iterator[Sum]:
    """One label before several amounts: the last is most often the sum, the others columns of it."""
    for index, one in enumerate(group):
        last = index == len(group) - 1
        yield one if len(group) == 1 else _weaker(one, 0.85 if last else 0.5)


def _sum(reading: Reading, role: tuple[str, float], amount: Amount, cell: Cell) -> Sum:
    strength = role[1] * (1.0 if amount.decimals or amount.currency else 0.6)
    return Sum(role[0], strength, amount, cell, cell.height / reading.sheet.line_height[cell.page.number])


def _under_header(reading: Reading, row: Row) -> Iterator[Sum]:
    """Sums printed as a small table: labels in one row, amounts in the rows below, the last row their sum."""
    if len(row.cells) < 3 or reading.row_money(row):
        return
    for cell in row.cells:
        role = role_of(cell.words, repair=cell.page.source == "ocr")
        column = _column_below(reading, cell) if role else []
        if role and column:
            strength = role[1] * 0.85
            yield _sum(reading, (role[0], strength), column[-1][1], column[-1][0])


def _column_below(reading: Reading, cell: Cell) -> list[tuple[Cell, Amount]]:
    found, edge = [], cell.box[3]
    step = reading.sheet.line_height[cell.page.number] * 3.6
    for other in reading.sheet.below(cell, reach=16):
        if other.box[1] - edge > step:
            break
        if overlap(cell.box, other.box) < 0.5:
            continue
        money = reading.money(other)
        if not money:
            break
        found.append((other, money[-1]))
        edge = other.box[3]
    return found


def _next_row(reading: Reading, index: int) -> Iterator[Sum]:
    """A label alone on its row and an amount alone on the next: a slanted photograph."""
    rows = reading.sheet.rows
    row = rows[index]
    if len(row.cells) != 1 or index + 1 >= len(rows) or reading.amounts(row.cells[0]):
        return
    below = rows[index + 1]
    role = role_of(row.cells[0].words, repair=row.page.source == "ocr")
    close = below.top - row.bottom < reading.sheet.line_height[row.page.number]
    if role and below.page is row.page and close and not any(c.words[0].isalpha() for c in below.cells if c.words):
        money = reading.row_money(below)
        if money:
            yield _sum(reading, (role[0], role[1] * 0.7), money[-1][1], money[-1][0])


@dataclass(slots=True)
class Books:
    """The sums of one paper, with what speaks for each being the final total."""

    sums: list[Sum]

    def of(self, *roles: str) -> list[Sum]:
        return [one for one in self.sums if one.role in roles]

    def candidates(self, role: str) -> list[Candidate]:
        """Candidates for a role, best first, with `label` as the score."""
        if role == "total":
            scored = self._totals()
        elif role == "amount_due":
            scored = [(one, one.strength) for one in self.of("amount_due")] or [
                (one, s * 0.8) for one, s in self._totals()
            ]
        elif role in ("subtotal", "tax"):
            scored = self._fitting(role)
        else:
            scored = [(one, one.strength) for one in self.of(role)]
        ranked = sorted(scored, key=lambda pair: pair[1], reverse=True)
        return [_candidate(one, score) for one, score in ranked]

    def _totals(self) -> list[tuple[Sum, float]]:
        till = bool(self.of("change", "rounding"))
        scored = []
        for one in self.of("total", "amount_due"):
            base = one.strength * (1.0 if one.role == "total" or till else 0.85)
            scored.append((one, self._judged(one, base)))
        # What was handed over less what came back is the total, even where its own line was not read.
        unsaid = not any(self._settles(one.value) for one, _ in scored)
        if scored and unsaid and any(change.value == 0 for change in self.of("change")):
            scored += [(one, self._judged(one, one.strength * 0.6)) for one in self.of("cash")]
        if not scored:
            scored = [(one, self._judged(one, one.strength * 0.5)) for one in self.of("subtotal")]
            scored += [(one, self._judged(one, one.strength * 0.3)) for one in self.of("cash") if not self.of("change")]
        return scored

    def _judged(self, one: Sum, base: float) -> float:
        """`base` with what the other sums, the size of the print and the place on the page add."""
        spoken = {o.cell.order for o in self.of("total", "amount_due", "cash") if o.value == one.value}
        score = base + 0.08 * min(len(spoken) - 1, 2)
        score += 0.1 if one.size >= 1.25 else 0.0
        score += 0.2 if self._settles(one.value) else 0.0
        score += 0.12 if self._adds_up(one.value) else 0.0
        score += 0.04 * self.sums.index(one) / len(self.sums)
        return score - (0.4 if one.value == 0 else 0.0)

    def _settles(self, value: Decimal) -> bool:
        changes = [one.value for one in self.of("change")]
        return any(cash.value - change == value for cash in self.of("cash") for change in changes)

    def _adds_up(self, value: Decimal) -> bool:
        taxes = [one.value for one in self.of("tax") if one.value]
        nets = [one.value for one in self.of("subtotal")]
        return any(abs(net + tax - value) <= _CENT for net in nets for tax in taxes)

    def _fitting(self, role: str) -> list[tuple[Sum, float]]:
        """Net or tax: those that, with the other, make the total stand out."""
        totals = sorted(self._totals(), key=lambda pair: -pair[1])[:1]
        total = totals[0][0].value if totals else None
        others = [one.value for one in self.of("tax" if role == "subtotal" else "subtotal")]
        scored = []
        for one in self.of(role):
            fits = total is not None and any(abs(one.value + other - total) <= _CENT for other in others)
            scored.append((one, one.strength + (0.25 if fits else 0.0)))
        return scored


def _candidate(one: Sum, score: float) -> Candidate:
    citation = cite(one.cell.page, one.cell.line, one.amount.start, one.amount.end)
    return Candidate(one.amount, (citation,), one.cell.line.confidence, min(score, 1.25) / 1.25)
