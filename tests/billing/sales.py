"""Orders for the adapters' tests, and one event of each kind."""

from __future__ import annotations

from billing.providers import dodo, paddle
from billing.providers.contracts import CheckoutOrder
from billing.rehearsal import Rehearsal
from billing.rehearsal.books import Sale, new_ref
from billing.rehearsal.deliveries import Told

ADAPTERS = {"dodo": dodo, "paddle": paddle}


def order(product: str = "p", **changes) -> CheckoutOrder:
    told = {
        "order_id": "pay_1", "product_ref": product, "quantity": 1, "amount_minor": None, "currency": "USD",
        "email": "ada@example.com", "return_url": "https://x.example", "cancel_url": "https://x.example",
        "recurring": False, "on_demand": False,
    }  # fmt: skip
    return CheckoutOrder(**{**told, **changes})


def bought(providers: Rehearsal, name: str) -> str:
    """The payment's id there."""
    checkout = ADAPTERS[name].open_checkout(order())
    providers.pay(checkout.ref)
    return providers.books.sales[checkout.ref].ref


def many_bought(providers: Rehearsal, name: str, count: int) -> list[str]:
    """Without asking for each: the ids of payments there."""
    refs = [new_ref({"dodo": "pay", "paddle": "txn"}[name]) for _ in range(count)]
    for ref in refs:
        checkout = ref if name == "paddle" else new_ref("cks")
        status = {"dodo": "succeeded", "paddle": "completed"}[name]
        providers.books.add(Sale(checkout, "p", "pay_1", "ada@example.com", 500, ref=ref, status=status))
    return refs


def subscribed(providers: Rehearsal, name: str, product: str = "paddle-starter") -> str:
    """The subscription's id there."""
    checkout = ADAPTERS[name].open_checkout(order(product, order_id="sub_1", recurring=True))
    providers.pay(checkout.ref)
    return providers.books.sales[checkout.ref].subscription_ref


def every_event(providers: Rehearsal) -> list[Told]:
    """One of each kind, of both providers."""
    for name, adapter in ADAPTERS.items():
        ref = bought(providers, name)
        providers.refund(ref, 100)
        providers.refund(ref, 100, status={"dodo": "failed", "paddle": "rejected"}[name])
        providers.open_dispute(ref, 50)
        providers.win_dispute(ref)
        providers.lose_dispute(ref)
        providers.fail(adapter.open_checkout(order()).ref)
        providers.give_up(adapter.open_checkout(order()).ref)
        subscribed(providers, name)
    providers.process(dodo.open_checkout(order()).ref)
    providers.pay(dodo.open_checkout(order(recurring=True, on_demand=True)).ref)
    for ref in list(providers.books.plans):
        providers.change(ref, "paused")
        providers.renew(ref)
        providers.change_card(ref)
    return providers.told
