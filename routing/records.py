"""What is noted of a request when it has ended, column by column: numbers, and words of our lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from routing.choose import Decision
from routing.contracts import Usage
from routing.costs import Cost
from routing.words import Outcome

NO_USAGE, FREE = Usage(), Cost()
MOST = 2**31 - 1  # of a column; a provider may say anything


@dataclass(frozen=True, slots=True)
class Tried:
    """One try at one candidate. Times in seconds."""

    model: str
    outcome: str
    status: int | None
    latency: float
    first_token: float | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a request ended. `model`: who answered."""

    status: str
    outcome: str = Outcome.OK.value
    model: str | None = None
    usage: Usage = NO_USAGE
    estimated: bool = False
    finish: str = ""
    cost: Cost = FREE
    first_token: float | None = None


def attempt_rows(tries: Sequence[Tried]) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "model_id": one.model,
            "outcome": one.outcome,
            "status": one.status,
            "latency_ms": _ms(one.latency),
            "first_token_ms": None if one.first_token is None else _ms(one.first_token),
        }
        for number, one in enumerate(tries, 1)
    ]


def weighed_rows(decision: Decision) -> list[dict[str, Any]]:
    ranked = [
        {
            "model_id": one.model,
            "rank": one.rank,
            "score": one.score,
            "quality": one.quality,
            "expected_cost": one.expected_cost,
            "expected_ms": min(one.expected_ms, MOST),
        }
        for one in decision.ranked
    ]
    return [*ranked, *({"model_id": one.model, "excluded": one.excluded.value} for one in decision.excluded)]


def ended_columns(ended: Ended) -> dict[str, Any]:
    usage, cost = ended.usage, ended.cost
    return {
        "status": ended.status,
        "outcome": ended.outcome,
        "model_id": ended.model,
        "finish": ended.finish,
        "input_tokens": min(usage.input_tokens, MOST),
        "cached_tokens": min(usage.cached_tokens, MOST),
        "cache_write_tokens": min(usage.cache_write_tokens, MOST),
        "output_tokens": min(usage.output_tokens, MOST),
        "estimated_tokens": ended.estimated,
        "cost": cost.total,
        "cost_input": cost.input,
        "cost_cached": cost.cached,
        "cost_cache_write": cost.cache_write,
        "cost_output": cost.output,
        "first_token_ms": None if ended.first_token is None else _ms(ended.first_token),
    }


def _ms(seconds: float) -> int:
    return min(round(1000 * seconds), MOST)
