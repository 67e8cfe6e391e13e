"""A decision in a sentence or two, built from its figures and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from billing.pricing import format_credits
from routing.choose_values import Left, Need, Placed
from routing.words import Exclusion, Policy

WHY = {
    Exclusion.NOT_CONFIGURED: "no key for its provider here",
    Exclusion.DISABLED: "switched off",
    Exclusion.CAPABILITY: "cannot do what the request brings or asks for",
    Exclusion.CONTEXT: "the request is too long for it",
    Exclusion.PRICE_CAP: "dearer than allowed",
    Exclusion.PRICE_UNKNOWN: "its price is unknown",
    Exclusion.TRAINS: "not known to refrain from training on requests",
    Exclusion.RETENTION: "not known to forget requests as soon as asked for",
    Exclusion.REGION: "not in an allowed region",
    Exclusion.CIRCUIT_OPEN: "failing at the moment",
    Exclusion.RATE_LIMIT: "rate limit nearly used up",
}
NAMED_AT_MOST = 3
SORTED = {"price": "lowest price", "throughput": "highest throughput", "latency": "shortest time to the first token"}


def explain(
    need: Need,
    ranked: Sequence[Placed],
    left: Sequence[Left],
    *,
    enough: int = 0,
    good: int = 0,
    explored: bool = False,
    affine: bool = False,
) -> str:
    """`enough`: the quality that `cheapest` took for good enough; `good`: how many reach it."""
    if not ranked:
        return explain_nobody(left)
    first = ranked[0]
    if affine:
        why = "the model of this session, kept for its prompt cache"
    elif explored:
        why = "tried before its near equals, to learn how it does"
    else:
        why = _by_policy(need, ranked, enough, good)
    return f"{first.model}: {why}; {_figures(need, first)}{_without(left)}."


def explain_nobody(left: Sequence[Left]) -> str:
    why = _without(left) or "; no model is configured here that it could be given to"
    return f"Nobody can serve this request{why}."


def _by_policy(need: Need, ranked: Sequence[Placed], enough: int, good: int) -> str:
    task, among = need.task.replace("_", " "), _models(len(ranked))
    if need.named:
        return f"named by the caller, first of {among} that can serve it" if len(ranked) > 1 else "named by the caller"
    if need.order:
        return f"first of {among} in the order asked for"
    if need.sort:
        return f"{SORTED[need.sort]} of {among}"
    if need.policy == Policy.CHEAPEST:
        if good:
            return f"cheapest of {_models(good)} that do {task} at {enough} or more of 1000"
        return f"the best there is, as none of {among} does {task} at {enough} or more of 1000"
    if need.policy == Policy.FASTEST:
        return f"fastest of {among}"
    if need.policy == Policy.BEST:
        return f"best at {task} of {among}"
    return f"most useful for its price and time of {among} for {task} of difficulty {need.difficulty:.2f}"


def _models(number: int) -> str:
    return "1 model" if number == 1 else f"{number} models"


def _figures(need: Need, one: Placed) -> str:
    quality = "unknown" if one.quality is None else f"{one.quality} of 1000"
    cost, seconds = format_credits(one.expected_cost), one.expected_ms / 1000
    return f"quality for {need.task.replace('_', ' ')} {quality}, about {cost} credits and {seconds:.1f} s"


def _without(left: Sequence[Left]) -> str:
    said = [f"{one.model} excluded: {WHY[one.excluded]}" for one in left[:NAMED_AT_MOST]]
    if len(left) > NAMED_AT_MOST:
        said.append(f"and {len(left) - NAMED_AT_MOST} more excluded")
    return "".join(f"; {one}" for one in said)
