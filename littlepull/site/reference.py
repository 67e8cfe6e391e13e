"""The API reference, from the OpenAPI document that the API serves: a page of all operations, and one for each tag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.text import slugify
from django.utils.translation import get_language

from littlepull.api import api
from littlepull.problems import PROBLEMS
from littlepull.site.reference_codes import codes_by_status
from littlepull.site.reference_curl import write_curl
from littlepull.site.reference_schema import Field, Reader, alternatives
from littlepull.site.showing import show


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent or answered, as one media type."""

    media_type: str
    kind: str
    fields: tuple[Field, ...]
    either: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    status: str
    text: str
    bodies: tuple[Body, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    place: str
    field: Field


@dataclass(frozen=True, slots=True)
class Described:
    """One operation. `scope` empty: any key will do. `open`: without a key."""

    anchor: str
    tag: str
    method: str
    path: str
    summary: str
    text: str
    open: bool
    scope: str
    parameters: tuple[Parameter, ...]
    bodies: tuple[Body, ...]
    answers: tuple[Reply, ...]
    refusals: tuple[Reply, ...]
    curl: str


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    slug: str
    operations: tuple[Described, ...]


@cache
def document() -> dict[str, Any]:
    """What GET /v1/openapi.json answers, made once."""
    return api.get_openapi_schema()


@cache
def find_scopes() -> dict[str, str]:
    """The scope of each operation that asks for one. OpenAPI has no place for scopes of plain bearer keys."""
    found = {}
    for router in api._get_bound_routers():  # the document itself is made from these
        for view in router.path_operations.values():
            for operation in view.operations:
                scopes = [getattr(auth, "scope", None) for auth in operation.auth_callbacks]
                found[api.get_openapi_operation_id(operation)] = " ".join(str(scope) for scope in scopes if scope)
    return found


@cache
def sections(language: str, site_url: str) -> tuple[Section, ...]:
    """By tag, in the order of the document; an example leads to this installation, whatever host was asked for."""
    by_tag: dict[str, list[Described]] = {}
    for one in describe(document(), site_url):
        by_tag.setdefault(one.tag, []).append(one)
    return tuple(Section(tag, slugify(tag), tuple(some)) for tag, some in sorted(by_tag.items()))


def describe(told: Mapping[str, Any], site_url: str) -> Iterator[Described]:
    reader = Reader(told["components"]["schemas"])
    for address, operations in told["paths"].items():
        for method, operation in operations.items():
            yield _describe(reader, address, method, operation, site_url)


def _describe(reader: Reader, address: str, method: str, operation: Mapping[str, Any], site_url: str) -> Described:
    replies = list(_replies(reader, address, method, operation))
    return Described(
        anchor=operation["operationId"].replace("_api_", "-").replace("_", "-"),
        tag=operation.get("tags", ["Other"])[0],
        method=method.upper(),
        path=address,
        summary=operation.get("summary", ""),
        text=operation.get("description", ""),
        open=not operation.get("security"),
        scope=operation.get("x-scope") or find_scopes().get(operation["operationId"], ""),
        parameters=tuple(_parameters(reader, operation)),
        bodies=tuple(_bodies(reader, operation.get("requestBody", {}))),
        answers=tuple(reply for reply in replies if reply.status < "400"),
        refusals=tuple(reply for reply in replies if reply.status >= "400"),
        curl=write_curl(reader, address, method, operation, site_url),
    )


def _parameters(reader: Reader, operation: Mapping[str, Any]) -> Iterator[Parameter]:
    for one in operation.get("parameters", ()):
        required = [one["name"]] if one.get("required") else []
        bare, _nullable = reader.bare(one["schema"])  # null is how it is left out, which no caller can write there
        schema = {"properties": {one["name"]: bare}, "required": required}
        yield Parameter(one["in"], next(reader.fields(schema)))


def _bodies(reader: Reader, carrier: Mapping[str, Any]) -> Iterator[Body]:
    for media_type, content in carrier.get("content", {}).items():
        schema = content.get("schema", {})
        bare, _nullable = reader.bare(schema)
        either = tuple(tuple(some) for some in alternatives(bare))
        yield Body(media_type, reader.kind(schema), tuple(reader.fields(schema)), either)


def _replies(reader: Reader, address: str, method: str, operation: Mapping[str, Any]) -> Iterator[Reply]:
    codes = codes_by_status(address, method, operation)
    for status in sorted({*operation["responses"], *codes}):
        told = operation["responses"].get(status, {})
        bodies = () if status >= "400" else tuple(_bodies(reader, told))
        text = told.get("description") or _title(codes[status][0])
        yield Reply(status, text, bodies, tuple(codes.get(status, ())))


def _title(code: str) -> str:
    return PROBLEMS[code][1]


async def reference_page(request: HttpRequest) -> HttpResponse:
    told = await _sections()
    problems = [(code, status, HTTPStatus(status).phrase, title) for code, (status, title) in sorted(PROBLEMS.items())]
    context = {"sections": told, "problems": problems, "example": _find(told, "POST", "/v1/extractions")}
    return await show(request, "site/reference.html", context)


async def reference_tag_page(request: HttpRequest, slug: str) -> HttpResponse:
    told = await _sections()
    section = next((one for one in told if one.slug == slug), None)
    if section is None:
        raise Http404
    return await show(request, "site/reference_tag.html", {"sections": told, "section": section})


async def _sections() -> tuple[Section, ...]:
    return await sync_to_async(sections)(get_language() or settings.LANGUAGE_CODE, settings.SITE_URL)


def _find(told: tuple[Section, ...], method: str, address: str) -> Described | None:
    every = (one for section in told for one in section.operations)
    return next((one for one in every if (one.method, one.path) == (method, address)), None)


urlpatterns = [
    path("docs/api", reference_page, name="api_reference"),
    path("docs/api/<slug:slug>", reference_tag_page, name="api_reference_tag"),
]
