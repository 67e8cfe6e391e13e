"""
BillingError
├── InsufficientCredits    the wallet cannot cover what is asked; carries required and available
│   └── SpendingCapReached     the key's owner allows it no more this month
├── TransferRefused        between keys of two owners, of two modes, or to itself
├── KeyRefused             a key that cannot be as it is asked for
├── PlaintextNotKept       its Idempotency-Key was used; the plaintext was shown then, and is not kept
├── UnknownProduct         there is none of that name, or it is not offered by that provider
├── TooManyAlerts          a wallet has as many as it may
├── RefundRefused          more than was paid, or nothing that could be refunded
├── SubscriptionNotBegun   nobody has gone through its checkout yet
├── HoldError              a hold that is closed, or asked to give more than it holds: our own bug
└── LedgerBug              a transaction that does not sum to zero: our own bug
"""

from __future__ import annotations


class BillingError(Exception):
    code = "billing_error"


class InsufficientCredits(BillingError):
    code = "insufficient_credits"

    message = "This key has too few credits: top it up, or move credits from another key."

    def __init__(self, *, required: int, available: int) -> None:
        super().__init__(self.message)
        self.required = required
        self.available = available


class SpendingCapReached(InsufficientCredits):
    """`available`: micro-credits that the cap still leaves this month."""

    code = "spending_cap_reached"
    message = "This key's spending cap for the month would be passed: raise it, or wait for the next month."


class TransferRefused(BillingError):
    code = "transfer_refused"


class KeyRefused(BillingError):
    code = "key_refused"


class PlaintextNotKept(BillingError):
    code = "answer_not_kept"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"This was done, for {key_id}. Its plaintext was shown once and is not kept: reroll the key.")


class UnknownProduct(BillingError):
    code = "unknown_product"


class TooManyAlerts(BillingError):
    code = "too_many_alerts"


class RefundRefused(BillingError):
    code = "refund_refused"


class SubscriptionNotBegun(BillingError):
    code = "subscription_not_begun"


class HoldError(BillingError):
    code = "internal_error"


class LedgerBug(BillingError):
    code = "internal_error"
