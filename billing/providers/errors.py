"""
ProviderError                code, provider, retryable; never a word of theirs
├── ProviderUnavailable      no answer, or one that says to come again: whether it acted is open
├── ProviderRefused          it said no
├── NotConfigured            no key for it in the settings
└── NotOffered               it has no such thing
BadSignature                 a delivery that is not believed
MalformedEvent               a believed one that cannot be read
"""

from __future__ import annotations

from billing.errors import BillingError


class ProviderError(BillingError):
    code = "payment_provider_unavailable"
    retryable = False
    message = "The payment provider does not answer: try again."

    def __init__(self, provider: str) -> None:
        super().__init__(self.message)
        self.provider = provider


class ProviderUnavailable(ProviderError):
    retryable = True


class ProviderRefused(ProviderError):
    code = "payment_provider_refused"
    message = "The payment provider has refused this."


class NotConfigured(ProviderError):
    code = "payment_provider_not_configured"
    message = "This payment provider is not configured here."


class NotOffered(ProviderError):
    code = "payment_provider_not_offered"
    message = "This payment provider does not offer that."


class BadSignature(BillingError):
    code = "bad_signature"


class MalformedEvent(BillingError):
    code = "bad_event"
