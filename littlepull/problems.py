"""Every refusal leaves as application/problem+json (RFC 9457), by one table from code to status."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# code: (status, title). The code is stable, the title may be improved.
PROBLEMS: dict[str, tuple[int, str]] = {
    "invalid_request": (422, "The request is not valid"),
    "field_too_large": (413, "A form field is too large"),
    "body_too_large": (413, "The body is too large"),
    "malformed_request": (400, "The request cannot be read"),
    "not_authenticated": (401, "No valid API key"),
    "insufficient_credits": (402, "Too few credits"),
    "spending_cap_reached": (402, "The key's spending cap is reached"),
    "key_refused": (422, "A key cannot be like this"),
    "unknown_product": (422, "Nothing of this name is sold here"),
    "too_many_alerts": (409, "No room for another alert"),
    "transfer_refused": (409, "Credits cannot move between these keys"),
    "refund_refused": (409, "This payment cannot be refunded so"),
    "subscription_not_begun": (409, "The subscription has not begun"),
    "payment_provider_unavailable": (503, "The payment provider does not answer"),
    "payment_provider_refused": (409, "The payment provider has refused this"),
    "payment_provider_not_configured": (503, "Payments are not configured here"),
    "payment_provider_not_offered": (422, "The payment provider does not offer this"),
    "scope_missing": (403, "The API key may not do this"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "Method not allowed"),
    "idempotency_in_progress": (409, "The first request is still running"),
    "idempotency_key_reused": (422, "Idempotency-Key used with another request"),
    "job_already_finished": (409, "The extraction has ended"),
    "rate_limited": (429, "Too many requests"),
    "schema_invalid": (422, "The schema is not valid"),
    "schema_too_large": (422, "The schema is too large"),
    "schema_too_deep": (422, "The schema nests too deep"),
    "schema_not_found": (404, "No schema of this name"),
    "schema_name_invalid": (422, "A schema cannot have this name"),
    "schema_name_taken": (409, "There is a schema of this name"),
    "too_many_schemas": (409, "The account has as many schemas as it may"),
    "too_many_versions": (409, "The schema has as many versions as it may"),
    "unsupported_media_type": (415, "This kind of media is not supported"),
    "media_too_large": (413, "The file is too large"),
    "media_too_long": (422, "The recording or document is too long"),
    "media_unreadable": (422, "The media cannot be read"),
    "image_too_many_pixels": (422, "The image has too many pixels"),
    "encrypted_document": (422, "The document is protected by a password"),
    "pages_out_of_range": (422, "The document has no such page"),
    "address_not_allowed": (422, "We do not go to this address"),
    "address_unreachable": (422, "This address cannot be reached"),
    "too_many_webhook_endpoints": (409, "No room for another webhook endpoint"),
    "webhook_endpoint_disabled": (409, "The webhook endpoint is switched off"),
    "webhook_delivery_pending": (409, "The message is still being delivered"),
    "url_not_readable": (422, "The url does not answer with a file"),
    "quote_expired": (422, "The quote is not valid any more"),
    "language_not_available": (422, "This language is not available here"),
    "engine_not_installed": (422, "This engine is not installed here"),
    "no_provider": (422, "No such provider is configured"),
    "unknown_model": (422, "No such model can be called here"),
    "cut": (502, "The provider broke off its answer"),
    "unsupported_parameter": (422, "The provider has no counterpart for a parameter"),
    "no_candidate": (422, "No model can serve this request"),
    "answer_not_kept": (409, "Carried out before; its answer is not kept"),
    "key_limit_reached": (429, "A limit of this key is reached"),
    "too_many_privacy_requests": (409, "Too many open privacy requests"),
    "privacy_request_closed": (409, "The privacy request is past this step"),
    "identity_not_confirmed": (403, "The code is not valid"),
    "export_gone": (410, "The export's link is used up"),
    "erasure_refused": (409, "Something has to be done before the erasure"),
    "erasure_outdated": (409, "What is held has changed since the preview"),
    "temporarily_unavailable": (503, "Not possible at this moment"),
    "internal_error": (500, "Something went wrong on our side"),
}
DOCUMENTATION = "/v1/docs#"


def problem(
    request: HttpRequest,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
    **extensions: Any,
) -> HttpResponse:
    status, title = PROBLEMS[code]
    body: dict[str, Any] = {
        "type": f"{settings.SITE_URL}{DOCUMENTATION}{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": getattr(request, "request_id", ""),
        **extensions,
    }
    if errors:
        body["errors"] = errors
    return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json", headers=headers)
