"""What a choice is made from and what it is: plain values, written down with every generation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from routing.words import Exclusion, Policy, Task

Sort = Literal["price", "throughput", "latency"]


@dataclass(frozen=True, slots=True)
class Need:
    """One request, as far as the choice of its model goes.

    `input_tokens`: as many as are likely. `max_output_tokens`: None where the caller named no bound. Price caps are
    micro-credits for a million tokens. `only`, `ignore` and `order` name providers or models. Whoever names a
    `model`, or `models` in an order, gets that order.
    """

    task: Task
    difficulty: float = 0.5
    input_tokens: int = 0
    max_output_tokens: int | None = None
    tools: bool = False
    structured: bool = False
    vision: bool = False
    streaming: bool = False
    policy: Policy = Policy.AUTO
    model: str | None = None
    models: tuple[str, ...] = ()
    deny_training: bool = False
    max_retention_days: int | None = None
    regions: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    max_price_input: int | None = None
    max_price_output: int | None = None
    sort: Sort | None = None
    order: tuple[str, ...] = ()
    confidence: float = 1.0

    @property
    def named(self) -> tuple[str, ...]:
        """The models the caller named, each once, in their order."""
        return tuple(dict.fromkeys((self.model, *self.models) if self.model else self.models))


@dataclass(frozen=True, slots=True)
class Placed:
    """A candidate in its place. `score` 0 to 1000 by what the order went by; `expected_cost` in micro-credits."""

    model: str
    rank: int
    score: int
    quality: int | None
    expected_cost: int
    expected_ms: int


@dataclass(frozen=True, slots=True)
class Left:
    """A candidate that was not in the running, and why."""

    model: str
    excluded: Exclusion


@dataclass(frozen=True, slots=True)
class Decision:
    """`explored`: the first is not the best known, to learn more. `affine`: it is the session's model."""

    ranked: tuple[Placed, ...]
    excluded: tuple[Left, ...]
    explored: bool = False
    affine: bool = False
    reason: str = ""
