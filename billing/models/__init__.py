"""The tables of billing: the ledger, what work costs, and payments."""

from billing.models.ledger import (
    Entry,
    Hold,
    Lot,
    Spending,
    SpendingCap,
    Transaction,
    Wallet,
    WrittenOnce,
)
from billing.models.payments import (
    AutoTopUp,
    BalanceAlert,
    Payment,
    PaymentEvent,
    Product,
    Receipt,
    ReconciliationDay,
    ReconciliationDifference,
    Refund,
    RefusedDelivery,
    Subscription,
)
from billing.models.prices import Price

__all__ = [
    "AutoTopUp",
    "BalanceAlert",
    "Entry",
    "Hold",
    "Lot",
    "Payment",
    "PaymentEvent",
    "Price",
    "Product",
    "Receipt",
    "ReconciliationDay",
    "ReconciliationDifference",
    "Refund",
    "RefusedDelivery",
    "Spending",
    "SpendingCap",
    "Subscription",
    "Transaction",
    "Wallet",
    "WrittenOnce",
]
