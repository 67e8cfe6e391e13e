"""Who is in the running for a request, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from routing.choose_values import Need
from routing.vitals import UNMEASURED, Vital
from routing.words import Exclusion

if TYPE_CHECKING:
    from routing.catalogue import Catalogue, Offer

PASSING = {Exclusion.CIRCUIT_OPEN, Exclusion.RATE_LIMIT}  # overlooked where they would leave nobody


def candidates(need: Need, catalogue: Catalogue) -> list[Offer]:
    """The models named; else all that can be called, as `only` and `ignore` narrow them."""
    if need.named:
        return [catalogue.offers[name] for name in need.named if name in catalogue.offers]
    pool = catalogue.callable if need.only else catalogue.live
    if not pool:  # of what is not callable, at least that is said
        pool = tuple(offer for offer in catalogue.offers.values() if not offer.callable)
    return [
        offer for offer in pool if (not need.only or is_among(offer, need.only)) and not is_among(offer, need.ignore)
    ]


def is_among(offer: Offer, names: tuple[str, ...]) -> bool:
    return offer.provider in names or offer.id in names


def why_out(offer: Offer, need: Need, vitals: Mapping[str, Vital]) -> Exclusion | None:
    return _unable(offer, need) or _too_dear(offer, need) or against_policy(offer, need) or _unwell(offer, need, vitals)


def _unable(offer: Offer, need: Need) -> Exclusion | None:
    if not offer.enabled:
        return Exclusion.DISABLED
    if not offer.configured:
        return Exclusion.NOT_CONFIGURED
    if (
        (need.tools and not offer.tools)
        or (need.structured and not offer.structured)
        or (need.vision and not offer.vision)
        or (need.streaming and not offer.streaming)
    ):
        return Exclusion.CAPABILITY
    wanted = need.max_output_tokens or 0
    if wanted > offer.max_output_tokens or need.input_tokens + wanted > offer.context_tokens:
        return Exclusion.CONTEXT
    return None


def _too_dear(offer: Offer, need: Need) -> Exclusion | None:
    price = offer.price
    if price is None or price.input is None or price.output is None:
        return Exclusion.PRICE_UNKNOWN
    if need.max_price_input is not None and price.input > need.max_price_input:
        return Exclusion.PRICE_CAP
    if need.max_price_output is not None and price.output > need.max_price_output:
        return Exclusion.PRICE_CAP
    return None


def against_policy(offer: Offer, need: Need) -> Exclusion | None:
    """What is unknown is not allowed."""
    if need.deny_training and offer.trains is not False:
        return Exclusion.TRAINS
    allowed, kept = need.max_retention_days, offer.retention_days
    if allowed is not None and (kept is None or kept > allowed):
        return Exclusion.RETENTION
    if need.regions and offer.region not in need.regions:
        return Exclusion.REGION
    return None


def _unwell(offer: Offer, need: Need, vitals: Mapping[str, Vital]) -> Exclusion | None:
    vital = vitals.get(offer.id, UNMEASURED)
    if vital.open:
        return Exclusion.CIRCUIT_OPEN
    room = vital.room
    if room is None:
        return None
    estimate = need.input_tokens + (need.max_output_tokens or 0)
    if room.requests == 0 or (room.tokens is not None and room.tokens < estimate):
        return Exclusion.RATE_LIMIT
    return None
