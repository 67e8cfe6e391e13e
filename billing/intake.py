"""Providers' webhooks: verified over the raw body, reduced, stored under their unique id, answered; then looked at.

Whatever a delivery says is looked at from the store, by the worker, as often as it takes. A delivery that is not
believed is counted and forgotten.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from django.db import DatabaseError, transaction
from django.db.models import F, Q

from billing import auto_top_up, subscriptions
from billing.models import Payment, PaymentEvent, Refund, RefusedDelivery
from billing.payments import ADAPTERS, settle_standing
from billing.providers.contracts import ProviderEvent
from billing.providers.errors import BadSignature, MalformedEvent
from billing.providers.words import EventKind, Provider

log = logging.getLogger(__name__)
Outcome = PaymentEvent.Outcome
AT_ONCE = 200
REFUNDS = {EventKind.REFUND_SUCCEEDED: Refund.Status.SUCCEEDED, EventKind.REFUND_FAILED: Refund.Status.FAILED}


def take_in(provider: str, headers: Mapping[str, str], body: bytes) -> PaymentEvent:
    """A delivery as it came. Raises BadSignature and MalformedEvent, and has counted it then."""
    adapter = ADAPTERS[provider]
    try:
        adapter.verify(headers, body)
        event = adapter.read_event(headers, body)
    except (BadSignature, MalformedEvent) as error:
        count_refused(provider, error.code)
        raise
    return store(event, digest=hashlib.sha256(body).hexdigest())


def store(event: ProviderEvent, *, digest: str) -> PaymentEvent:
    """Once, however often it is delivered."""
    columns = asdict(event)
    event_id = columns.pop("id")
    row, _ = PaymentEvent.objects.get_or_create(
        provider=columns.pop("provider"), event_id=event_id, defaults={**columns, "digest": digest}
    )
    return row


def count_refused(provider: str, reason: str) -> None:
    row, _ = RefusedDelivery.objects.get_or_create(provider=provider, day=datetime.now(UTC).date(), reason=reason)
    RefusedDelivery.objects.filter(pk=row.pk).update(count=F("count") + 1)


def process_waiting() -> int:
    """Looks at what was stored and not looked at yet; how many that were."""
    waiting = PaymentEvent.objects.filter(outcome=Outcome.WAITING).order_by("pk")[:AT_ONCE]
    return sum(_process_or_leave(event) for event in waiting)


def _process_or_leave(event: PaymentEvent) -> bool:
    """One that cannot be applied must not keep the others from it: it is tried again with the next look."""
    try:
        process(event)
    except DatabaseError as error:
        log.warning("payment event %s could not be applied, trying again: %s", event.pk, type(error).__name__)
        return False
    except Exception:  # a fault of ours about one payment: whoever else has paid gets their credits
        log.exception("payment event %s met a fault of ours, trying again", event.pk)
        return False
    return True


@transaction.atomic
def process(event: PaymentEvent) -> Outcome:
    outcome = _apply(event)
    PaymentEvent.objects.filter(pk=event.pk).update(outcome=outcome)
    return outcome


def _apply(event: PaymentEvent) -> Outcome:
    if event.kind == EventKind.OTHER:
        return Outcome.IGNORED
    if event.kind == EventKind.SUBSCRIPTION_CHANGED:
        return _apply_to_subscription(event)
    payment = _find_payment(event)
    if payment is None:
        # A plan's failed payment is told by its subscription's own events, and is nothing to credit.
        return Outcome.UNMATCHED if subscriptions.find_of_event(event) is None else Outcome.IGNORED
    payment = _settle(payment, event)
    _close_refund(payment, event)
    if payment.purpose == Payment.Purpose.AUTO_TOP_UP:
        _note_auto_top_up(payment, event)
    if event.payment_ref:
        _look_again(Q(payment_ref=event.payment_ref), event)
    return Outcome.APPLIED


def _apply_to_subscription(event: PaymentEvent) -> Outcome:
    subscription = subscriptions.find_of_event(event)
    if subscription is None:
        return Outcome.UNMATCHED
    subscription = subscriptions.settle_subscription(subscription, event)
    if subscription.ref:
        _look_again(Q(subscription_ref=subscription.ref), event)
    return Outcome.APPLIED


def _find_payment(event: PaymentEvent) -> Payment | None:
    """By the provider's id of it, by the order, or as a period of a subscription."""
    known = Payment.objects.filter(provider=event.provider)
    if event.payment_ref and (found := known.filter(ref=event.payment_ref).first()):
        return found
    ordered = known.filter(pk=event.order_id).first() if event.order_id else None
    if ordered is not None:
        return ordered if _is_of_what_was_ordered(ordered, event) else None
    subscription = subscriptions.find_of_event(event)
    if subscription is None or event.kind != EventKind.PAYMENT_SUCCEEDED:
        return None
    return subscriptions.find_or_place_period(subscription, event)


def _is_of_what_was_ordered(payment: Payment, event: PaymentEvent) -> bool:
    """A payer can write an order's id into a payment for something cheaper: staff look at such a one."""
    if event.kind != EventKind.PAYMENT_SUCCEEDED:
        return True
    if payment.subscription is not None:  # charged by us, under a mandate
        return event.subscription_ref == payment.subscription.ref
    sold = {Provider.DODO: payment.product.dodo_ref, Provider.PADDLE: payment.product.paddle_ref}
    return event.product_ref == sold[Provider(payment.provider)]


def _settle(payment: Payment, event: PaymentEvent) -> Payment:
    """An order is paid once. Whoever has paid it twice, in two windows, has bought twice."""
    if event.kind != EventKind.PAYMENT_SUCCEEDED:
        return settle_standing(payment)
    settled = settle_standing(payment, ref=event.payment_ref)
    if settled.ref == event.payment_ref:
        return settled
    copied = ("user", "wallet", "product", "subscription", "provider", "purpose", "credits", "amount", "currency")
    again, _ = Payment.objects.get_or_create(
        wallet=payment.wallet,
        key=f"{payment.provider}:{event.payment_ref}",
        defaults={name: getattr(payment, name) for name in copied} | {"ref": event.payment_ref},
    )
    return settle_standing(again)


def _close_refund(payment: Payment, event: PaymentEvent) -> None:
    status = REFUNDS.get(EventKind(event.kind))
    if status is None:
        return
    asked = payment.refunds.filter(ref=event.refund_ref) if event.refund_ref else payment.refunds.none()
    if not asked.update(status=status):  # its answer was lost on the way: told by the amount
        unanswered = payment.refunds.filter(ref="", status=Refund.Status.REQUESTED, amount=event.amount or 0).first()
        if unanswered is not None:
            Refund.objects.filter(pk=unanswered.pk).update(status=status, ref=event.refund_ref)


def _note_auto_top_up(payment: Payment, event: PaymentEvent) -> None:
    if event.kind == EventKind.PAYMENT_FAILED:
        auto_top_up.note_decline(payment)
    elif event.kind == EventKind.PAYMENT_SUCCEEDED:
        auto_top_up.note_success(payment)


def _look_again(about: Q, event: PaymentEvent) -> None:
    """At what came before we knew what it is of."""
    known = PaymentEvent.objects.filter(about, provider=event.provider, outcome=Outcome.UNMATCHED)
    known.exclude(pk=event.pk).update(outcome=Outcome.WAITING)


def rest() -> dict[str, int]:
    """For metrics and staff: what waits, and what is of nothing known here."""
    counted = PaymentEvent.objects.filter(outcome__in=(Outcome.WAITING, Outcome.UNMATCHED))
    return {outcome: counted.filter(outcome=outcome).count() for outcome in (Outcome.WAITING, Outcome.UNMATCHED)}
