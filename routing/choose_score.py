"""The figures of a candidate for a request, and the order that each policy makes of them. Pure arithmetic.

`auto` multiplies: the probability of a useful answer counts the more, the harder the request is; twice the cost or
twice the time take off a fixed share, whatever they are twice of. So the order does not hang on any currency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from routing.choose_values import Need, Sort
from routing.vitals import UNMEASURED, Vital
from routing.words import Policy, Task

if TYPE_CHECKING:
    from routing.catalogue import Offer

MICRO = 1_000_000
UNKNOWN_QUALITY = 400  # of a model that no table knows: below nearly all that one knows
# How long answers usually are, in tokens, where nothing bounds them.
TYPICAL_OUTPUT = {
    Task.CODING: 700,
    Task.MATH: 500,
    Task.REASONING: 500,
    Task.EXTRACTION: 200,
    Task.SUMMARIZATION: 250,
    Task.TRANSLATION: 300,
    Task.CLASSIFICATION: 20,
    Task.REWRITING: 300,
    Task.CREATIVE_WRITING: 800,
    Task.BRAINSTORMING: 500,
    Task.ROLEPLAY: 250,
    Task.CLOSED_QA: 120,
    Task.OPEN_QA: 350,
}
COST_WEIGHT = 0.3
TIME_WEIGHT = 0.1
LEAST_COST = 100  # micro-credits: below it nothing is cheaper, and what is free has no infinite advantage
EASY, HARD = 0.25, 0.85  # the quality at which every second answer is useful, by difficulty
WIDTH = 0.08
EASY_FLOOR, HARD_FLOOR = 350, 750  # what `cheapest` takes for good enough, by difficulty


@dataclass(slots=True)
class Figures:
    """`worth`: quality for this request, 0 to 1000, with the doubt about its task weighed in."""

    offer: Offer
    vital: Vital
    quality: int | None
    worth: float
    cost: int
    ms: int


def figures(offer: Offer, need: Need, vitals: Mapping[str, Vital]) -> Figures:
    vital = vitals.get(offer.id, UNMEASURED)
    output = min(TYPICAL_OUTPUT[need.task], need.max_output_tokens or MICRO)
    quality = offer.quality.get(need.task)
    return Figures(
        offer=offer,
        vital=vital,
        quality=quality,
        worth=_worth(offer, quality, need.confidence),
        cost=expected_cost(offer, need.input_tokens, output),
        ms=round(vital.expected_ms + 1000 * output / vital.tokens_per_second),
    )


def expected_cost(offer: Offer, input_tokens: int, output_tokens: int) -> int:
    """Micro-credits, rounded up."""
    price = offer.price
    if price is None or price.input is None or price.output is None:
        return 0
    return -((-input_tokens * price.input - output_tokens * price.output) // MICRO)


def _worth(offer: Offer, quality: int | None, confidence: float) -> float:
    level = UNKNOWN_QUALITY if offer.level is None else offer.level
    return confidence * (level if quality is None else quality) + (1 - confidence) * level


def believed_difficulty(need: Need) -> float:
    """What cannot be told is taken for middling."""
    return need.confidence * need.difficulty + (1 - need.confidence) * 0.5


def floor(need: Need) -> int:
    """The quality that `cheapest` takes for good enough."""
    return round(EASY_FLOOR + (HARD_FLOOR - EASY_FLOOR) * believed_difficulty(need))


def success(one: Figures, difficulty: float) -> float:
    """How probable a useful answer is: quality against what the request demands, and that it comes at all."""
    demand = EASY + (HARD - EASY) * difficulty
    good = 1 / (1 + exp(-(one.worth / 1000 - demand) / WIDTH))
    return max(good * (1 - one.vital.failure_rate), 0.001)


def usefulness(one: Figures, difficulty: float) -> float:
    """Usefulness for money and time, as a logarithm."""
    stakes = 1 + 9 * difficulty**2
    spent = COST_WEIGHT * log(max(one.cost, LEAST_COST)) + TIME_WEIGHT * log(max(one.ms, 1))
    return stakes * log(success(one, difficulty)) - spent


def order(need: Need, field: list[Figures]) -> list[tuple[Figures, int]]:
    """Best first, each with its score: 1000 for the first, less as the others fall behind it."""
    if need.named:
        return [(one, _share(one.worth, 1000)) for one in field]
    rank = SORTS[need.sort] if need.sort else POLICIES[need.policy]
    scored = rank(need, field)
    if need.order:
        scored.sort(key=lambda pair: _asked_place(pair[0].offer, need.order))  # stable: within each as it was
    return scored


def _asked_place(offer: Offer, asked: tuple[str, ...]) -> int:
    return min((at for at, name in enumerate(asked) if name in (offer.id, offer.provider)), default=len(asked))


def _auto(need: Need, field: list[Figures]) -> list[tuple[Figures, int]]:
    difficulty = believed_difficulty(need)
    useful = {one.offer.id: usefulness(one, difficulty) for one in field}
    best = max(useful.values(), default=0.0)
    ranked = sorted(field, key=lambda one: (-useful[one.offer.id], one.cost, one.offer.id))
    return [(one, round(1000 * exp(useful[one.offer.id] - best))) for one in ranked]


def _cheapest(need: Need, field: list[Figures]) -> list[tuple[Figures, int]]:
    """First those that are good enough, the cheapest leading; then the others, the best of them leading."""
    enough = floor(need)
    good = [one for one in field if one.worth >= enough]
    rest = [one for one in field if one.worth < enough]
    good.sort(key=lambda one: (one.cost, one.ms, one.offer.id))
    rest.sort(key=lambda one: (-one.worth, one.cost, one.offer.id))
    least = max(min((one.cost for one in field), default=0), LEAST_COST)
    return [(one, _share(least, max(one.cost, LEAST_COST))) for one in good + rest]


def _by_cost(need: Need, field: list[Figures]) -> list[tuple[Figures, int]]:
    ranked = sorted(field, key=lambda one: (one.cost, -one.worth, one.ms, one.offer.id))
    least = max(min((one.cost for one in field), default=0), LEAST_COST)
    return [(one, _share(least, max(one.cost, LEAST_COST))) for one in ranked]


def _by_time(need: Need, field: list[Figures]) -> list[tuple[Figures, int]]:
    ranked = sorted(field, key=lambda one: (one.ms / (1 - min(one.vital.failure_rate, 0.9)), one.cost, one.offer.id))
    least = min((one.ms for one in field), default=1)
    return [(one, _share(least, one.ms)) for one in ranked]


def _by_first_token(need: Need, field: list[Figures]) -> list[tuple[Figures, int]]:
    ranked = sorted(field, key=lambda one: (one.vital.expected_ms, one.cost, one.offer.id))
    least = min((one.vital.expected_ms for one in field), default=1.0)
    return [(one, _share(least, one.vital.expected_ms)) for one in ranked]


def _by_throughput(need: Need, field: list[Figures]) -> list[tuple[Figures, int]]:
    ranked = sorted(field, key=lambda one: (-one.vital.tokens_per_second, one.cost, one.offer.id))
    most = max((one.vital.tokens_per_second for one in field), default=1.0)
    return [(one, _share(one.vital.tokens_per_second, most)) for one in ranked]


def _best(need: Need, field: list[Figures]) -> list[tuple[Figures, int]]:
    ranked = sorted(
        field, key=lambda one: (-one.worth, round(one.vital.failure_rate, 1), one.cost, one.ms, one.offer.id)
    )
    return [(one, _share(one.worth, 1000)) for one in ranked]


def _share(part: float, whole: float) -> int:
    return min(1000, round(1000 * part / whole)) if whole else 0


Rank = Callable[[Need, list[Figures]], list[tuple[Figures, int]]]
POLICIES: dict[Policy, Rank] = {
    Policy.AUTO: _auto,
    Policy.CHEAPEST: _cheapest,
    Policy.FASTEST: _by_time,
    Policy.BEST: _best,
    Policy.NAMED: _auto,  # "named" without a name: whoever comes here has named nobody
}
SORTS: dict[Sort, Rank] = {"price": _by_cost, "latency": _by_first_token, "throughput": _by_throughput}
