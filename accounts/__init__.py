"""Ground floor: users and API keys. Imports nothing of ours.

Front doors: models, errors, ids (prefixed, sortable), api_keys (verbs), auth (who is asking),
idempotency (once per key).
"""
