"""What goes to payment providers and what is kept of what they tell: the same words for each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from billing.providers.words import EventKind, Provider


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """All that is ever kept of a delivery: no name, e-mail, address or card. `amount`: the currency's smallest unit.

    `order_id` is ours, as it was sent with the order. A refund or dispute of all that was paid has its amount.
    """

    provider: Provider
    id: str
    type: str
    kind: EventKind
    occurred_at: datetime
    order_id: str = ""
    payment_ref: str = ""
    refund_ref: str = ""
    dispute_ref: str = ""
    subscription_ref: str = ""
    customer_ref: str = ""
    product_ref: str = ""
    amount: int | None = None
    currency: str = ""
    status: str = ""
    period_start: datetime | None = None
    period_end: datetime | None = None
    cancels_at: datetime | None = None
    invoice_ref: str = ""


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """`amount_minor` None: what the product costs there. `on_demand`: nothing is charged now, and more may be later."""

    order_id: str
    product_ref: str
    quantity: int
    amount_minor: int | None
    currency: str
    email: str = field(repr=False)
    return_url: str
    cancel_url: str
    recurring: bool
    on_demand: bool


@dataclass(frozen=True, slots=True)
class Checkout:
    ref: str
    url: str


@dataclass(frozen=True, slots=True)
class ListedPayment:
    """A payment as the provider lists it. `refunded`: in the currency's smallest unit."""

    ref: str
    order_id: str
    amount: int
    currency: str
    status: str
    created_at: datetime
    refunded: int
    disputed: bool
