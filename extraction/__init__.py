"""The product: media in, text read, JSON out.

Front doors: models, errors, jobs (verbs), spool (sealed media on disk).
"""
