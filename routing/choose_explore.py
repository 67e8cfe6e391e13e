"""Exploration: a small, bounded share of requests goes to a near equal of the best, so that we learn how it does.

Thompson sampling: each of the tier draws from what is known of it, and the luckiest is tried first. What is known
are counts of good and bad outcomes (failures, late first tokens, answers cut by length, callers' feedback).
"""

from __future__ import annotations

from random import Random

from routing.choose_score import Figures
from routing.choose_values import Need
from routing.words import Policy

EXPLORED_SHARE = 0.05  # of the requests that may explore
NEAR = 850  # a score as high as this makes a near equal


def may_explore(need: Need) -> bool:
    return need.policy == Policy.AUTO and not (need.named or need.sort or need.order)


def draw(field: list[tuple[Figures, int]], chance: float) -> int:
    """The place of whom to try first. `chance`, 0 to 1, decides whether at all, and then everything else."""
    tier = [one for one, score in field if score >= NEAR]
    if chance >= EXPLORED_SHARE or len(tier) < 2:
        return 0
    luck = Random(chance)  # noqa: S311 - a choice of models, no secret
    draws = [luck.betavariate(1 + one.vital.good, 1 + one.vital.bad) for one in tier]
    return draws.index(max(draws))
