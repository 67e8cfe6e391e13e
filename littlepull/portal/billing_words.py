"""What the states of payments, plans and auto top-up mean to whoever waits for them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import AutoTopUp, Payment, Subscription, Transaction

Paid, Plan, Move = Payment.Status, Subscription.Status, Transaction.Kind
Words = str | Promise
UNSETTLED = (Paid.CREATED, Paid.PROCESSING)


@dataclass(frozen=True, slots=True)
class State:
    """`tone`: good, warn, bad or idle, never alone: there are words beside it."""

    tone: str
    word: Words
    meaning: Words = ""


PAYMENTS = {
    Paid.CREATED: State("idle", gettext_lazy("waiting for you"), gettext_lazy("Nothing has been charged.")),
    Paid.PROCESSING: State(
        "warn",
        gettext_lazy("processing"),
        gettext_lazy("Some ways to pay take days. The credits come by themselves, with the provider's word."),
    ),
    Paid.SUCCEEDED: State("good", gettext_lazy("paid")),
    Paid.FAILED: State(
        "bad", gettext_lazy("declined"), gettext_lazy("Nothing was charged. Order again to try another way to pay.")
    ),
    Paid.CANCELED: State("idle", gettext_lazy("canceled"), gettext_lazy("Nothing was charged.")),
    Paid.PARTLY_REFUNDED: State(
        "warn", gettext_lazy("partly refunded"), gettext_lazy("Credits were taken back in proportion.")
    ),
    Paid.REFUNDED: State("idle", gettext_lazy("refunded"), gettext_lazy("Its credits were taken back.")),
    Paid.DISPUTED: State(
        "warn",
        gettext_lazy("disputed"),
        gettext_lazy("What is left of its credits is frozen until the bank has decided."),
    ),
    Paid.LOST: State(
        "bad", gettext_lazy("lost in a dispute"), gettext_lazy("The bank took the money back, and its credits went.")
    ),
}
PLANS = {
    Plan.PENDING: State("idle", gettext_lazy("waiting for you"), gettext_lazy("Nothing has been charged.")),
    Plan.ACTIVE: State("good", gettext_lazy("active")),
    Plan.TRIALING: State("good", gettext_lazy("on trial")),
    Plan.PAST_DUE: State(
        "bad",
        gettext_lazy("past due"),
        gettext_lazy(
            "Its last payment failed, and the provider tries again. Credits that were granted stay until their period "
            "ends; new ones come when a payment succeeds. To put it right, change the payment method at the provider."
        ),
    ),
    Plan.PAUSED: State("warn", gettext_lazy("paused"), gettext_lazy("Nothing is charged, and nothing is granted.")),
    Plan.CANCELED: State("idle", gettext_lazy("canceled")),
    Plan.FAILED: State("bad", gettext_lazy("failed"), gettext_lazy("It was never paid: nothing was charged.")),
}


def payment_state(payment: Payment) -> State:
    return PAYMENTS[Paid(payment.status)]


def subscription_state(subscription: Subscription) -> State:
    return PLANS[Plan(subscription.status)]


def rule_state(rule: AutoTopUp) -> State:
    if rule.subscription.status in (Plan.CANCELED, Plan.FAILED):
        return State("bad", _("without a payment method"), _("The mandate has ended: save the rule again to renew it."))
    if rule.subscription.status != Plan.ACTIVE:
        return State("warn", _("not ready"), _("The provider has no payment method yet: nothing is bought until then."))
    if not rule.enabled:
        return State(
            "bad",
            _("switched off"),
            _("Three purchases within ten minutes switch it off. Save the rule again to switch it on."),
        )
    if rule.not_before and rule.not_before > timezone.now():
        return State("warn", _("declined"), _("The last purchase was declined: it is tried again later."))
    return State("good", _("on"))


MOVES = {
    Move.GRANT: gettext_lazy("Credits came in"),
    Move.HOLD: gettext_lazy("Set aside for work"),
    Move.SETTLE: gettext_lazy("Work was charged"),
    Move.RELEASE: gettext_lazy("Set aside no more"),
    Move.TRANSFER: gettext_lazy("Moved between keys"),
    Move.EXPIRY: gettext_lazy("Expired"),
    Move.FREEZE: gettext_lazy("Frozen: a payment is disputed"),
    Move.UNFREEZE: gettext_lazy("Free again"),
    Move.REVERSAL: gettext_lazy("Taken back: the payment was refunded or lost"),
    Move.ADJUSTMENT: gettext_lazy("Adjusted by our staff"),
}


def move_words(kind: str) -> Words:
    return MOVES[Move(kind)]
