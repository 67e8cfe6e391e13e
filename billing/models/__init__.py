"""The tables of billing: the ledger, what work costs, and payments."""

from billing.models.customers import CustomerErasure
from billing.models.ledger import (
    Entry,
    Hold,
    LedgerCheck,
    Lot,
    Spending,
    SpendingCap,
    Transaction,
    Wallet,
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
    "CustomerErasure",
    "Entry",
    "Hold",
    "LedgerCheck",
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
]
