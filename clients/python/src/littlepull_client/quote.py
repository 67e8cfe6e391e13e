"""What a file will cost, and the token by which those prices hold for a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from littlepull_client.told import amount, moment


@dataclass(frozen=True)
class Quote:
    """At most `credits`. As the option `quote` it keeps these prices until `valid_until`."""

    credits: Decimal
    token: str
    valid_until: datetime
    price_version: int
    prices: dict[str, Decimal]
    media: dict[str, Any]
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


def read_quote(told: dict[str, Any]) -> Quote:
    return Quote(
        credits=amount(told["credits"]),
        token=told["quote"],
        valid_until=moment(told["valid_until"]),
        price_version=told["price_version"],
        prices={item: amount(price) for item, price in told["prices"].items()},
        media=told["media"],
        raw=told,
    )
