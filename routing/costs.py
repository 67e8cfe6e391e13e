"""What a request costs: pure arithmetic in integers of micro-credits, rounded up once."""

from __future__ import annotations

from dataclasses import dataclass

from routing.catalogue import Price
from routing.contracts import Usage

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """The parts sum to the total."""

    total: int = 0
    input: int = 0
    cached: int = 0
    cache_write: int = 0
    output: int = 0


def worst_cost(price: Price, *, input_tokens: int, output_tokens: int) -> int:
    """Every token of the input at the dearest of its prices."""
    dearest = max(price.input or 0, price.cached_input or 0, price.cache_write or 0)
    return -(-(input_tokens * dearest + output_tokens * (price.output or 0)) // MILLION)


def cost_of(price: Price, usage: Usage, *, at_most: int) -> Cost:
    """`at_most`: what was reserved. Nobody pays more, whatever a provider says it counted."""
    fresh = max(0, usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens)
    ordinary = price.input or 0
    exact = {
        "input": fresh * ordinary,
        "cached": usage.cached_tokens * (ordinary if price.cached_input is None else price.cached_input),
        "cache_write": usage.cache_write_tokens * (ordinary if price.cache_write is None else price.cache_write),
        "output": usage.output_tokens * (price.output or 0),
    }
    total = min(-(-sum(exact.values()) // MILLION), at_most)
    parts = {name: part // MILLION for name, part in exact.items()}
    dearest = max(parts, key=lambda name: exact[name])
    parts[dearest] += total - sum(parts.values())
    return Cost(total, **parts)
