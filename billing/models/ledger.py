"""Wallets, holds, and the double-entry ledger that both are checked against.

All amounts are integers in micro-credits. A transaction's entries sum to zero; entries are
written once and never changed or removed; corrections are new transactions. A wallet's
`available` and `held` are a projection of its entries, kept under the same row lock.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NoReturn

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.ids import new_id
from accounts.models import ApiKey


class WrittenOnce(models.Model):
    """A row that Python code cannot change: corrections are new rows."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} rows are written once.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} rows are never deleted.")


class Wallet(models.Model):
    """The credits of one API key. Its row is the lock under which every amount moves."""

    api_key = models.OneToOneField(ApiKey, models.PROTECT, related_name="+")
    available = models.BigIntegerField(default=0, help_text="Micro-credits free to spend.")
    held = models.BigIntegerField(default=0, help_text="Micro-credits in open holds.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(available__gte=0), name="wallet_available_not_negative"),
            models.CheckConstraint(condition=Q(held__gte=0), name="wallet_held_not_negative"),
        ]


class Hold(models.Model):
    """Credits set aside for work under way: settled or released exactly once."""

    class Status(models.TextChoices):
        OPEN = "open"
        SETTLED = "settled"
        RELEASED = "released"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "hld"), editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="holds")
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
                condition=Q(charged__gte=0) & Q(charged__lte=models.F("credits")), name="charged_within_hold"
            ),
        ]


class Transaction(WrittenOnce):
    """Why credits moved. Its entries sum to zero."""

    class Kind(models.TextChoices):
        GRANT = "grant"
        HOLD = "hold"
        SETTLE = "settle"
        RELEASE = "release"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "txn"), editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="transactions")
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=100, help_text="Idempotency key: what makes a retry harmless.")
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, related_name="transactions")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wallet", "key"], name="one_transaction_per_key")]


class Entry(WrittenOnce):
    """One side of a transaction: signed, never zero."""

    class Account(models.TextChoices):
        AVAILABLE = "available", "The customer's free credits"
        HELD = "held", "The customer's credits in open holds"
        FUNDING = "funding", "Where granted and bought credits come from"
        REVENUE = "revenue", "What finished work has earned"

    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="entries")
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="entries")
    account = models.CharField(max_length=9, choices=Account)
    credits = models.BigIntegerField(help_text="Micro-credits, signed.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(credits=0), name="entry_not_zero"),
            models.UniqueConstraint(fields=["transaction", "account"], name="one_entry_per_account"),
        ]


class Price(WrittenOnce):
    """What one unit of work costs in one version of the price table. A change is a new version."""

    class Item(models.TextChoices):
        PAGE = "page", "A page of an image or document, read"
        AUDIO_SECOND = "audio_second", "A second of sound, read"
        LLM_MAPPING = "llm_mapping", "Mapping of one extraction by a language model"

    version = models.PositiveIntegerField()
    item = models.CharField(max_length=20, choices=Item)
    credits = models.BigIntegerField(help_text="Micro-credits for one unit.")
    effective_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "item"], name="one_price_per_item"),
            models.CheckConstraint(condition=Q(credits__gte=0), name="price_not_negative"),
        ]
