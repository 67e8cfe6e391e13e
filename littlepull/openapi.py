"""What ninja cannot know about our operations: the problems each of them may answer with, and chat completions."""

from __future__ import annotations

from ninja.openapi.schema import OpenAPISchema

from littlepull import openapi_chat

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable, snake_case"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
EVERYWHERE = {
    "400": "The request cannot be read",
    "401": "No valid API key",
    "403": "The API key may not do this",
    "422": "The request is not valid",
    "429": "Too many requests",
}
BY_METHOD = {
    "post": {
        "402": "Too few credits",
        "404": "No such schema",
        "409": "The first request with this Idempotency-Key is still running",
        "413": "Too large",
        "415": "This kind of media is not supported",
    },
}
WITH_ID = {"404": "No such object, or not yours"}
BY_PLACE = {
    ("/v1/auto-top-up", "get"): {"404": "None is set up"},
    ("/v1/prices", "get"): {"404": "No such version"},
}


def describe_problems(schema: OpenAPISchema) -> OpenAPISchema:
    """Adds the problem responses to every operation of an OpenAPI document, in place."""
    schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            possible = EVERYWHERE | BY_METHOD.get(method, {}) | (WITH_ID if "{" in path else {})
            possible |= BY_PLACE.get((path, method), {})
            for status, description in possible.items():
                operation["responses"].setdefault(status, {"description": description, "content": content})
            forms = operation.get("requestBody", {}).get("content", {})
            if "multipart/form-data" in forms:  # what the view gets from the intake is not what a caller sends
                forms.pop("application/x-www-form-urlencoded", None)
            operation["responses"] = {str(status): reply for status, reply in operation["responses"].items()}
    schema["components"]["schemas"]["ChatError"] = openapi_chat.ERROR
    schema["paths"][openapi_chat.PATH] = openapi_chat.describe_chat()
    return schema
