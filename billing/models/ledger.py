"""Wallets, lots, holds, and the double-entry ledger that all of them are checked against.

All amounts are integers in micro-credits. A transaction's entries sum to zero; entries are written once and never
changed or removed (triggers in the database hold that); corrections are new transactions. The amounts of wallets and
lots are a projection of their entries, kept under the lock of the wallet's row.
"""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.ids import new_id
from accounts.models import ApiKey
from accounts.written_once import WrittenOnce


def _never_negative(model: str, *columns: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(condition=Q(**{f"{column}__gte": 0}), name=f"{model}_{column}_not_negative")
        for column in columns
    ]


class Wallet(models.Model):
    """The credits of one API key. Its row is the lock under which every amount moves."""

    api_key = models.OneToOneField(ApiKey, models.PROTECT, related_name="+")
    available = models.BigIntegerField(default=0, help_text="Micro-credits free to spend.")
    held = models.BigIntegerField(default=0, help_text="Micro-credits in open holds.")
    frozen = models.BigIntegerField(default=0, help_text="Micro-credits of payments that are disputed.")
    debt = models.BigIntegerField(
        default=0, help_text="Micro-credits spent of a payment that was taken back. Repaid by what comes in next."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        permissions = (("adjust_wallet", "Can adjust the credits of a wallet"),)
        constraints = [
            *_never_negative("wallet", "available", "held", "frozen", "debt"),
            models.CheckConstraint(condition=Q(debt=0) | Q(available=0), name="debt_is_repaid_first"),
        ]

    def __str__(self) -> str:
        return f"wallet {self.pk}"

    @property
    def balance(self) -> int:
        return self.available + self.held + self.frozen - self.debt


class Lot(models.Model):
    """Credits that came in together: spent by priority, then by what expires earlier, then by age."""

    class Kind(models.TextChoices):
        GIFT = "gift", "Granted without payment"
        PLAN = "plan", "Granted by a subscription for a period"
        PAID = "paid", "Bought"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "lot"), editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="lots")
    kind = models.CharField(max_length=4, choices=Kind)
    priority = models.PositiveSmallIntegerField(help_text="Lower is spent first: gifts before what was paid for.")
    payment = models.ForeignKey("billing.Payment", models.PROTECT, null=True, related_name="lots")
    left = models.BigIntegerField(default=0, help_text="Micro-credits of it that are free to spend.")
    frozen = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = _never_negative("lot", "left", "frozen")
        indexes = [models.Index(fields=["wallet"], condition=Q(left__gt=0), name="lots_with_credits")]


class Hold(models.Model):
    """Credits set aside for work under way: settled or released exactly once."""

    class Status(models.TextChoices):
        OPEN = "open"
        SETTLED = "settled"
        RELEASED = "released"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "hld"), editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="holds")
    spender = models.ForeignKey(
        ApiKey, models.PROTECT, null=True, related_name="+", help_text="Whose cap it counts to."
    )
    key = models.CharField(max_length=100, help_text="Idempotency key: a retry finds the first hold.")
    credits = models.BigIntegerField(help_text="Micro-credits set aside.")
    charged = models.BigIntegerField(default=0, help_text="Micro-credits kept when it was settled.")
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    price_version = models.PositiveIntegerField(help_text="The price table it was reckoned with.")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wallet", "key"], name="one_hold_per_key"),
            models.CheckConstraint(condition=Q(credits__gte=0), name="hold_not_negative"),
            models.CheckConstraint(
                condition=Q(charged__gte=0) & Q(charged__lte=F("credits")), name="charged_within_hold"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(status="open"), name="holds_open")]  # of all, a few


class Transaction(WrittenOnce):
    """Why credits moved. Its entries sum to zero."""

    class Kind(models.TextChoices):
        GRANT = "grant"
        HOLD = "hold"
        SETTLE = "settle"
        RELEASE = "release"
        TRANSFER = "transfer"
        EXPIRY = "expiry"
        FREEZE = "freeze", "A payment is disputed"
        UNFREEZE = "unfreeze"
        REVERSAL = "reversal", "A payment was refunded, or its dispute lost"
        ADJUSTMENT = "adjustment", "By staff"

    class Reason(models.TextChoices):
        GOODWILL = "goodwill"
        INCIDENT = "incident", "Work of ours failed and was charged"
        CORRECTION = "correction", "Of a mistake in the books"
        ABUSE = "abuse"
        MIGRATION = "migration"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "txn"), editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="transactions")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=100, help_text="Idempotency key: what makes a retry harmless.")
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, related_name="transactions")
    payment = models.ForeignKey("billing.Payment", models.PROTECT, null=True, related_name="transactions")
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wallet", "key"], name="one_transaction_per_key")]


class Entry(WrittenOnce):
    """One side of a transaction: signed, never zero."""

    class Account(models.TextChoices):
        AVAILABLE = "available", "The customer's free credits"
        HELD = "held", "The customer's credits in open holds"
        FROZEN = "frozen", "The customer's credits under dispute"
        DEBT = "debt", "What the customer owes: below zero"
        FUNDING = "funding", "Where granted and bought credits come from"
        REVENUE = "revenue", "What finished work has earned"
        EXPIRED = "expired", "What was not spent in time"

    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="entries")
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="entries")
    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, related_name="entries", help_text="Of the customer's credits."
    )
    account = models.CharField(max_length=9, choices=Account)
    credits = models.BigIntegerField(help_text="Micro-credits, signed.")

    class Meta:
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["wallet", "transaction"], name="entries_of_a_wallet")]
        constraints = [
            models.CheckConstraint(condition=~Q(credits=0), name="entry_not_zero"),
            models.UniqueConstraint(fields=["transaction", "account", "lot"], name="one_entry_per_lot"),
            models.UniqueConstraint(
                fields=["transaction", "wallet", "account"], condition=Q(lot=None), name="one_entry_per_account"
            ),
            models.CheckConstraint(
                condition=Q(account__in=("available", "held", "frozen"), lot__isnull=False)
                | Q(account__in=("debt", "funding", "revenue", "expired"), lot=None),
                name="credits_belong_to_lots",
            ),
        ]


class LedgerCheck(models.Model):
    """That the whole ledger was proved, and how many faults it had. About nobody."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    faults = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]


class SpendingCap(models.Model):
    """At most so many micro-credits in a calendar month (UTC) for one key."""

    api_key = models.OneToOneField(ApiKey, models.CASCADE, primary_key=True, related_name="+")
    credits = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(credits__gte=0), name="cap_not_negative")]


class Spending(models.Model):
    """What a key has spent in a month, holds under way included: kept with each hold."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    month = models.DateField(help_text="Its first day.")
    credits = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "month"], name="one_spending_per_month")]
