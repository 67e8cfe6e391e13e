"""Ground floor: users, API keys, and the webhooks by which an account is told. Imports nothing of ours.

Front doors: models, errors, ids (prefixed, sortable), api_keys (verbs), auth (who is asking), idempotency, once (once
per key), answers (what answers share), paging (lists), spreadsheets (CSV that carries nothing out), off_loop (the
database from the event loop), mail, sealing (envelope encryption), signing (statements anybody can verify), outbound
(requests to addresses that strangers name), webhooks (verbs), delivery (sends what is due), signed_links (a path for
whoever holds the link), sessions (theirs, and ending them), sign_in (what is recorded of it), page_tickets (what a page
of the portal calls the API with), counts (for limits, shared where Redis is), redis_link (the way there), subjects
(people by keyed references), audit and audit_words (who did what, for good), admin_audit (the admin's acts in it),
admin_parts (what lists there share), written_once (rows that are), chores (what the worker does, and how again and
again), meters (what processes count), tracing (spans), worked_on (which request, job and generation).
"""
