"""The form of an upload, as every endpoint that takes one reads it: files or urls, a schema, options."""

from __future__ import annotations

import re
from typing import Any

from ninja.errors import ValidationError
from pydantic import ValidationError as PydanticValidationError

from accounts.auth import KeyRequest
from accounts.models import User
from accounts.outbound import check_address
from extraction import schemas
from extraction.accepting import Source
from extraction.errors import BadForm
from extraction.intake import SCOPE_KEY, Upload
from extraction.orders import Options, Order
from extraction.saved_schemas import find_schema

MAX_WAIT_SECONDS = 60
MAX_PASSWORD_LENGTH = 200


def describe(*, many: bool = False) -> dict[str, Any]:
    """The request body for the OpenAPI file: multipart, or the same as JSON."""
    file = {"type": "string", "format": "binary", "description": "An image, PDF or recording"}
    encoded = {"type": "string", "contentEncoding": "base64", "description": "An image, PDF or recording, in base64"}
    url = {"type": "string", "format": "uri", "maxLength": 2048, "description": "https, instead of a file"}
    rest = {
        "schema": {"type": "object", "description": "A JSON Schema (draft 2020-12); this or schema_name"},
        "schema_name": {"type": "string", "description": "A saved or built-in schema: name or name@version"},
        "options": Options.model_json_schema(),
        "password": {"type": "string", "description": "Of a protected PDF; forgotten with the media"},
    }

    def body(media: dict[str, Any]) -> dict[str, Any]:
        several = {"type": "array", "items": media} if many else media
        urls = {"type": "array", "items": url} if many else url
        one_of = [{"required": ["schema"]}, {"required": ["schema_name"]}]
        return {"type": "object", "properties": {"file": several, "url": urls, **rest}, "oneOf": one_of}

    as_json = {name: {"contentType": "application/json"} for name in ("schema", "options")}
    content = {
        "multipart/form-data": {"schema": body(file), "encoding": as_json},
        "application/json": {"schema": body(encoded)},
    }
    return {"requestBody": {"required": True, "content": content}}


def get_upload(request: KeyRequest) -> Upload:
    """What the intake made of the body. Raises what was wrong with it."""
    upload: Upload = request.scope.get(SCOPE_KEY) or Upload()  # type: ignore[attr-defined]
    if upload.refusal is not None:
        raise upload.refusal
    return upload


def take_sources(upload: Upload, urls: list[str]) -> list[Source]:
    """Files first, then urls: from here on the caller's to keep or destroy."""
    for url in urls:
        check_address(url)
    return [*upload.take(), *urls]


def take_source(upload: Upload, url: str | None) -> Source:
    if len(upload.files) + (url is not None) != 1:
        raise BadForm("Send exactly one of file (multipart/form-data, or base64 in JSON) and url.")
    return take_sources(upload, [url] if url is not None else [])[0]


def parse_order(
    user: User, *, schema: str | None, schema_name: str | None, options: str | None, password: str | None
) -> Order:
    """Blocking: a schema of 120,000 characters takes a while, and a saved one a query."""
    if (schema is None) == (schema_name is None):
        raise BadForm("Send exactly one of schema and schema_name.")
    if len(password or "") > MAX_PASSWORD_LENGTH:
        raise BadForm(f"A password has at most {MAX_PASSWORD_LENGTH} characters.")
    found = schemas.parse_schema(schema) if schema is not None else find_schema(user, schema_name or "")
    return Order(output_schema=found, options=parse_options(options), password=password or None)


def parse_options(options: str | None) -> Options:
    try:
        return Options.model_validate_json(options or "{}")
    except PydanticValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise ValidationError([{**fault, "loc": ("options", *fault["loc"])} for fault in faults]) from None


def seconds_to_wait(prefer: str | None) -> int:
    """RFC 7240: what is not understood is ignored."""
    found = re.search(r"(?:^|[,;\s])wait=(\d{1,4})", prefer or "")
    return min(int(found[1]), MAX_WAIT_SECONDS) if found else 0
