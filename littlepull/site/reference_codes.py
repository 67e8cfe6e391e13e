"""Which problem codes an operation may answer with: some go with what it takes, some with where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from littlepull.problems import PROBLEMS

AUTHENTICATED = ("not_authenticated", "scope_missing", "rate_limited")
WITH_BODY = ("malformed_request", "body_too_large")
IDEMPOTENT = ("idempotency_in_progress", "idempotency_key_reused")
PAID = ("insufficient_credits", "spending_cap_reached")
SCHEMA = ("schema_invalid", "schema_too_large", "schema_too_deep")
PROVIDER = (
    "payment_provider_unavailable",
    "payment_provider_refused",
    "payment_provider_not_configured",
    "payment_provider_not_offered",
)
MEDIA = (
    "field_too_large",
    "schema_not_found",
    *SCHEMA,
    "unsupported_media_type",
    "media_too_large",
    "media_too_long",
    "media_unreadable",
    "image_too_many_pixels",
    "encrypted_document",
    "pages_out_of_range",
    "address_not_allowed",
    "address_unreachable",
    "url_not_readable",
    "language_not_available",
    "engine_not_installed",
    "no_provider",
    "unknown_model",
)
# Of operations that change something. Where two beginnings fit, the longer one speaks.
BY_PLACE: dict[str, tuple[str, ...]] = {
    "/v1/payments": ("unknown_product", *PROVIDER),
    "/v1/subscriptions": ("unknown_product", "subscription_not_begun", *PROVIDER),
    "/v1/auto-top-up": ("unknown_product", *PROVIDER),
    "/v1/keys": ("key_refused", "answer_not_kept"),
    "/v1/credits/alerts": ("too_many_alerts",),
    "/v1/credits/transfers": ("transfer_refused", "insufficient_credits"),
    "/v1/extractions": (*MEDIA, *PAID, "quote_expired"),
    "/v1/extractions/quote": MEDIA,
    "/v1/webhook-endpoints": (
        "address_not_allowed",
        "address_unreachable",
        "too_many_webhook_endpoints",
        "webhook_endpoint_disabled",
    ),
    "/v1/webhook-deliveries": ("webhook_endpoint_disabled", "webhook_delivery_pending"),
    "/v1/schemas": (*SCHEMA, "schema_name_invalid", "schema_name_taken", "too_many_schemas", "too_many_versions"),
    "/v1/schemas/lint": (),
    "/v1/chat/completions": (
        *PAID,
        "no_provider",
        "unknown_model",
        "unsupported_parameter",
        "no_candidate",
        "key_limit_reached",
        "cut",
    ),
    "/v1/chat/completions/dry-run": ("unknown_model", "unsupported_parameter"),
    "/v1/privacy/requests": ("too_many_privacy_requests",),
}


def codes_by_status(path: str, method: str, operation: Mapping[str, Any]) -> dict[str, list[str]]:
    named = {parameter["name"] for parameter in operation.get("parameters", ())}
    possible = ["invalid_request", "internal_error"]
    if operation.get("security"):
        possible += AUTHENTICATED
    if "{" in path:
        possible.append("not_found")
    if "requestBody" in operation:
        possible += WITH_BODY
    if "Idempotency-Key" in named:
        possible += IDEMPOTENT
    if method not in ("get", "delete"):
        possible += _by_place(path)
    found: dict[str, list[str]] = {}
    for code in dict.fromkeys(possible):
        found.setdefault(str(PROBLEMS[code][0]), []).append(code)
    return found


def _by_place(path: str) -> tuple[str, ...]:
    fitting = [place for place in BY_PLACE if path == place or path.startswith(f"{place}/")]
    return BY_PLACE[max(fitting, key=len)] if fitting else ()
