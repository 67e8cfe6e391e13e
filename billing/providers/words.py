"""The words for payment providers and for what they tell us."""

from __future__ import annotations

from enum import StrEnum


class Provider(StrEnum):
    DODO = "dodo"
    PADDLE = "paddle"


class EventKind(StrEnum):
    PAYMENT_SUCCEEDED = "payment_succeeded"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_PROCESSING = "payment_processing"
    PAYMENT_CANCELED = "payment_canceled"
    REFUND_SUCCEEDED = "refund_succeeded"
    REFUND_FAILED = "refund_failed"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    SUBSCRIPTION_CHANGED = "subscription_changed"
    OTHER = "other"
