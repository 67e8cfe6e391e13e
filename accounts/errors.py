"""
AccountError
├── NotAuthenticated      no key, or none that may pass: one answer for missing, unknown, revoked, expired
├── ScopeMissing          the key is good, but not for this
├── RateLimited           too many requests in this window; carries retry_after in seconds
├── AddressError          an address a stranger named
│   ├── AddressRefused    we do not go there
│   └── AddressFailed     it cannot be reached
├── WebhookError
│   ├── TooManyEndpoints  an account has room for so many
│   ├── EndpointDisabled  it is told nothing until it is switched on again
│   └── DeliveryPending   it is on its way, or will be by itself
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


class AddressError(AccountError):
    pass


class AddressRefused(AddressError):
    code = "address_not_allowed"

    def __init__(self) -> None:
        # One sentence for every reason: an answer that told them apart would be a map of our network.
        super().__init__("Name a public https address of at most 2048 characters, without user and password.")


class AddressFailed(AddressError):
    code = "address_unreachable"

    def __init__(self) -> None:
        super().__init__("This address cannot be reached, or did not answer in time.")


class WebhookError(AccountError):
    pass


class TooManyEndpoints(WebhookError):
    code = "too_many_webhook_endpoints"

    def __init__(self, most: int) -> None:
        super().__init__(f"An account has at most {most} webhook endpoints: delete one, or change one.")


class EndpointDisabled(WebhookError):
    code = "webhook_endpoint_disabled"

    def __init__(self) -> None:
        super().__init__("This endpoint is switched off: switch it on first (PATCH, enabled: true).")


class DeliveryPending(WebhookError):
    code = "webhook_delivery_pending"

    def __init__(self) -> None:
        super().__init__("This message is still being delivered; its next attempt comes by itself.")
