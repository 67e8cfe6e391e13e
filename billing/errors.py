"""
BillingError
├── InsufficientCredits   the wallet cannot cover what is asked; carries required and available
└── HoldError             a hold that is closed, or asked to give more than it holds: our own bug
"""

from __future__ import annotations


class BillingError(Exception):
    code = "billing_error"


class InsufficientCredits(BillingError):
    code = "insufficient_credits"

    def __init__(self, *, required: int, available: int) -> None:
        super().__init__("This key has too few credits: top it up, or move credits from another key.")
        self.required = required
        self.available = available


class HoldError(BillingError):
    code = "internal_error"
