"""
AccountError
├── NotAuthenticated      no key, or none that may pass: one answer for missing, unknown, revoked, expired
├── ScopeMissing          the key is good, but not for this
├── RateLimited           too many requests in this window; carries retry_after in seconds
└── IdempotencyError
    ├── KeyReused         the same Idempotency-Key with another body
    └── StillRunning      the first request with this key has not been answered yet
"""

from __future__ import annotations


class AccountError(Exception):
    code = "account_error"


class NotAuthenticated(AccountError):
    code = "not_authenticated"

    def __init__(self) -> None:
        super().__init__("Send a valid API key: Authorization: Bearer lp_live_…")


class ScopeMissing(AccountError):
    code = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This API key lacks the scope {scope}.")
        self.scope = scope


class RateLimited(AccountError):
    code = "rate_limited"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many requests: try again in {retry_after} s.")
        self.retry_after = retry_after


class IdempotencyError(AccountError):
    pass


class KeyReused(IdempotencyError):
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used with another request: take a new one.")


class StillRunning(IdempotencyError):
    code = "idempotency_in_progress"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("The first request with this Idempotency-Key is still being answered.")
