"""Thousands of random interleavings of every verb, against a model that a child could check: what came in, less what
was spent, lost in disputes, refunded or expired, is what is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.api_keys import create_key
from billing import audit, ledger
from billing.errors import HoldError, InsufficientCredits
from billing.intake import process
from billing.models import Entry, Hold, Lot, Payment, PaymentEvent, Product, Transaction, Wallet
from billing.providers.words import EventKind
from billing.standing import standing_of
from tests.people import make_person

pytestmark = pytest.mark.django_db
credits = st.integers(1, 5000)
which = st.integers(0, 2)
Kind = EventKind
EVENTS = [Kind.PAYMENT_SUCCEEDED, Kind.REFUND_SUCCEEDED, Kind.DISPUTE_OPENED, Kind.DISPUTE_WON, Kind.DISPUTE_LOST]


class Books(RuleBasedStateMachine):
    """Three wallets of one person. `expected`: what they have together, held and frozen included, less what they owe.

    Together, since a lost payment is taken back from wherever its credits were moved to.
    """

    def __init__(self) -> None:
        super().__init__()
        self.attempt = transaction.atomic()
        self.attempt.__enter__()
        person = make_person("erin")
        keys = [person.key, make_person_key(person), make_person_key(person)]
        self.wallets = [ledger.get_wallet(key) for key in keys]
        self.expected = 0
        self.holds: list[Hold] = []
        self.number = 0

    def teardown(self) -> None:
        faults = list(audit.find_faults())
        transaction.set_rollback(True)
        self.attempt.__exit__(None, None, None)
        assert not faults

    @initialize()
    def product(self) -> None:
        self.pack = Product.objects.get(pk="credits-500")

    @rule(at=which, amount=credits, kind=st.sampled_from(Lot.Kind), expires=st.sampled_from([None, -1, 3600]))
    def grant(self, at: int, amount: int, kind: Lot.Kind, expires: int | None) -> None:
        until = None if expires is None else datetime.now(UTC) + timedelta(seconds=expires)
        key = self.key()
        for _ in range(2):
            ledger.grant(self.wallets[at], amount, key=key, kind=kind, expires_at=until)
        self.expected += amount

    @rule(at=which, amount=credits)
    def hold(self, at: int, amount: int) -> None:
        wallet = Wallet.objects.get(pk=self.wallets[at].pk)
        key = self.key()
        try:
            hold = ledger.place_hold(wallet, amount, key=key, price_version=1)
        except InsufficientCredits as refusal:
            assert refusal.available < amount
        else:
            assert amount <= wallet.available
            assert ledger.place_hold(wallet, amount, key=key, price_version=1) == hold
            self.holds.append(hold)

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), share=st.integers(0, 110))
    def close(self, data: st.DataObject, share: int) -> None:
        hold = self.holds.pop(data.draw(st.integers(0, len(self.holds) - 1)))
        charged = hold.credits * share // 100
        if charged > hold.credits:
            with pytest.raises(HoldError):
                ledger.settle_hold(hold, credits=charged)
            self.holds.append(hold)
            return
        for _ in range(2):
            ledger.settle_hold(hold, credits=charged)
        self.expected -= charged

    @rule(source=which, step=st.integers(1, 2), amount=credits)
    def transfer(self, source: int, step: int, amount: int) -> None:
        target, key = (source + step) % 3, self.key()
        try:
            for _ in range(2):
                ledger.transfer(self.wallets[source], self.wallets[target], amount, key=key)
        except InsufficientCredits as refusal:
            assert refusal.available < amount

    @rule(at=which, amount=st.integers(-3000, 3000).filter(bool))
    def adjust(self, at: int, amount: int) -> None:
        wallet, key = self.wallets[at], self.key()
        reason = Transaction.Reason.GOODWILL
        try:
            ledger.adjust(wallet, amount, key=key, reason=reason, note="why", actor=wallet.api_key.user)
        except InsufficientCredits:
            return
        self.expected += amount

    @rule()
    def expire(self) -> None:
        ledger.expire_lots(now=datetime.now(UTC))

    @rule(order=st.integers(0, 3), kind=st.sampled_from(EVENTS), amount=st.integers(1, 700), of=st.integers(0, 1))
    def hear_of_payment(self, order: int, kind: EventKind, amount: int, of: int) -> None:
        """In any order, of any amount, twice."""
        payment = self.order(order)
        before = standing_of(self.events(payment)).credits(payment.credits)
        self.number += 1
        event = PaymentEvent.objects.create(
            provider="dodo", event_id=f"e{self.number}", type=kind, kind=kind, order_id=payment.pk,
            occurred_at=datetime.now(UTC), payment_ref=f"ref{order}", refund_ref=f"r{of}", dispute_ref=f"d{of}",
            amount=500 if kind == Kind.PAYMENT_SUCCEEDED else amount, currency="USD", digest="",
        )  # fmt: skip
        for _ in range(2):
            process(event)
        after = standing_of(self.events(payment)).credits(payment.credits)
        self.expected += (after[0] - after[1]) - (before[0] - before[1])

    @invariant()
    def nothing_is_lost(self) -> None:
        assert audit.sum_of_entries() == 0
        expired = sum(Entry.objects.filter(account="expired").values_list("credits", flat=True))
        for wallet in self.wallets:
            wallet.refresh_from_db()
            assert wallet.available == sum(wallet.lots.values_list("left", flat=True))
            assert not wallet.debt or not wallet.available
        assert sum(wallet.balance for wallet in self.wallets) + expired == self.expected

    def key(self) -> str:
        self.number += 1
        return f"k{self.number}"

    def order(self, number: int) -> Payment:
        wallet = self.wallets[number % 3]
        payment, _ = Payment.objects.get_or_create(
            wallet=wallet,
            key=f"order{number}",
            defaults={
                "user": wallet.api_key.user, "product": self.pack, "provider": "dodo", "amount": 500, "currency": "USD",
                "purpose": Payment.Purpose.TOP_UP, "credits": 1999,
            },
        )  # fmt: skip
        return payment

    def events(self, payment: Payment) -> list[PaymentEvent]:
        return list(PaymentEvent.objects.filter(order_id=payment.pk))


def make_person_key(person):

    return create_key(person.user)[0]


def test_random_interleavings_of_every_verb():
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
