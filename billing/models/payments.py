"""What can be bought, what was paid, and what the payment providers told of it.

A provider's event is kept as the columns of PaymentEvent and nothing else: no name, no e-mail, no address, no card.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.ids import new_id
from accounts.written_once import WrittenOnce
from billing.models.ledger import Wallet
from billing.providers.words import EventKind, Provider


def provider_field() -> models.CharField:
    return models.CharField(max_length=6, choices=[(one.value, one.name.title()) for one in Provider])


class Product(models.Model):
    """A pack of credits, or a plan that grants them each month. Amounts in the currency's smallest unit, before tax."""

    class Kind(models.TextChoices):
        TOP_UP = "top_up", "Credits, once"
        PLAN = "plan", "Credits each month"

    code = models.SlugField(primary_key=True, max_length=40)
    kind = models.CharField(max_length=6, choices=Kind)
    name = models.CharField(max_length=80)
    credits = models.BigIntegerField(help_text="Micro-credits, for a plan those of a month.")
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3, default="USD")
    dodo_ref = models.CharField(max_length=80, blank=True, help_text="The product's id at Dodo Payments.")
    paddle_ref = models.CharField(max_length=80, blank=True, help_text="The price's id at Paddle.")
    active = models.BooleanField(default=True, help_text="Is offered.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(credits__gt=0), name="product_has_credits")]

    def __str__(self) -> str:
        return self.code


class Subscription(models.Model):
    """A plan somebody has: as the provider's newest event about it says."""

    class Status(models.TextChoices):
        PENDING = "pending", "Not paid yet"
        ACTIVE = "active"
        TRIALING = "trialing"
        PAST_DUE = "past_due", "Its payment failed and is tried again"
        PAUSED = "paused"
        CANCELED = "canceled"
        FAILED = "failed"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "sub"), editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="subscriptions")
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, related_name="+", help_text="Null: only for auto top-up."
    )
    provider = provider_field()
    key = models.CharField(max_length=100, help_text="Idempotency key: the same order is made once.")
    checkout_ref = models.CharField(max_length=80, blank=True)
    checkout_url = models.CharField(max_length=500, blank=True)
    ref = models.CharField(max_length=80, blank=True, help_text="The provider's id of it.")
    customer_ref = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    period_end = models.DateTimeField(null=True)
    cancels_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wallet", "key"], name="one_subscription_per_key"),
            models.UniqueConstraint(fields=["provider", "ref"], condition=~Q(ref=""), name="one_subscription_per_ref"),
        ]


class Payment(models.Model):
    """Money for credits. The row is written before anybody is asked to pay; `status` is a projection of its events."""

    class Purpose(models.TextChoices):
        TOP_UP = "top_up"
        AUTO_TOP_UP = "auto_top_up"
        PLAN = "plan", "A period of a subscription"

    class Status(models.TextChoices):
        CREATED = "created", "Waiting to be paid"
        PROCESSING = "processing"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELED = "canceled"
        PARTLY_REFUNDED = "partly_refunded"
        REFUNDED = "refunded"
        DISPUTED = "disputed"
        LOST = "lost", "Lost in a dispute"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "pay"), editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="payments")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, models.PROTECT, null=True, related_name="payments")
    provider = provider_field()
    purpose = models.CharField(max_length=11, choices=Purpose)
    key = models.CharField(max_length=100, help_text="Idempotency key: the same order is made once.")
    credits = models.BigIntegerField(help_text="Micro-credits that it buys.")
    amount = models.PositiveIntegerField(help_text="As offered; what was charged, with tax, is in `paid`.")
    currency = models.CharField(max_length=3)
    paid = models.PositiveIntegerField(null=True, help_text="Charged, in paid_currency's smallest unit, tax included.")
    paid_currency = models.CharField(max_length=3, blank=True)
    refunded = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=15, choices=Status, default=Status.CREATED)
    checkout_ref = models.CharField(max_length=80, blank=True)
    checkout_url = models.CharField(max_length=500, blank=True)
    ref = models.CharField(max_length=80, blank=True, help_text="The provider's id of it.")
    period_end = models.DateTimeField(null=True, help_text="Of a plan's period: its credits expire with it.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        permissions = (("refund_payment", "Can refund a payment"),)
        constraints = [
            models.UniqueConstraint(fields=["wallet", "key"], name="one_payment_per_key"),
            models.UniqueConstraint(fields=["provider", "ref"], condition=~Q(ref=""), name="one_payment_per_ref"),
        ]

    def __str__(self) -> str:
        return self.id


class Refund(models.Model):
    """Money asked back for a customer. The row is written before the provider is asked; its event takes the credits."""

    class Status(models.TextChoices):
        REQUESTED = "requested"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "rfd"), editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=100, help_text="Idempotency key.")
    amount = models.PositiveIntegerField(help_text="In the payment's paid_currency.")
    reason = models.CharField(max_length=200)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=9, choices=Status, default=Status.REQUESTED)
    ref = models.CharField(max_length=80, blank=True, help_text="The provider's id of it.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "key"], name="one_refund_per_key"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_has_amount"),
        ]


class PaymentEvent(models.Model):
    """A provider's delivery, verified, reduced to what is needed, stored under its unique id before it is answered."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", "Not looked at yet"
        APPLIED = "applied"
        UNMATCHED = "unmatched", "Of nothing that is known here"
        IGNORED = "ignored", "Of no consequence"

    provider = provider_field()
    event_id = models.CharField(max_length=100)
    type = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=[(one.value, one.value) for one in EventKind])
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.WAITING)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body as it came.")
    order_id = models.CharField(max_length=32, blank=True, db_index=True)
    payment_ref = models.CharField(max_length=80, blank=True, db_index=True)
    refund_ref = models.CharField(max_length=80, blank=True)
    dispute_ref = models.CharField(max_length=80, blank=True)
    subscription_ref = models.CharField(max_length=80, blank=True, db_index=True)
    customer_ref = models.CharField(max_length=80, blank=True)
    product_ref = models.CharField(max_length=80, blank=True)
    invoice_ref = models.CharField(max_length=80, blank=True)
    amount = models.BigIntegerField(null=True, help_text="In the currency's smallest unit.")
    currency = models.CharField(max_length=3, blank=True)
    status = models.CharField(max_length=40, blank=True)
    period_start = models.DateTimeField(null=True)
    period_end = models.DateTimeField(null=True)
    cancels_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="one_event_per_id")]
        indexes = [models.Index(fields=["id"], condition=Q(outcome="waiting"), name="events_waiting")]


class RefusedDelivery(models.Model):
    """How many deliveries of a day were not believed, and why. What they said is not kept."""

    provider = provider_field()
    day = models.DateField(default=date.today)
    reason = models.CharField(max_length=20)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "refused deliveries"
        constraints = [models.UniqueConstraint(fields=["provider", "day", "reason"], name="one_count_per_day")]


class Receipt(WrittenOnce):
    """The proof of one payment, numbered without gaps."""

    number = models.PositiveIntegerField(primary_key=True)
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="receipt")
    issued_at = models.DateTimeField(default=timezone.now)


class ReconciliationDay(models.Model):
    """A day on which our payments were compared with the providers' lists: by one worker, or again if it broke off."""

    day = models.DateField(primary_key=True)
    claimed_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)


class ReconciliationDifference(models.Model):
    """What a provider's list and our books do not agree about, until a later comparison finds that they do."""

    class Kind(models.TextChoices):
        UNKNOWN_HERE = "unknown_here", "Paid there, of no order of ours"
        UNPAID_HERE = "unpaid_here", "Paid there, not paid here"
        UNKNOWN_THERE = "unknown_there", "Paid here, not on their list"
        UNPAID_THERE = "unpaid_there", "Paid here, not paid there"
        AMOUNT = "amount", "Another amount was paid"
        CURRENCY = "currency", "It was paid in another currency"
        REFUNDED = "refunded", "Another sum was given back"
        DISPUTE = "dispute", "Disputed on one side alone"
        NOT_LISTED = "not_listed", "The provider's list could not be read"

    provider = provider_field()
    kind = models.CharField(max_length=13, choices=Kind)
    payment_ref = models.CharField(max_length=80, blank=True, help_text="The provider's id of it.")
    order_id = models.CharField(max_length=32, blank=True, help_text="Ours.")
    here = models.CharField(max_length=40, blank=True, help_text="What our books say.")
    there = models.CharField(max_length=40, blank=True, help_text="What the provider says.")
    payment_at = models.DateTimeField(null=True, help_text="When it was made: tells which comparisons look at it.")
    found_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, help_text="When a comparison did not find it any more.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "kind", "payment_ref", "order_id"],
                condition=Q(resolved_at=None),
                name="one_open_difference",
            )
        ]


class BalanceAlert(models.Model):
    """Tell the owner once each time the free credits fall below this."""

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "alr"), editable=False)
    wallet = models.ForeignKey(Wallet, models.CASCADE, related_name="alerts")
    credits = models.BigIntegerField(null=True, help_text="Micro-credits; or")
    percent = models.PositiveSmallIntegerField(null=True, help_text="of the last purchase or grant.")
    told_at = models.DateTimeField(null=True, help_text="Set while below, and told.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(credits__gt=0, percent=None) | Q(credits=None, percent__gt=0, percent__lte=100),
                name="alert_has_one_threshold",
            ),
            models.UniqueConstraint(fields=["wallet", "credits"], name="one_alert_per_amount"),
            models.UniqueConstraint(fields=["wallet", "percent"], name="one_alert_per_percent"),
        ]


class AutoTopUp(models.Model):
    """Buy again when the free credits fall below the threshold, by the payment method kept at the provider."""

    wallet = models.OneToOneField(Wallet, models.CASCADE, primary_key=True, related_name="auto_top_up")
    subscription = models.ForeignKey(
        Subscription, models.PROTECT, related_name="+", help_text="Where the method is kept."
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    threshold = models.BigIntegerField(help_text="Micro-credits.")
    target = models.BigIntegerField(null=True, help_text="Buy as many packs as reach this; null: one pack.")
    enabled = models.BooleanField(default=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row.")
    not_before = models.DateTimeField(null=True, help_text="After a decline: not again until then.")
    created_at = models.DateTimeField(default=timezone.now)
