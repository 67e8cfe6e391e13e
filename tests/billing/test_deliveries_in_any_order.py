"""A thousand signed deliveries for a hundred payments, refunded and disputed: shuffled, repeated, forged and late, they
come to what the ordered, single run comes to."""

from __future__ import annotations

import random

import pytest
from django.db import transaction

from accounts.api_keys import create_key
from billing import audit, intake, ledger, payments
from billing.models import Payment, PaymentEvent, Product, RefusedDelivery, Wallet
from billing.rehearsal.deliveries import Told
from tests.people import make_person

PAYMENTS, DELIVERIES, WALLETS = 100, 1000, 5
pytestmark = pytest.mark.django_db


def order(shop, rng: random.Random) -> None:
    """A hundred orders, paid at either provider; what happened to them afterwards is drawn by lot."""
    person = make_person("frank")
    wallets = [ledger.get_wallet(create_key(person.user)[0]) for _ in range(WALLETS)]
    product = Product.objects.get(pk="credits-500")
    for number in range(PAYMENTS):
        provider = rng.choice(["dodo", "paddle"])
        wallet, key = wallets[number % WALLETS], f"order{number}"
        payment = payments.place_order(wallet, product, user=person.user, provider=provider, key=key)
        payment = payments.open_checkout(payment)
        shop.providers.pay(payment.checkout_ref)
        ref = shop.providers.books.sales[payment.checkout_ref].ref
        for _ in range(rng.choice([0, 1, 2])):
            shop.providers.refund(ref, rng.randint(1, 240))
        if rng.random() < 0.6:
            shop.providers.open_dispute(ref, rng.randint(1, 500))
            end = rng.choice([shop.providers.win_dispute, shop.providers.lose_dispute, lambda ref: []])
            end(ref)


def run(shop, events: list[Told], rng: random.Random, *, look_every: float) -> dict[str, object]:
    """Delivers, and looks at the store now and then; forged and stale ones in between. What it came to, undone."""
    refused = 0
    with transaction.atomic():
        for told in events:
            assert shop.post(shop.providers.sign(told)) == 200
            if rng.random() < 0.05:
                wrong = rng.choice([told.forged(), told.stale(shop.providers.secrets[told.provider])])
                refused += shop.post(wrong) == 401
            if rng.random() < look_every:
                intake.process_waiting()
        while PaymentEvent.objects.filter(outcome="waiting").exists():
            intake.process_waiting()
        assert sum(RefusedDelivery.objects.values_list("count", flat=True)) == refused
        assert not list(audit.find_faults())
        wallets = Wallet.objects.order_by("pk").values_list("available", "held", "frozen", "debt")
        states = Payment.objects.order_by("pk").values_list("status", "paid", "refunded", "ref")
        came_to = {"wallets": list(wallets), "payments": list(states), "events": PaymentEvent.objects.count()}
        transaction.set_rollback(True)
    return came_to


def test_a_thousand_deliveries_in_any_order_come_to_the_same(shop):
    rng = random.Random(7)
    order(shop, rng)
    story = list(shop.providers.told)
    ordered = run(shop, story, rng, look_every=1)
    assert len({status for status, *_ in ordered["payments"]}) >= 4
    for seed in range(3):
        rng = random.Random(seed)
        deliveries = story + rng.choices(story, k=DELIVERIES - len(story))
        rng.shuffle(deliveries)
        assert len(deliveries) == DELIVERIES
        assert run(shop, deliveries, rng, look_every=0.05) == ordered
