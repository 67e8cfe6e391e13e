"""Model calls: which provider is asked, in which order, and what happens when one fails.

Front doors: errors, contracts (what is asked and answered), complete (verbs), configured (which
providers are there), structured (reading JSON), bookkeeping (journals into the books), statistics (how
models do).
"""
