"""
RoutingError
├── UnknownModel             the caller named a model that no configured provider can serve
├── NoProvider               the operator configured no provider at all
└── UpstreamError            a provider failed us, the next is tried; carries provider, status, retry_after
    ├── RateLimited          it asks us to slow down
    ├── UpstreamTimeout      it did not answer inside its share of the time
    ├── UpstreamUnavailable  it is down, overloaded or unreachable
    ├── UpstreamRefused      it will not serve this key, model or request, and would refuse it again
    └── BadCompletion        it answered, but not with what was asked for: cut off, refused, not an object

Each carries a stable `code`. Messages are made here from the provider's name and the
status alone: never a prompt, a completion or the body a provider sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routing.contracts import Attempt


class RoutingError(Exception):
    code = "routing_failed"
    attempts: tuple[Attempt, ...] = ()


class UnknownModel(RoutingError):
    code = "unknown_model"

    def __init__(self) -> None:
        super().__init__('The model must be "auto" or "provider/model", with a provider that is configured here.')


class NoProvider(RoutingError):
    code = "no_provider"

    def __init__(self) -> None:
        super().__init__("No provider of model calls is configured.")


class UpstreamError(RoutingError):
    code = "upstream_error"
    says = "failed"
    retryable = True  # the same request may succeed later

    def __init__(self, provider: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        suffix = f" (status {status})" if status else ""
        super().__init__(f"{provider} {self.says}{suffix}.")
        self.provider = provider
        self.status = status
        self.retry_after = retry_after  # seconds, as the provider asked


class RateLimited(UpstreamError):
    code = "rate_limited"
    says = "asks for fewer requests"


class UpstreamTimeout(UpstreamError):
    code = "upstream_timeout"
    says = "did not answer in time"


class UpstreamUnavailable(UpstreamError):
    code = "upstream_unavailable"
    says = "is unavailable"


class UpstreamRefused(UpstreamError):
    code = "upstream_refused"
    says = "refused the request"
    retryable = False


class BadCompletion(UpstreamError):
    code = "bad_completion"
    says = "did not answer with what was asked for"
