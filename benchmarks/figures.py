"""What a benchmark found: figures beside the targets they are held to, never asserted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    target: str
    measured: str
    met: bool


@dataclass(slots=True)
class Figures:
    rows: list[Figure] = field(default_factory=list)

    def at_least(self, name: str, measured: float, target: float, unit: str = "x") -> None:
        self.rows.append(Figure(name, f">= {target:g}{unit}", f"{measured:.2f}{unit}", measured >= target))

    def at_most(self, name: str, measured: float, target: float, unit: str) -> None:
        self.rows.append(Figure(name, f"<= {target:g} {unit}", f"{measured:.2f} {unit}", measured <= target))

    def show(self) -> None:
        print(f"\n{'':<46}{'target':>14}{'measured':>14}")
        for row in self.rows:
            print(f"{row.name:<46}{row.target:>14}{row.measured:>14}  {'met' if row.met else 'NOT MET'}")


def compare(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """How many times as fast: by medians and by sums."""
    return median(theirs) / median(ours), sum(theirs) / sum(ours)
