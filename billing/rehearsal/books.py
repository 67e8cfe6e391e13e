"""What the rehearsed providers remember: sales, refunds, subscriptions."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

MONTH = timedelta(days=30)
_numbers = itertools.count(1)
_since = f"{time.time_ns():x}"  # another process, another provider's worth of ids


def new_ref(prefix: str) -> str:
    """Unique, and in the order in which they were made."""
    return f"{prefix}_{_since}{next(_numbers):06d}"


@dataclass(slots=True)
class Back:
    """Money that went, or is to go, back."""

    ref: str
    amount: int
    reason: str = ""
    status: str = "succeeded"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class Sale:
    """`ref`: the payment's, once somebody has tried to pay. Amounts in cents. `charge`: of a subscription, for what."""

    checkout_ref: str
    product_ref: str
    order_id: str
    email: str
    amount: int
    ref: str = ""
    status: str = "open"
    return_url: str = ""
    recurring: bool = False
    on_demand: bool = False
    subscription_ref: str = ""
    charge: str = ""
    refunds: list[Back] = field(default_factory=list)
    dispute_ref: str = ""
    dispute: str = ""
    disputed: int = 0
    chargebacks: list[tuple[str, Back]] = field(default_factory=list)  # Paddle's, by their action
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    starts_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class Plan:
    ref: str
    product_ref: str
    order_id: str
    email: str
    amount: int
    on_demand: bool = False
    status: str = "active"
    cancels: bool = False
    pauses: bool = False  # as `cancels`, with the end of the period
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    starts_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + MONTH


@dataclass(slots=True)
class Customer:
    """`methods`: ids of saved ways to pay. `addresses`, `businesses`: by id, as Paddle tells them; Dodo has none."""

    ref: str
    email: str = "ada@example.com"
    name: str | None = "Ada Lovelace"
    phone_number: str | None = None
    notes: dict[str, Any] | None = None
    status: str = "active"
    methods: list[str] = field(default_factory=list)
    addresses: dict[str, dict[str, Any]] = field(default_factory=dict)
    businesses: dict[str, dict[str, Any]] = field(default_factory=dict)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def note(self, body: dict[str, Any]) -> None:
        """What a PATCH says of it; what it does not name stays."""
        for name, value in body.items():
            own = {"metadata": "notes", "custom_data": "notes"}.get(name, name)
            if own in ("email", "name", "phone_number", "notes", "status"):
                setattr(self, own, value)


@dataclass(slots=True)
class Books:
    """`prices`: cents by product; what is not there costs five dollars. `recurring`: products that are plans."""

    prices: dict[str, int] = field(default_factory=dict)
    recurring: set[str] = field(default_factory=set)
    sales: dict[str, Sale] = field(default_factory=dict)  # by checkout
    plans: dict[str, Plan] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)

    def price(self, product_ref: str) -> int:
        return self.prices.get(product_ref, 500)

    def paid(self, ref: str) -> Sale:
        return next(sale for sale in self.sales.values() if sale.ref == ref)

    def add(self, sale: Sale) -> Sale:
        self.sales[sale.checkout_ref] = sale
        return sale


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
