"""Which price table holds now."""

from __future__ import annotations

from django.utils import timezone

from billing.models import Price
from billing.pricing import PriceTable


def current_prices() -> PriceTable:
    """The newest version already in effect; the first is seeded by a migration."""
    in_effect = Price.objects.filter(effective_at__lte=timezone.now())
    version = in_effect.order_by("-version").values_list("version", flat=True).first()
    if version is None:
        raise LookupError("There is no price table in effect: run manage.py migrate.")
    return prices_of(version)


def prices_of(version: int) -> PriceTable:
    """A version, in effect or past: work is charged by the table it was quoted from."""
    prices = Price.objects.filter(version=version)
    return PriceTable(version=version, credits=dict(prices.values_list("item", "credits")))
