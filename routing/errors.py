"""
RoutingError
├── UnknownModel             the caller named a model that no configured provider can serve
├── NoProvider               the operator configured no provider at all
├── NoCandidate              nobody here can, or may, serve this request; carries why for each
├── MalformedRequest         it is no JSON object
├── InvalidRequest           one of its values cannot be; carries which
├── BodyTooLarge             it is longer than anybody's context
├── AnswerNotKept            its Idempotency-Key was used, and answers are not kept to be given again
├── UnsupportedParameter     the request holds what this provider has no word for; another may have
└── UpstreamError            a provider failed us, the next is tried; carries provider, status, retry_after
    ├── RateLimited          it asks us to slow down
    ├── UpstreamTimeout      it did not answer inside its share of the time
    ├── UpstreamUnavailable  it is down, overloaded or unreachable
    ├── UpstreamRefused      it will not serve this key, model or request, and would refuse it again
    │   └── ContextTooLong   because the request is longer than this model can read; another may
    ├── BadCompletion        it answered, but not with what was asked for: cut off, refused, not an object
    └── StreamCut            its stream ended before its end; `delivered`: events of it had gone out

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


class NoCandidate(RoutingError):
    code = "no_candidate"

    def __init__(self, reason: str, *, excluded: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.excluded = excluded


class MalformedRequest(RoutingError):
    code = "malformed_request"

    def __init__(self) -> None:
        super().__init__("The body is not a JSON object.")


class InvalidRequest(RoutingError):
    """`param` is a place in the request, `must` what stands there in a good one."""

    code = "invalid_request"

    def __init__(self, param: str, must: str) -> None:
        super().__init__(f"{param} {must}.")
        self.param = param


class BodyTooLarge(RoutingError):
    code = "body_too_large"

    def __init__(self, most: int) -> None:
        super().__init__(f"The body is larger than {most} bytes.")


class AnswerNotKept(RoutingError):
    code = "answer_not_kept"

    def __init__(self, generation_id: str) -> None:
        super().__init__(
            f"This request was carried out as {generation_id}. Answers are never kept, so it cannot be given again."
        )


class UnsupportedParameter(RoutingError):
    """`parameter` is out of a list of ours, such as "messages.role": never a name that a caller made up."""

    code = "unsupported_parameter"

    def __init__(self, provider: str, parameter: str) -> None:
        super().__init__(f"{provider} has no counterpart for this parameter: {parameter}.")
        self.provider = provider
        self.parameter = parameter


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


class ContextTooLong(UpstreamRefused):
    """Its code stays that of a refusal: in the records it is one."""

    says = "cannot read a request of this length"


class BadCompletion(UpstreamError):
    code = "bad_completion"
    says = "did not answer with what was asked for"


class StreamCut(UpstreamError):
    code = "cut"
    says = "broke off its answer"

    def __init__(self, provider: str, *, delivered: bool, status: int | None = None) -> None:
        super().__init__(provider, status=status)
        self.delivered = delivered
