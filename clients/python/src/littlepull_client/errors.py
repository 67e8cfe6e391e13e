"""
LittlePullError
├── NotConfigured            no API key, or one that cannot be; an extra that is not installed
├── ConnectionFailed         no answer: no connection, or one that broke, after every retry
├── TimedOut                 no end within the time given; carries `extraction_id` where there is one
├── ExtractionFailed         it was accepted and ended badly; carries `extraction`, `code`, `detail`
├── NotGenuine               a webhook or a destruction receipt that is not what was signed
└── APIError                 the server refused; carries `status`, `code`, `detail`, `request_id`, `errors`
    ├── InvalidRequest       400, 413, 415, 422: the request, the file or the schema
    ├── AuthenticationFailed 401: no valid API key
    ├── NotPermitted         403: the key lacks a scope
    ├── InsufficientCredits  402: carries `required` and `available`; None for a spending cap that is reached
    ├── NotFound             404, 410: not there, not yours, or not any more
    ├── Conflict             409: the state of things forbids it
    ├── RateLimited          429: carries `retry_after`
    └── ServerFailed         5xx: their fault, after every retry

Messages are made of the server's code and sentence alone, which never repeat a file, a schema or a prompt.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from littlepull_client.extraction import Extraction


class LittlePullError(Exception):
    """Whatever this package raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it can be handed from process to process, whatever its arguments were."""
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(kind: type[LittlePullError], args: tuple[Any, ...], told: dict[str, Any]) -> LittlePullError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(told)
    return error


class NotConfigured(LittlePullError):
    pass


class ConnectionFailed(LittlePullError):
    pass


class TimedOut(LittlePullError):
    def __init__(self, message: str, *, extraction_id: str | None = None) -> None:
        super().__init__(message)
        self.extraction_id = extraction_id


class NotGenuine(LittlePullError):
    pass


class ExtractionFailed(LittlePullError):
    def __init__(self, extraction: Extraction) -> None:
        self.extraction = extraction
        self.code = extraction.error.code if extraction.error else extraction.status
        self.detail = extraction.error.detail if extraction.error else f"The extraction was {extraction.status}."
        super().__init__(f"{extraction.id}: {self.detail} ({self.code})")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a request: where (a JSON Pointer), and why."""

    pointer: str
    message: str


class APIError(LittlePullError):
    """`retry_after` is in seconds, where the server named it; `required` and `available` where credits are short."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        request_id: str = "",
        errors: tuple[Fault, ...] = (),
        retry_after: float | None = None,
        required: Decimal | None = None,
        available: Decimal | None = None,
    ) -> None:
        super().__init__(f"{detail} ({status} {code}{', ' + request_id if request_id else ''})")
        self.status, self.code, self.detail = status, code, detail
        self.request_id, self.errors, self.retry_after = request_id, errors, retry_after
        self.required, self.available = required, available


class InvalidRequest(APIError):
    pass


class AuthenticationFailed(APIError):
    pass


class NotPermitted(APIError):
    pass


class InsufficientCredits(APIError):
    pass


class NotFound(APIError):
    pass


class Conflict(APIError):
    pass


class RateLimited(APIError):
    pass


class ServerFailed(APIError):
    pass
