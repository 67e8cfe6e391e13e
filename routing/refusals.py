"""Refusals in OpenAI's shape, so that its clients raise their own exceptions for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import OperationalError

from accounts.errors import AccountError, NotAuthenticated
from billing.errors import InsufficientCredits
from billing.pricing import format_credits
from routing.errors import (
    BadCompletion,
    ContextTooLong,
    InvalidRequest,
    NoCandidate,
    RateLimited,
    RoutingError,
    StreamCut,
    UnsupportedParameter,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
)
from routing.words import Exclusion

STATUSES = {
    "malformed_request": 400,
    "not_authenticated": 401,
    "insufficient_credits": 402,
    "spending_cap_reached": 402,
    "scope_missing": 403,
    "unknown_model": 404,
    "idempotency_in_progress": 409,
    "answer_not_kept": 409,
    "body_too_large": 413,
    "invalid_request": 422,
    "idempotency_key_reused": 422,
    "unsupported_parameter": 422,
    "rate_limited": 429,
    "key_limit_reached": 429,
    "no_provider": 503,
}
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "invalid_request_error",
    409: "conflict_error",
    413: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
}
BY_KIND: dict[type[UpstreamError], int] = {
    RateLimited: 429,
    UpstreamTimeout: 504,
    BadCompletion: 502,
    StreamCut: 502,
    UpstreamRefused: 502,  # our key, our account, a model that has gone
}
NOBODYS_FAULT_BUT_OURS = {Exclusion.NOT_CONFIGURED, Exclusion.DISABLED, Exclusion.PRICE_UNKNOWN}


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    code: str
    message: str
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def body(self, request_id: str) -> bytes:
        error = {
            "message": self.message,
            "type": TYPES.get(self.status, "api_error"),
            "param": self.param,
            "code": self.code,
        }
        return orjson.dumps({"error": {**error, **self.more}, "request_id": request_id})


AGAIN = Refusal(
    503,
    "temporarily_unavailable",
    "Our database does not answer. Send the request again.",
    headers={"Retry-After": "5"},
)


def refuse(error: Exception) -> Refusal | None:
    """None for what is no refusal but a bug."""
    if isinstance(error, UpstreamError):
        return _of_provider(error)
    if isinstance(error, OperationalError):
        return AGAIN
    if not isinstance(error, AccountError | RoutingError | InsufficientCredits) and not hasattr(error, "code"):
        return None
    code = error.code
    status = STATUSES.get(code, 500)
    if isinstance(error, NoCandidate):
        status = 503 if set(error.excluded) <= NOBODYS_FAULT_BUT_OURS else 422
    headers, more = _extras(error)
    return Refusal(status, code, str(error), _param(error), headers, more)


def _of_provider(error: UpstreamError) -> Refusal:
    """Their trouble is no fault of the caller's, but for a request that they will never serve."""
    headers = {} if error.retry_after is None else {"Retry-After": str(max(1, round(error.retry_after)))}
    if isinstance(error, ContextTooLong) or (isinstance(error, UpstreamRefused) and error.status in (400, 413, 422)):
        return Refusal(400, error.code, str(error))
    status = next((status for kind, status in BY_KIND.items() if isinstance(error, kind)), 503)
    return Refusal(status, error.code, str(error), headers=headers)


def _extras(error: Exception) -> tuple[dict[str, str], dict[str, Any]]:
    headers, more = {}, {}
    if isinstance(error, NotAuthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, InsufficientCredits):
        more = {"required": format_credits(error.required), "available": format_credits(error.available)}
    after = getattr(error, "retry_after", None) or getattr(error, "resets_in", None)
    if after:
        headers["Retry-After"] = str(max(1, round(after)))
    return headers, more


def _param(error: Exception) -> str | None:
    if isinstance(error, InvalidRequest):
        return error.param
    if isinstance(error, UnsupportedParameter):
        return error.parameter
    return None
