"""Figures as pictures: a line in a few bytes of SVG, and costs by day stacked by group, as data for uPlot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from billing.pricing import MICRO, format_credits
from littlepull.portal.group_words import Named, name_group
from littlepull.templatetags.portal import shorten
from littlepull.usage import Grouping, Slot, Sums

WIDTH, HEIGHT, EDGE = 100, 24, 1.5
MOST_GROUPS = 5  # told apart by colour; the rest is one


@dataclass(frozen=True, slots=True)
class Line:
    """`path`: what an SVG path draws; empty where there is nothing to draw. `lowest` and `highest`: of the values."""

    path: str
    lowest: float
    highest: float


def draw_line(values: Sequence[float | None], *, bottom: float = 0.0) -> Line | None:
    """Gaps stay gaps. `bottom` is where the picture begins, or the lowest value where that is below it."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, high = min(bottom, *known), max(known)
    step, reach = WIDTH / max(len(values) - 1, 1), (high - low) or 1.0
    drawn, pen = [], "M"
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        y = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (value - low) / reach
        drawn.append(f"{pen}{place * step:.1f},{y:.1f}")
        alone = pen == "M" and (place + 1 == len(values) or values[place + 1] is None)
        drawn.append(f"h{min(step, 2):.1f}" if alone else "")
        pen = "L"
    return Line("".join(drawn), min(known), max(known))


@dataclass(frozen=True, slots=True)
class Stack:
    """One group's costs, in micro-credits, by period; `shade` is the number of its colour."""

    name: str
    shade: int
    costs: list[int]

    @property
    def total(self) -> int:
        return sum(self.costs)


@dataclass(frozen=True, slots=True)
class StackedCosts:
    periods: list[str]
    stacks: list[Stack]

    @property
    def total(self) -> int:
        return sum(stack.total for stack in self.stacks)

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The same as a table, of the periods in which anything was charged, in credits; the last cell is the sum."""
        table = []
        for place, period in enumerate(self.periods):
            costs = [stack.costs[place] for stack in self.stacks]
            if any(costs):
                table.append((show_period(period), [shorten(format_credits(cost)) for cost in [*costs, sum(costs)]]))
        return table

    def for_chart(self) -> dict[str, object]:
        """Credits as numbers: they are drawn, and not reckoned with."""
        return {
            "periods": [show_period(period) for period in self.periods],
            "names": [stack.name for stack in self.stacks],
            "credits": [[cost / MICRO for cost in stack.costs] for stack in self.stacks],
        }


def stack_costs(
    sums: Mapping[Slot, Sums], periods: list[str], *, by: Grouping, keys: Mapping[str, str]
) -> StackedCosts:
    """The dearest groups, the rest together; what cost nothing is not drawn."""
    costs: dict[Named, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for slot, some in sums.items():
        half = "gateway" if by == "key" else slot.half  # a key's costs are one, whichever half they are of
        costs[half, slot.name][slot.period] += some.credits
    ranked = sorted(costs.items(), key=lambda one: (-sum(one[1].values()), one[0]))
    charged = [(name_group(group, by, keys), row) for group, row in ranked if sum(row.values())]
    stacks = [
        Stack(name, shade, [row.get(period, 0) for period in periods])
        for shade, (name, row) in enumerate(charged[:MOST_GROUPS], 1)
    ]
    if rest := [row for _name, row in charged[MOST_GROUPS:]]:
        together = [sum(row.get(period, 0) for row in rest) for period in periods]
        stacks.append(Stack(_("%(count)d more") % {"count": len(rest)}, MOST_GROUPS + 1, together))
    return StackedCosts(periods, stacks)


def show_period(period: str) -> str:
    """An hour gets its minutes, so that it reads as a time."""
    return f"{period[11:]}:00" if len(period) > 10 else period
