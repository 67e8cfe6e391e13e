"""Money as staff see it: the books to read, and acts by the verbs that every other door calls.

What moves credits or money is an act with a permission, a reason, a note and the name of who did it.
"""

from billing.admin import customers, ledger, payments, prices, provider_events

__all__ = ["customers", "ledger", "payments", "prices", "provider_events"]
