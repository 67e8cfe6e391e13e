"""A provider's HTTP status in our words: one table for all, as they all follow the same conventions.

A body is looked into for one thing, whether the request was too long, and is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from routing.errors import (
    ContextTooLong,
    RateLimited,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from routing.providers.chunks import parse_object
from routing.providers.limits import read_retry_after

BY_STATUS: dict[int, type[UpstreamError]] = {
    408: UpstreamTimeout,
    409: UpstreamUnavailable,
    413: ContextTooLong,
    429: RateLimited,
    498: UpstreamUnavailable,  # Groq: its flexible capacity is used up
    504: UpstreamTimeout,
}

MAY_BE_LENGTH = {400, 422}
TOO_LONG_CODES = {
    "context_length_exceeded",
    "context_window_exceeded",
    "model_context_window_exceeded",
    "exceed_context_size_error",
    "max_context_length_exceeded",
    "string_above_max_length",
    "prompt_too_long",
    "request_too_large",
}
# For those who send no code. Only the start of a message is read: further on it may quote the request.
TOO_LONG_WORDS = re.compile(
    r"context (length|window|size|limit)|(prompt|input|request)\W+(is )?too (long|large)|reduce the length"
    r"|exceeds? .{0,30}\bcontext\b|tokens \+ `max_new_tokens`",
    re.IGNORECASE,
)
MESSAGE_START = 200

# The words in which a stream says that it failed after all, for those who give no number.
STATUS_OF_WORD = {
    "overloaded_error": 529,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "api_error": 500,
    "server_error": 500,
    "timeout_error": 504,
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
}


def from_status(provider: str, status: int, headers: Mapping[str, str], body: bytes = b"") -> UpstreamError:
    kind = BY_STATUS.get(status) or (UpstreamRefused if 400 <= status < 500 else UpstreamUnavailable)
    if status in MAY_BE_LENGTH and _is_too_long(_read_error(body)):
        kind = ContextTooLong
    return kind(provider, status=status, retry_after=read_retry_after(headers, exhausted=status == 429))


def from_error_event(provider: str, error: Any) -> UpstreamError | None:
    """What an error inside a stream stands for; None where it does not say."""
    if not isinstance(error, dict):
        return None
    for word in (error.get("status_code"), error.get("code"), error.get("status"), error.get("type")):
        status = STATUS_OF_WORD.get(word) if isinstance(word, str) else word
        if isinstance(status, int) and 400 <= status < 600:
            failure = from_status(provider, status, {})
            if status in MAY_BE_LENGTH and _is_too_long(error):
                return ContextTooLong(provider, status=status)
            return failure
    return None


def _read_error(body: bytes) -> dict[str, Any]:
    answer = parse_object(body) or {}
    error = answer.get("error", answer)
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}


def _is_too_long(error: Mapping[str, Any]) -> bool:
    if any(isinstance(word, str) and word in TOO_LONG_CODES for word in (error.get("code"), error.get("type"))):
        return True
    message = error.get("message")
    return isinstance(message, str) and bool(TOO_LONG_WORDS.search(message[:MESSAGE_START]))
