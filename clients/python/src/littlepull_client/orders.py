"""What is asked for: a schema and options, made into the body of a request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from littlepull_client.quote import Quote
from littlepull_client.sources import Source, find_url, prepare

Schema = str | Mapping[str, Any] | type[Any]


class Options(TypedDict, total=False):
    """Of an extraction, as the API names them; the server refuses names that it does not know."""

    languages: Sequence[str]
    pages: str
    mapper: str
    ocr_engine: Literal["rapidocr", "easyocr"]
    asr_engine: Literal["faster-whisper", "openai-whisper"]
    include: Sequence[Literal["text", "citations", "segments"]]
    result_ttl_seconds: int
    strict: bool
    grounding: Literal["mark", "strict"]
    webhook_url: str
    quote: str | Quote
    metadata: Mapping[str, str]


def make_order(schema: Schema | None, options: Options, password: str | None) -> dict[str, Any]:
    """`schema` is the name of a schema, a JSON Schema, or a class that has one (a Pydantic model)."""
    order: dict[str, Any] = {}
    if isinstance(schema, str):
        order["schema_name"] = schema
    elif schema is not None:
        order["schema"] = as_json_schema(schema)
    if options:
        order["options"] = {name: _plain(value) for name, value in options.items()}
    if password is not None:
        order["password"] = password
    return order


def make_body(order: Mapping[str, Any], sources: Iterable[Source], *, many: bool = False) -> dict[str, Any]:
    """Of a Request: multipart where a file is sent along, JSON where the server fetches all of them."""
    listed = list(sources)
    urls = [url for source in listed if (url := find_url(source)) is not None]
    uploads = [prepare(source) for source in listed if find_url(source) is None]
    if not uploads:
        return {"json": {**order, "url": urls if many else urls[0]} if urls else dict(order)}
    form: dict[str, str | list[str]] = {"url": urls} if urls else {}
    form |= {name: value if isinstance(value, str) else json.dumps(value) for name, value in order.items()}
    return {"uploads": uploads, "form": form}


def as_json_schema(schema: Schema) -> Any:
    if isinstance(schema, Mapping):
        return dict(schema)
    if hasattr(schema, "model_json_schema"):
        return schema.model_json_schema()
    raise TypeError("A schema is a name, a JSON Schema as a dict, or a Pydantic model.")


def _plain(value: Any) -> Any:
    if isinstance(value, Quote):
        return value.token
    return list(value) if isinstance(value, tuple | set | frozenset) else value
