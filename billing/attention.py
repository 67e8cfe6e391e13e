"""What about payments needs a person: each matter with the rows that make it one, the oldest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Model, QuerySet, Sum
from django.utils import timezone

from billing import reconciliation
from billing.models import (
    CustomerErasure,
    Payment,
    PaymentEvent,
    ReconciliationDay,
    ReconciliationDifference,
    Refund,
    RefusedDelivery,
    Wallet,
)
from billing.pricing import format_credits, format_money

LATELY = timedelta(days=30)
SOON = timedelta(minutes=5)  # an event that waits longer waits for a worker that is not there
CONFIRMED_BY = timedelta(days=2)
NIGHT = timedelta(hours=36)  # since the last comparison: longer, and a night was left out
SHOWN = 50
Status, Outcome = Payment.Status, PaymentEvent.Outcome


@dataclass(frozen=True, slots=True)
class Line:
    """`row`: what it is about, if there is a page of it."""

    text: str
    detail: str = ""
    at: datetime | None = None
    row: Model | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """`count` may be more than the lines that are shown."""

    title: str
    advice: str
    count: int
    lines: Sequence[Line]

    @property
    def left_out(self) -> int:
        return max(0, self.count - len(self.lines))


def gather(now: datetime | None = None) -> list[Matter]:
    """Those that there are."""
    moment = now or timezone.now()
    every = [_differences(moment), _not_compared(moment), *_of_payments(moment), _debts(), *_of_refunds(moment)]
    others = [*_of_events(moment), _refused(moment), _not_forgotten()]
    return [matter for matter in (*every, *others) if matter.count]


def _differences(now: datetime) -> Matter:
    rows = ReconciliationDifference.objects.filter(resolved_at=None).order_by("found_at")
    advice = "Look at the provider's own page of the payment; adjust or refund where that is right."
    return _matter(
        "Differences with a provider's list",
        advice,
        rows,
        lambda row: Line(row.get_kind_display(), reconciliation.describe(row), row.found_at, row),
    )


def _not_compared(now: datetime) -> Matter:
    last = ReconciliationDay.objects.aggregate(at=Max("finished_at"))["at"]
    late = Payment.objects.filter(paid_at__lt=now - NIGHT).exists() and (last is None or last < now - NIGHT)
    line = Line("Last compared", "" if last else "never", last)
    advice = "A worker does it each night: is one running? By hand: manage.py reconcile."
    return Matter("Payments were not compared with the providers' lists", advice, int(late), [line])


def _of_payments(now: datetime) -> list[Matter]:
    def line(payment: Payment) -> Line:
        known = payment.paid is not None
        money = format_money(payment.paid or payment.amount, payment.paid_currency if known else payment.currency)
        return Line(
            payment.user.email, f"{money}, {payment.product_id}", payment.paid_at or payment.created_at, payment
        )

    rows = Payment.objects.select_related("user").order_by("pk")
    recent = rows.filter(created_at__gte=now - LATELY)
    return [
        _matter(
            "Disputed payments",
            "Their credits are frozen. Answer the dispute at the provider before its day.",
            rows.filter(status=Status.DISPUTED),
            line,
        ),
        _matter(
            "Payments lost in a dispute, of the last 30 days",
            "Their credits are taken back; what was spent of them is owed.",
            rows.filter(status=Status.LOST, paid_at__gte=now - LATELY),
            line,
        ),
        _matter(
            "Failed payments of the last 30 days",
            "Nothing was credited. Many of one account may be somebody who tries cards.",
            recent.filter(status=Status.FAILED),
            line,
        ),
    ]


def _debts() -> Matter:
    return _matter(
        "Wallets that owe credits",
        "They were spent before their payment was taken back. What comes in next repays them.",
        Wallet.objects.filter(debt__gt=0).select_related("api_key__user").order_by("-debt"),
        lambda row: Line(
            row.api_key.user.email, f"{row.api_key.masked} owes {format_credits(row.debt)} credits", row=row
        ),
    )


def _of_refunds(now: datetime) -> list[Matter]:
    def line(refund: Refund) -> Line:
        money = format_money(refund.amount, refund.payment.paid_currency)
        return Line(refund.payment.user.email, money, refund.created_at, refund)

    rows = Refund.objects.select_related("payment__user").order_by("created_at")
    return [
        _matter(
            "Refunds that were asked for and are not confirmed",
            "Look at the provider's own page. Ask again only for those that it knows nothing of.",
            rows.filter(status=Refund.Status.REQUESTED, created_at__lt=now - CONFIRMED_BY),
            line,
        ),
        _matter(
            "Refunds that the provider refused, of the last 30 days",
            "The customer waits for the money: refund it anew, or tell them why not.",
            rows.filter(status=Refund.Status.FAILED, created_at__gte=now - LATELY),
            line,
        ),
    ]


def _of_events(now: datetime) -> list[Matter]:
    def line(event: PaymentEvent) -> Line:
        money = "" if event.amount is None else format_money(event.amount, event.currency)
        ref = event.payment_ref or event.subscription_ref
        return Line(f"{event.provider}: {event.type}", f"{ref} {money}".strip(), event.received_at, event)

    rows = PaymentEvent.objects.order_by("pk")
    return [
        _matter(
            "Events of nothing that is known here",
            "Somebody may have paid and got nothing: find the payment at the provider, and what was bought.",
            rows.filter(outcome=Outcome.UNMATCHED, received_at__gte=now - LATELY),
            line,
        ),
        _matter(
            "Events that nobody has looked at yet",
            "The worker does that within a second: is one running?",
            rows.filter(outcome=Outcome.WAITING, received_at__lt=now - SOON),
            line,
        ),
    ]


def _refused(now: datetime) -> Matter:
    rows = RefusedDelivery.objects.filter(day__gte=(now - LATELY).date())
    sums = list(rows.values("provider", "reason").annotate(total=Sum("count")).order_by("-total"))
    return Matter(
        "Deliveries that were not believed, in the last 30 days",
        "A few are strangers at the door. Many at once: was the webhook's secret changed at the provider?",
        sum(row["total"] for row in sums),
        [
            Line(
                f"{row['provider']}: {row['reason']}",
                "1 delivery" if row["total"] == 1 else f"{row['total']} deliveries",
            )
            for row in sums
        ],
    )


def _not_forgotten() -> Matter:
    return _matter(
        "Erased customers whom a payment provider has not forgotten",
        "Delete their saved ways to pay and empty name and address on the provider's own page; then say so here. One "
        "whom another account pays as is left as it is.",
        CustomerErasure.objects.filter(status=CustomerErasure.Status.BY_HAND).order_by("asked_at"),
        lambda row: Line(f"{row.provider}: {row.customer_ref}", row.get_why_display(), row.asked_at, row),
    )


def _matter(title: str, advice: str, rows: QuerySet[Any], line: Callable[[Any], Line]) -> Matter:
    shown = [line(row) for row in rows[: SHOWN + 1]]
    count = len(shown) if len(shown) <= SHOWN else rows.count()
    return Matter(title, advice, count, shown[:SHOWN])
