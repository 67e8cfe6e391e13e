"""Eight threads at once on a few wallets: python -m tests.billing.storm OPERATIONS THREADS SEED

Run by a test as a process of its own, on an empty database of either kind. Prints what was done as JSON. Keys are drawn
from a small pool, so that threads repeat each other's work.
"""

# ruff: noqa: E402 (Django first)
from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "littlepull.settings")
django.setup()

from django.db import connections
from django.utils import timezone

from accounts.api_keys import create_key
from accounts.models import User
from billing import ledger
from billing.errors import BillingError, HoldError
from billing.intake import process
from billing.models import Hold, Lot, Payment, PaymentEvent, Product, Transaction, Wallet
from billing.providers.words import EventKind

WALLETS = 4
MOMENT = timedelta(milliseconds=30)


class Thread:
    """One of those who act at once."""

    def __init__(self, number: int, seed: int, wallets: list[Wallet]) -> None:
        self._random = random.Random(f"{seed}:{number}")
        self._wallets, self.done = wallets, Counter[str]()

    def act(self, count: int) -> Counter[str]:
        acts = [self._grant, self._hold, self._hold, self._hold, self._close, self._close, self._transfer]
        acts += [self._adjust, self._expire, self._pay, self._pay]
        try:
            for _ in range(count):
                act = self._random.choice(acts)
                try:
                    act()
                    self.done[act.__name__] += 1
                except HoldError:
                    self.done["closed_by_another"] += 1
                except BillingError as error:
                    self.done[error.code] += 1
        finally:
            connections.close_all()
        return self.done

    @property
    def _wallet(self) -> Wallet:
        return self._random.choice(self._wallets)

    def _credits(self, most: int = 1000) -> int:
        return self._random.randint(1, most)

    def _key(self, pool: int = 400) -> str:
        return f"k{self._random.randrange(pool)}"

    def _grant(self) -> None:
        expires = self._random.choice([None, timezone.now() + MOMENT * self._random.randint(0, 20)])
        kind = self._random.choice(list(Lot.Kind))
        ledger.grant(self._wallet, self._credits(3000), key=f"g{self._key()}", kind=kind, expires_at=expires)

    def _hold(self) -> None:
        ledger.place_hold(self._wallet, self._credits(), key=self._key(10_000), price_version=1)

    def _close(self) -> None:
        opened = Hold.objects.filter(status=Hold.Status.OPEN).order_by("?").first()
        if opened is None:
            return
        if self._random.random() < 0.3:
            ledger.release_hold(opened)
        else:
            ledger.settle_hold(opened, credits=self._random.randint(0, opened.credits))

    def _transfer(self) -> None:
        source, target = self._random.sample(self._wallets, 2)
        ledger.transfer(source, target, self._credits(), key=f"t{self._key()}")

    def _adjust(self) -> None:
        sign = self._random.choice([-1, 1])
        wallet, reason = self._wallet, Transaction.Reason.CORRECTION
        actor = wallet.api_key.user
        ledger.adjust(
            wallet, sign * self._credits(500), key=f"a{self._key()}", reason=reason, note="storm", actor=actor
        )

    def _expire(self) -> None:
        ledger.expire_lots()

    def _pay(self) -> None:
        """One event of the life of one of a few payments, in any order, perhaps for the second time."""
        number = self._random.randrange(200)
        payment = order(self._wallets[number % WALLETS], number)
        kind, part = self._random.choice(
            [
                (EventKind.PAYMENT_SUCCEEDED, 1000),
                (EventKind.PAYMENT_SUCCEEDED, 1000),
                (EventKind.REFUND_SUCCEEDED, 300),
                (EventKind.DISPUTE_OPENED, 500),
                (EventKind.DISPUTE_WON, 500),
                (EventKind.DISPUTE_LOST, 500),
            ]
        )
        event, _ = PaymentEvent.objects.get_or_create(
            provider="dodo",
            event_id=f"{number}:{kind}",
            defaults={
                "type": kind.value,
                "kind": kind,
                "occurred_at": timezone.now(),
                "order_id": payment.pk,
                "payment_ref": f"ref{number}",
                "refund_ref": f"refund{number}",
                "dispute_ref": f"dispute{number}",
                "amount": part,
                "currency": "USD",
                "digest": "",
            },
        )
        process(event)


def order(wallet: Wallet, number: int) -> Payment:
    payment, _ = Payment.objects.get_or_create(
        wallet=wallet,
        key=f"order{number}",
        defaults={
            "user": wallet.api_key.user,
            "product": Product.objects.get(pk="credits-500"),
            "provider": "dodo",
            "purpose": Payment.Purpose.TOP_UP,
            "credits": 2000,
            "amount": 1000,
            "currency": "USD",
        },
    )
    return payment


def main(operations: int, threads: int, seed: int) -> None:
    user = User.objects.create_user("storm@example.com")
    wallets = [ledger.get_wallet(create_key(user)[0]) for _ in range(WALLETS)]
    wallets = list(Wallet.objects.select_related("api_key__user").filter(pk__in=[one.pk for one in wallets]))
    connections.close_all()  # a pool of eight has none to spare
    done = Counter[str]()
    with ThreadPoolExecutor(threads) as pool:
        each = operations // threads
        for counted in pool.map(lambda number: Thread(number, seed, wallets).act(each), range(threads)):
            done += counted
    print(json.dumps(done))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
