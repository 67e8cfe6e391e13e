"""Wallets, holds and the ledger, in integer micro-credits.

Front doors: models, errors, ledger (verbs), pricing (arithmetic), prices (which table holds now).
"""
