"""The ledger and payments: what is proved, what is held, and what waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum
from django.utils import timezone
from prometheus_client.core import Metric

from billing.models import (
    CustomerErasure,
    Hold,
    LedgerCheck,
    Payment,
    PaymentEvent,
    ReconciliationDay,
    ReconciliationDifference,
    Refund,
    RefusedDelivery,
)
from billing.providers.words import Provider
from littlepull.metrics.family import gauge, gauges, seconds_since, stamp

A_MONTH, SIX_HOURS, TWO_DAYS = timedelta(days=30), timedelta(hours=6), timedelta(days=2)
NEWEST_EVENTS = 1000


def look_at_ledger() -> Iterator[Metric]:
    latest, now = LedgerCheck.objects.first(), timezone.now()
    proved = stamp(latest.at if latest else None)
    yield gauge("ledger_proved_timestamp_seconds", "When the whole ledger was last proved; 0: never.", proved)
    yield gauge("ledger_faults", "What that proof found.", latest.faults if latest else 0)
    opened = Hold.objects.filter(status=Hold.Status.OPEN)
    held = opened.aggregate(count=Count("pk"), credits=Sum("credits"), oldest=Min("created_at"))
    yield gauge("holds_open", "Credits set aside for work under way: how often.", held["count"])
    yield gauge("held_microcredits", "And how many, in millionths.", held["credits"] or 0)
    oldest = seconds_since(held["oldest"], now)
    yield gauge("hold_oldest_open_seconds", "For how long the oldest has been open.", oldest)


def look_at_payments() -> Iterator[Metric]:
    yield from _events()
    now = timezone.now()
    begun = Payment.objects.filter(created_at__gte=now - SIX_HOURS).values_list("provider", "status")
    counts = {(provider, status): count for provider, status, count in _counted(begun)}
    says = "Payments of the last six hours; created: nobody has told us that they were paid."
    yield gauges("payments_lately", says, ["provider", "status"], counts)
    open_ = ReconciliationDifference.objects.filter(resolved_at=None).values_list("provider", "kind")
    counts = {(provider, kind): count for provider, kind, count in _counted(open_)}
    says = "What a provider's list and our books do not agree about."
    yield gauges("payment_differences", says, ["provider", "kind"], counts)
    compared = ReconciliationDay.objects.aggregate(at=Max("finished_at"))["at"]
    yield gauge("payments_compared_timestamp_seconds", "When the lists were last compared; 0: never.", stamp(compared))
    asked = Refund.objects.filter(status=Refund.Status.REQUESTED, created_at__lt=now - TWO_DAYS)
    by_hand = CustomerErasure.objects.filter(status=CustomerErasure.Status.BY_HAND)
    matters = {
        ("disputed",): Payment.objects.filter(status=Payment.Status.DISPUTED).count(),
        ("refund_unconfirmed",): asked.count(),
        ("customer_not_forgotten",): by_hand.count(),
    }
    yield gauges("payments_waiting", "What waits for a person's look.", ["matter"], matters)


def _events() -> Iterator[Metric]:
    now, rows = timezone.now(), PaymentEvent.objects.all()
    waiting = rows.filter(outcome=PaymentEvent.Outcome.WAITING).aggregate(count=Count("pk"), oldest=Min("received_at"))
    unmatched = rows.filter(outcome=PaymentEvent.Outcome.UNMATCHED, received_at__gte=now - A_MONTH).count()
    states = {("waiting",): waiting["count"], ("unmatched",): unmatched}
    says = "Providers' events that are not applied; unmatched: of the last 30 days, of nothing known here."
    yield gauges("payment_events", says, ["state"], states)
    oldest = seconds_since(waiting["oldest"], now)
    yield gauge("payment_event_oldest_waiting_seconds", "For how long the oldest waits.", oldest)
    last = dict.fromkeys(((one.value,) for one in Provider), 0.0)
    for provider, at in rows.order_by("-pk").values_list("provider", "received_at")[:NEWEST_EVENTS]:
        last[provider,] = max(last[provider,], at.timestamp())
    says = "When a provider last told us anything; 0: not among its newest thousand."
    yield gauges("payment_event_last_timestamp_seconds", says, ["provider"], last)
    refused = RefusedDelivery.objects.filter(day=now.date()).values_list("provider", "reason", "count")
    counts = {(provider, reason): count for provider, reason, count in refused}
    says = "Deliveries of today (UTC) that were not believed."
    yield gauges("payment_deliveries_refused_today", says, ["provider", "reason"], counts)


def _counted(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return rows.annotate(count=Count("pk")).order_by()
