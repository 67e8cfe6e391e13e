"""An example call of an operation, from its schema: one that works but for the ids and the files in it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from littlepull.site.reference_schema import SAMPLE_ID, Reader

MULTIPART, JSON = "multipart/form-data", "application/json"
PATH_SAMPLES = {
    "payment_id": f"pay_{SAMPLE_ID}",
    "subscription_id": f"sub_{SAMPLE_ID}",
    "key_id": f"key_{SAMPLE_ID}",
    "alert_id": "1",
    "batch_id": f"bat_{SAMPLE_ID}",
    "extraction_id": f"ext_{SAMPLE_ID}",
    "endpoint_id": f"whe_{SAMPLE_ID}",
    "delivery_id": f"dlv_{SAMPLE_ID}",
    "generation_id": f"gen_{SAMPLE_ID}",
    "request_id": f"req_{SAMPLE_ID}",
    "name": "receipt",
}
HEADERS = {"Prefer": "wait=60", "Idempotency-Key": "$(uuidgen)"}


def write_curl(reader: Reader, address: str, method: str, operation: Mapping[str, Any], site_url: str) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    words = ["curl", *(["-X", method.upper()] if _method_is_needed(method, content) else [])]
    if "text/event-stream" in operation["responses"].get("200", {}).get("content", {}):
        words.append("-N")
    lines = [" ".join([*words, _quote(f"{site_url}{_fill(reader, address, operation)}")])]
    if operation.get("security"):
        lines.append('-H "Authorization: Bearer $KEY"')
    lines += [f'-H "{name}: {HEADERS[name]}"' for name in _headers(operation) if name in HEADERS]
    return " \\\n  ".join([*lines, *_body(reader, content)])


def _method_is_needed(method: str, content: Mapping[str, Any]) -> bool:
    return method not in ("get", "post") or (method == "post" and not content)


def _headers(operation: Mapping[str, Any]) -> list[str]:
    return [one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"]


def _fill(reader: Reader, address: str, operation: Mapping[str, Any]) -> str:
    """The address, with values in its places and what the query has to say."""
    asked = {}
    for one in operation.get("parameters", ()):
        if one["in"] == "path":
            address = address.replace(f"{{{one['name']}}}", PATH_SAMPLES.get(one["name"], one["name"]))
        elif one["in"] == "query" and one.get("required"):
            asked[one["name"]] = reader.sample(one["name"], one["schema"])
    return f"{address}?{urlencode(asked)}" if asked else address


def _body(reader: Reader, content: Mapping[str, Any]) -> Iterator[str]:
    if MULTIPART in content:
        for name, value in reader.sample_object(content[MULTIPART]["schema"]).items():
            for one in value if isinstance(value, list) else [value]:
                yield f"-F {_quote(f'{name}={one if isinstance(one, str) else json.dumps(one)}')}"
    elif JSON in content:
        yield '-H "Content-Type: application/json"'
        yield f"-d {shlex.quote(json.dumps(reader.sample_object(content[JSON]['schema'])))}"


def _quote(text: str) -> str:
    """As a person would: `@` needs no quotes."""
    return text if shlex.quote(text.replace("@", "")) == text.replace("@", "") else shlex.quote(text)
