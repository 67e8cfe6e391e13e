"""Ground floor: users, API keys, and the webhooks by which an account is told. Imports nothing of ours.

Front doors: models, errors, ids (prefixed, sortable), api_keys (verbs), auth (who is asking), idempotency, once (once
per key), answers (what answers share), paging (lists), off_loop (the database from the event loop), mail, sealing
(envelope encryption), signing (statements anybody can verify), outbound (requests to addresses that strangers name),
webhooks (verbs), delivery (sends what is due), signed_links (a path for whoever holds the link).
"""
