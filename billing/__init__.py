"""Wallets, holds and the ledger, in integer micro-credits; payments for credits, and the providers that take them.

Front doors: models, errors, ledger (verbs), pricing (arithmetic), prices (which table holds now), spending (caps of
keys), payments (orders, refunds), intake (providers' webhooks), chores (what the worker does), reconciliation,
rehearsal (local providers), webhooks (their door), providers (words).
"""
