"""Everything that costs something, together: work, tokens by model, and the packs and plans that credits come in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from billing.models import Product
from billing.prices import Edition, announced_editions, current_edition, get_edition
from routing.catalogue import Offer
from routing.models import ModelPrice


@dataclass(frozen=True, slots=True)
class PricedModel:
    """`offer.price` is what is charged, margin included."""

    offer: Offer
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class PriceList:
    edition: Edition
    announced: list[Edition]
    products: list[Product]
    models: list[PricedModel]


def gather(offers: Iterable[Offer], *, version: int | None = None) -> PriceList:
    """`version`: of the table of work, past or to come. Raises LookupError where there is none."""
    edition = current_edition() if version is None else get_edition(version)
    products = Product.objects.filter(active=True).order_by("-kind", "currency", "amount")
    return PriceList(edition, announced_editions(), list(products), _since_when(offers))


def _since_when(offers: Iterable[Offer]) -> list[PricedModel]:
    priced = {offer.id: offer for offer in offers if offer.priced}
    rows = ModelPrice.objects.filter(model__in=priced).values_list("model", "version", "effective_at")
    since = {(model, version): effective_at for model, version, effective_at in rows}
    return [
        PricedModel(offer, since[offer.id, offer.price.version])
        for offer in sorted(priced.values(), key=lambda offer: offer.id)
        if offer.price is not None and (offer.id, offer.price.version) in since
    ]
