"""The choice of a model for a request. Pure: the same need, catalogue, vitals and chance give the same decision.

Who cannot or must not serve it is left out, each with its reason; the others are put in the order of the policy.
Those that are merely unwell, circuit open or limit used up, come back where they would leave nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from routing.choose_explore import draw, may_explore
from routing.choose_filter import PASSING, candidates, why_out
from routing.choose_score import Figures, figures, floor, order
from routing.choose_values import Decision, Left, Need, Placed
from routing.explain import explain
from routing.vitals import Vital

if TYPE_CHECKING:
    from routing.catalogue import Catalogue, Offer

__all__ = ["Decision", "Left", "Need", "Placed", "choose"]


def choose(
    need: Need,
    catalogue: Catalogue,
    vitals: Mapping[str, Vital],
    *,
    explore: float | None = None,
    stay_with: str | None = None,
) -> Decision:
    """`explore`: a random number from 0 to 1, None for no exploration. `stay_with`: the model of the session."""
    able, left = _sift(need, catalogue, vitals)
    field = order(need, [figures(offer, need, vitals) for offer in able])
    affine = explored = False
    if not need.named and stay_with is not None:
        affine = _lead(field, next((at for at, (one, _) in enumerate(field) if one.offer.id == stay_with), None))
    if explore is not None and not affine and may_explore(need):
        explored = _lead(field, draw(field, explore) or None)
    ranked = tuple(_placed(rank, one, score) for rank, (one, score) in enumerate(field))
    enough = floor(need)
    good = sum(one.worth >= enough for one, _ in field)
    reason = explain(need, ranked, left, enough=enough, good=good, explored=explored, affine=affine)
    return Decision(ranked, left, explored=explored, affine=affine, reason=reason)


def _sift(need: Need, catalogue: Catalogue, vitals: Mapping[str, Vital]) -> tuple[list[Offer], tuple[Left, ...]]:
    able, unwell, left = [], [], []
    for offer in candidates(need, catalogue):
        why = why_out(offer, need, vitals)
        if why is None:
            able.append(offer)
        else:
            left.append(Left(offer.id, why))
            if why in PASSING:
                unwell.append(offer)
    if able or not unwell:
        return able, tuple(left)
    return unwell, tuple(one for one in left if one.excluded not in PASSING)


def _lead(field: list[tuple[Figures, int]], at: int | None) -> bool:
    """Puts one at the head. False where there is nobody to put."""
    if at is None:
        return False
    field.insert(0, field.pop(at))
    return True


def _placed(rank: int, one: Figures, score: int) -> Placed:
    return Placed(one.offer.id, rank, score, one.quality, one.cost, one.ms)
