"""The rehearsed providers' stage: whoever drives them says what happens, and they tell of it as the real ones do."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from billing.rehearsal import dodo, paddle
from billing.rehearsal.books import MONTH, Back, Books, Plan, Sale, new_ref
from billing.rehearsal.deliveries import Delivery, Told

PROVIDERS = {"dodo": dodo, "paddle": paddle}
PAID = {"dodo": "succeeded", "paddle": "completed"}


@dataclass(slots=True)
class Rehearsal:
    """`told`: every event so far. With a `webhook_url` each is delivered as it happens, under …/{provider}.

    `trouble`: what the API's next requests meet, in order: 500, 429, "hang", or "garble" for an answer cut short.
    `asked`: every request to the API, with its body; those that met trouble too.
    """

    base_url: str
    webhook_url: str | None
    secrets: dict[str, str]
    books: Books = field(default_factory=Books)
    told: list[Told] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    trouble: list[int | str] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    close: Callable[[], None] = lambda: None

    @property
    def settings(self) -> dict[str, str]:
        """What points a LittlePull at it."""
        return {
            "DODO_PAYMENTS_API_KEY": "rehearsal",
            "DODO_PAYMENTS_WEBHOOK_KEY": self.secrets["dodo"],
            "DODO_PAYMENTS_BASE_URL": f"{self.base_url}/dodo",
            "PADDLE_API_KEY": "rehearsal",
            "PADDLE_WEBHOOK_SECRET": self.secrets["paddle"],
            "PADDLE_BASE_URL": self.base_url,  # its SDK drops a path
        }

    def pay(self, checkout_ref: str) -> list[Told]:
        """A mandate alone costs nothing: of it there is a subscription, and no payment."""
        sale = self.books.sales[checkout_ref]
        provider = provider_of(sale)
        sale.ref, sale.status = sale.ref or new_ref("pay"), PAID[provider]
        events = []
        if sale.recurring and not sale.subscription_ref:
            plan = Plan(new_ref("sub"), sale.product_ref, sale.order_id, sale.email, sale.amount, sale.on_demand)
            self.books.plans[plan.ref] = plan
            sale.subscription_ref = plan.ref
            events.append(
                speaker_of(provider).tell_subscription(plan, {"dodo": "active", "paddle": "activated"}[provider])
            )
        if not sale.on_demand:
            events.append(speaker_of(provider).tell_payment(sale, PAID[provider]))
        return self._tell(*events)

    def fail(self, checkout_ref: str) -> list[Told]:
        sale = self.books.sales[checkout_ref]
        provider = provider_of(sale)
        sale.ref, sale.status = sale.ref or new_ref("pay"), "failed"
        return self._tell(
            speaker_of(provider).tell_payment(sale, {"dodo": "failed", "paddle": "payment_failed"}[provider])
        )

    def process(self, checkout_ref: str) -> list[Told]:
        """Paid in a way that takes days: only Dodo tells of it."""
        sale = self.books.sales[checkout_ref]
        sale.ref, sale.status = sale.ref or new_ref("pay"), "processing"
        return self._tell(dodo.tell_payment(sale, "processing"))

    def give_up(self, checkout_ref: str) -> list[Told]:
        sale = self.books.sales[checkout_ref]
        provider = provider_of(sale)
        sale.ref, sale.status = sale.ref or new_ref("pay"), {"dodo": "cancelled", "paddle": "canceled"}[provider]
        return self._tell(speaker_of(provider).tell_payment(sale, sale.status))

    def charge(self, order_id: str, *, declined: bool = False) -> list[Told]:
        """What became of a payment that was asked for under a mandate."""
        sale = next(one for one in self.books.sales.values() if one.order_id == order_id and one.status == "processing")
        sale.status = "failed" if declined else "succeeded"
        return self._tell(dodo.tell_payment(sale, sale.status))

    def refund(self, payment_ref: str, amount: int | None = None, *, status: str = "succeeded") -> list[Told]:
        """One that was asked for through the API and is still open, or another."""
        sale = self.books.paid(payment_ref)
        asked = next((one for one in sale.refunds if one.status == "pending_approval"), None)
        if asked is None:
            asked = Back(new_ref("ref"), sale.amount if amount is None else amount)
            sale.refunds.append(asked)
        asked.status = status
        return self._tell(speaker_of(provider_of(sale)).tell_refund(sale, asked))

    def confirm_refunds(self, payment_ref: str) -> list[Told]:
        """Tells of all that were asked for through the API."""
        sale = self.books.paid(payment_ref)
        for back in sale.refunds:
            back.status = "succeeded"
        return self._tell(*(speaker_of(provider_of(sale)).tell_refund(sale, back) for back in sale.refunds))

    def open_dispute(self, payment_ref: str, amount: int | None = None) -> list[Told]:
        sale = self.books.paid(payment_ref)
        sale.dispute_ref = sale.dispute_ref or new_ref("dsp")
        sale.disputed = sale.amount if amount is None else amount
        return self._dispute(sale, "opened", "chargeback_warning")

    def win_dispute(self, payment_ref: str) -> list[Told]:
        return self._dispute(self.books.paid(payment_ref), "won", "chargeback_warning_reverse")

    def lose_dispute(self, payment_ref: str) -> list[Told]:
        return self._dispute(self.books.paid(payment_ref), "lost", "chargeback")

    def _dispute(self, sale: Sale, word: str, action: str) -> list[Told]:
        sale.dispute = word
        told = dodo.tell_dispute(sale) if provider_of(sale) == "dodo" else paddle.tell_dispute(sale, action)
        return self._tell(told)

    def renew(self, subscription_ref: str) -> list[Told]:
        """The next period: its payment, and the plan with its new end."""
        plan = self.books.plans[subscription_ref]
        provider = self._provider_of(plan)
        plan.starts_at += MONTH
        ref = new_ref("txn" if provider == "paddle" else "pay")
        sale = Sale(ref, plan.product_ref, plan.order_id, plan.email, plan.amount, ref=ref, status=PAID[provider])
        sale.recurring, sale.subscription_ref, sale.starts_at = True, plan.ref, plan.starts_at
        sale.charge = {"dodo": "renewal", "paddle": "subscription_recurring"}[provider]
        self.books.add(sale)
        word = {"dodo": "renewed", "paddle": "updated"}[provider]
        return self._tell(
            speaker_of(provider).tell_payment(sale, PAID[provider]), speaker_of(provider).tell_subscription(plan, word)
        )

    def change(self, subscription_ref: str, status: str) -> list[Told]:
        """In the provider's own word for the status."""
        plan = self.books.plans[subscription_ref]
        plan.status = status
        provider = self._provider_of(plan)
        return self._tell(speaker_of(provider).tell_subscription(plan, status if provider == "dodo" else "updated"))

    def change_card(self, subscription_ref: str) -> list[Told]:
        """By which it is paid from now on."""
        plan = self.books.plans[subscription_ref]
        return self._tell(speaker_of(self._provider_of(plan)).tell_new_card(plan))

    def _provider_of(self, plan: Plan) -> str:
        return next(provider_of(sale) for sale in self.books.sales.values() if sale.subscription_ref == plan.ref)

    def sign(self, told: Told) -> Delivery:
        return told.sign(self.secrets[told.provider])

    def deliver(self, delivery: Delivery) -> int:
        """The status that the webhook's receiver answers."""
        assert self.webhook_url is not None
        address = urlsplit(f"{self.webhook_url}/{delivery.provider}")
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        try:
            connection.request("POST", address.path, delivery.body, delivery.headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def _tell(self, *events: Told) -> list[Told]:
        self.told.extend(events)
        if self.webhook_url is not None:
            self.statuses.extend(self.deliver(self.sign(event)) for event in events)
        return list(events)


def provider_of(sale: Sale) -> str:
    return "paddle" if sale.checkout_ref.startswith("txn_") else "dodo"


def speaker_of(provider: str) -> Any:
    return PROVIDERS[provider]
