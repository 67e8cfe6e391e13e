"""The API's roof: one NinjaAPI, its routers, and the table by which errors leave."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.types import DictStrAny

from accounts.auth import ApiKeyAuth
from accounts.deliveries_api import router as deliveries_router
from accounts.errors import AccountError, NotAuthenticated
from accounts.webhooks_api import router as webhooks_router
from billing.api import router as billing_router
from billing.credits_api import router as credits_router
from billing.errors import BillingError, InsufficientCredits
from billing.keys_api import router as keys_router
from billing.payments_api import router as payments_router
from billing.pricing import format_credits
from billing.subscriptions_api import router as subscriptions_router
from extraction.api import router as extraction_router
from extraction.batch_api import router as batch_router
from extraction.errors import ExtractionError, SchemaError
from extraction.quote_api import router as quote_router
from extraction.schemas_api import router as schemas_router
from littlepull import __version__
from littlepull.middleware import NO_SUCH_OBJECT
from littlepull.openapi import describe_problems
from littlepull.prices_api import router as prices_router
from littlepull.problems import problem
from littlepull.usage_api import router as usage_router
from privacy.api import router as privacy_router
from privacy.errors import PrivacyError
from routing.api import router as gateway_router
from routing.errors import RoutingError

log = logging.getLogger(__name__)
AGAIN_AFTER_SECONDS = 5


class NulInText(ValueError):
    pass


class TextParser(Parser):
    """JSON, but for texts with a NUL in them: no text has one, and PostgreSQL fails at it."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        body = super().parse_body(request)
        if b"\\u0000" in request.body and _has_nul(body):
            raise NulInText
        return body


def _has_nul(value: Any) -> bool:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str(text) if "\0" in text:
                return True
            case dict(some):
                waiting += [*some, *some.values()]
            case list(some):
                waiting += some
    return False


class LittlePullAPI(NinjaAPI):
    def get_openapi_schema(self, **arguments: Any) -> OpenAPISchema:  # type: ignore[override]
        return describe_problems(super().get_openapi_schema(**arguments))


api = LittlePullAPI(
    title="LittlePull",
    version=__version__,
    description="Photos, PDFs and recordings in; JSON that fits your schema out, each value with its place.",
    urls_namespace="v1",
    auth=ApiKeyAuth(),
    parser=TextParser(),
)
api.add_router("", billing_router)
api.add_router("", payments_router)
api.add_router("", subscriptions_router)
api.add_router("", keys_router)
api.add_router("", prices_router)
api.add_router("", usage_router)
api.add_router("", credits_router)
api.add_router("", quote_router)
api.add_router("", batch_router)
api.add_router("", extraction_router)
api.add_router("", webhooks_router)
api.add_router("", deliveries_router)
api.add_router("", schemas_router)
api.add_router("", gateway_router)
api.add_router("", privacy_router)


def _refuse(request: HttpRequest, error: Any) -> HttpResponse:
    """A domain error: the message is ours, the code is in the table."""
    headers, extensions, errors = {}, {}, None
    if retry_after := getattr(error, "retry_after", None):
        headers["Retry-After"] = str(int(retry_after))
    if isinstance(error, NotAuthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, InsufficientCredits):
        extensions = {
            "required": format_credits(error.required),
            "available": format_credits(error.available),
        }
    if isinstance(error, SchemaError):
        errors = [{"pointer": error.pointer, "message": str(error)}]
    return problem(request, error.code, str(error), errors=errors, headers=headers, **extensions)


for family in (AccountError, BillingError, ExtractionError, PrivacyError, RoutingError):
    api.add_exception_handler(family, _refuse)


@api.exception_handler(ValidationError)
def _refuse_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Where and why, by pydantic's words; never the value that was sent."""
    errors = [
        {"pointer": "".join(f"/{part}" for part in fault["loc"]), "message": fault["msg"]} for fault in error.errors
    ]
    return problem(request, "invalid_request", "Some parameters are not valid.", errors=errors)


@api.exception_handler(Http404)
def _refuse_unknown(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(request, "not_found", NO_SUCH_OBJECT)


def _refuse_unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    """What ninja or Django refuse themselves: a body that is not JSON, a form without end or with too many fields."""
    if isinstance(error.__cause__, NulInText):
        return problem(request, "invalid_request", "No text of ours has a NUL in it.")
    return problem(request, "malformed_request", "The request cannot be read.")


for unreadable in (HttpError, BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
    api.add_exception_handler(unreadable, _refuse_unreadable)


@api.exception_handler(OperationalError)
def _refuse_for_now(request: HttpRequest, error: OperationalError) -> HttpResponse:
    """The database is away, or too busy."""
    log.warning("request %s: the database did not answer", getattr(request, "request_id", ""))
    detail = "Our database does not answer. Send it again; under its Idempotency-Key it is carried out once."
    return problem(request, "temporarily_unavailable", detail, headers={"Retry-After": str(AGAIN_AFTER_SECONDS)})


@api.exception_handler(Exception)
def _refuse_bug(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("request %s failed", getattr(request, "request_id", ""), exc_info=error)
    return problem(request, "internal_error", "This is our fault, and it has been noted.")
