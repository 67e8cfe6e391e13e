"""POST /v1/chat/completions for the OpenAPI document: it is answered before Django, so that ninja knows nothing of it.

Its words are OpenAI's. What is described here is what we read or write ourselves; the rest passes through as it came.
"""

from __future__ import annotations

from typing import Any

from accounts.models import Scope
from routing.request import FORMATS, MOST_CHOICES, ROLES, SORTS

PATH = "/v1/chat/completions"
MOST_TOKENS = {"type": ["integer", "null"], "minimum": 1, "maximum": 10_000_000}
BODY = {
    "type": "object",
    "required": ["model", "messages"],
    "properties": {
        "model": {
            "type": "string",
            "minLength": 1,
            "description": "auto, auto:cheapest, auto:fastest, auto:best, or provider/model",
        },
        "messages": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["role"],
                "properties": {"role": {"enum": sorted(ROLES)}, "content": {"type": ["string", "array", "null"]}},
            },
        },
        "stream": {"type": ["boolean", "null"], "description": "As server-sent events, ended by [DONE]"},
        "stream_options": {"type": ["object", "null"], "properties": {"include_usage": {"type": "boolean"}}},
        "max_tokens": MOST_TOKENS,
        "max_completion_tokens": MOST_TOKENS,
        "n": {"type": ["integer", "null"], "minimum": 1, "maximum": MOST_CHOICES},
        "tools": {"type": ["array", "null"], "items": {"type": "object"}},
        "response_format": {
            "type": ["object", "null"],
            "required": ["type"],
            "properties": {"type": {"enum": sorted(FORMATS)}},
        },
        "models": {
            "type": ["array", "null"],
            "maxItems": 20,
            "items": {"type": "string"},
            "description": "With model auto: only these, in this order",
        },
        "provider": {
            "type": ["object", "null"],
            "description": "OpenRouter's preferences: whom to ask, and at most for how much",
            "properties": {
                "only": {"type": ["array", "null"], "maxItems": 20, "items": {"type": "string"}},
                "ignore": {"type": ["array", "null"], "maxItems": 20, "items": {"type": "string"}},
                "order": {"type": ["array", "null"], "maxItems": 20, "items": {"type": "string"}},
                "sort": {"enum": [*sorted(SORTS), None]},
                "data_collection": {"enum": ["allow", "deny", None]},
                "zdr": {"type": ["boolean", "null"], "description": "Only where nothing is kept"},
                "max_price": {"type": ["object", "null"], "description": "Dollars for a million tokens"},
            },
        },
    },
}
ANSWER = {
    "type": "object",
    "required": ["choices"],
    "properties": {
        "id": {"type": "string"},
        "object": {"type": "string"},
        "created": {"type": "integer"},
        "model": {"type": "string"},
        "choices": {"type": "array", "items": {"type": "object"}},
        "usage": {"type": ["object", "null"]},
    },
}
ERROR = {
    "type": "object",
    "description": "A refusal in OpenAI's shape",
    "required": ["error", "request_id"],
    "properties": {
        "request_id": {"type": "string"},
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": "string", "description": "Stable, snake_case"},
            },
        },
    },
}
REFUSALS = {
    "400": "The body cannot be read, or the provider will never serve it",
    "401": "No valid API key",
    "402": "Too few credits, or the key's spending cap is reached",
    "403": "The API key may not do this",
    "404": "No such model can be called here",
    "409": "The first request with this Idempotency-Key still runs, or was carried out and its answer is not kept",
    "413": "The body is too large",
    "422": "A value cannot be, or no model can serve this request",
    "429": "Too many requests, or a limit of the key is reached",
    "500": "Our fault",
    "502": "The provider answered badly",
    "503": "No provider can be asked at this moment",
    "504": "The provider did not answer in time",
}


def describe_chat() -> dict[str, Any]:
    refusal = {"application/json": {"schema": {"$ref": "#/components/schemas/ChatError"}}}
    told = {
        "operationId": "routing_gateway_create_chat_completion",
        "summary": "Have a model answer, in OpenAI's words",
        "description": "What is not named here goes on to the provider as it came.",
        "tags": ["Gateway"],
        "security": [{"ApiKeyAuth": []}],
        "x-scope": Scope.CHAT_WRITE.value,
        "parameters": [
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": False,
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            },
            {
                "in": "header",
                "name": "X-LittlePull-Session",
                "required": False,
                "schema": {"type": "string"},
                "description": "Keeps a session at one model, where the key's policy says so",
            },
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}},
        "responses": {
            "200": {
                "description": "The answer",
                "content": {"application/json": {"schema": ANSWER}, "text/event-stream": {}},
            },
            **{status: {"description": text, "content": refusal} for status, text in REFUSALS.items()},
        },
    }
    return {"post": told}
