"""From an answer that is a refusal to the exception for it: problem+json, or OpenAI's shape at the gateway."""

from __future__ import annotations

import json
import time
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

from littlepull_client.errors import (
    APIError,
    AuthenticationFailed,
    Conflict,
    Fault,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    NotPermitted,
    RateLimited,
    ServerFailed,
)
from littlepull_client.flow import Answer

BY_STATUS: dict[int, type[APIError]] = {
    400: InvalidRequest,
    401: AuthenticationFailed,
    402: InsufficientCredits,
    403: NotPermitted,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    413: InvalidRequest,
    415: InvalidRequest,
    422: InvalidRequest,
    429: RateLimited,
}


def error_of(answer: Answer) -> APIError:
    """Something between us and the server may have answered: what is no problem document is not quoted."""
    told = _told(answer)
    kind = BY_STATUS.get(answer.status, ServerFailed if answer.status >= 500 else APIError)
    return kind(
        answer.status,
        str(told.get("code") or f"http_{answer.status}"),
        str(told.get("detail") or told.get("message") or f"The server answered {answer.status}."),
        request_id=answer.headers.get("x-request-id", ""),
        errors=_faults(told.get("errors")),
        retry_after=read_delay(answer.headers.get("retry-after", "")),
        required=_credits(told.get("required")),
        available=_credits(told.get("available")),
    )


def read_delay(retry_after: str) -> float | None:
    """Retry-After in seconds: it may also name a date."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def _told(answer: Answer) -> dict[str, Any]:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = body["error"]
    return body if isinstance(body, dict) else {}


def _faults(told: Any) -> tuple[Fault, ...]:
    faults = told if isinstance(told, list) else []
    return tuple(
        Fault(str(one.get("pointer", "")), str(one.get("message", ""))) for one in faults if isinstance(one, dict)
    )


def _credits(told: Any) -> Decimal | None:
    try:
        return None if told is None else Decimal(str(told))
    except InvalidOperation:
        return None
