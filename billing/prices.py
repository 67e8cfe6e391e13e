"""Which price table holds now, and how a new one comes about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from billing.models import Price
from billing.pricing import PriceTable


@dataclass(frozen=True, slots=True)
class Edition:
    """A version of the table, and from when it holds."""

    table: PriceTable
    effective_at: datetime


def current_prices() -> PriceTable:
    """The newest version already in effect; the first is seeded by a migration."""
    return prices_of(_current_version())


def prices_of(version: int) -> PriceTable:
    """A version, in effect or past: work is charged by the table it was quoted from."""
    prices = Price.objects.filter(version=version)
    return PriceTable(version=version, credits=dict(prices.values_list("item", "credits")))


def current_edition() -> Edition:
    return get_edition(_current_version())


def get_edition(version: int) -> Edition:
    """Raises LookupError."""
    since = Price.objects.filter(version=version).aggregate(at=Min("effective_at"))["at"]
    if since is None:
        raise LookupError("There is no such version of the price table.")
    return Edition(prices_of(version), since)


def announced_editions() -> list[Edition]:
    """Published, and not in effect yet."""
    later = Price.objects.filter(effective_at__gt=timezone.now(), version__gt=_current_version())
    return [get_edition(version) for version in sorted(set(later.values_list("version", flat=True)))]


@transaction.atomic
def publish_prices(credits: Mapping[str, int], *, effective_at: datetime) -> int:
    """A new version of the whole table: its number. What was quoted before is charged as it was quoted.

    Raises ValueError for a table that lacks an item. Two who publish at once: one of them fails and sees the other's.
    """
    if set(credits) != set(Price.Item.values):
        raise ValueError("A version of the price table has a price for every item.")
    version = 1 + (Price.objects.aggregate(newest=Max("version"))["newest"] or 0)
    rows = (Price(version=version, item=item, credits=credits[item], effective_at=effective_at) for item in credits)
    Price.objects.bulk_create(rows)
    return version


def _current_version() -> int:
    in_effect = Price.objects.filter(effective_at__lte=timezone.now())
    version = in_effect.order_by("-version").values_list("version", flat=True).first()
    if version is None:
        raise LookupError("There is no price table in effect: run manage.py migrate.")
    return version
