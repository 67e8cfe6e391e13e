"""GET, POST, PUT, DELETE /v1/schemas and its linter: parse, call one verb, render."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpResponse, JsonResponse
from ninja import Header, Query, Router, Schema
from ninja.errors import ValidationError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic import ValidationError as PydanticValidationError

from accounts import idempotency
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import Scope
from extraction import saved_schemas, schema_rows
from extraction.errors import BadForm, SchemaError
from extraction.models import SavedSchema
from extraction.schema_lint import Report, lint
from extraction.schemas import built_in_names, read_schema

router = Router(tags=["Schemas"])
READ, WRITE = ApiKeyAuth(Scope.EXTRACTIONS_READ), ApiKeyAuth(Scope.EXTRACTIONS_WRITE)
ROUTE = "POST /v1/schemas"
Description = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Body = TypeVar("Body", bound=BaseModel)


class SchemaToLint(BaseModel):
    model_config = ConfigDict(extra="forbid")

    document: Any = Field(
        alias="schema", description="A JSON Schema, draft 2020-12", json_schema_extra={"type": "object"}
    )


class NewVersion(SchemaToLint):
    description: Description | None = None


class NewSchema(SchemaToLint):
    name: str = Field(description="1 to 64 of a-z, 0-9, _ and -, a letter first")
    description: Description = ""


class SchemaOut(Schema):
    """`version` is the newest one, or the one asked for; `schema` comes where one schema is asked for."""

    id: str | None
    name: str
    description: str
    built_in: bool
    version: int
    created_at: datetime | None
    updated_at: datetime | None
    document: dict[str, Any] | None = Field(None, alias="schema")


class SchemaList(Schema):
    data: list[SchemaOut]
    next_cursor: str | None


class VersionOut(Schema):
    version: int
    created_at: datetime | None


class VersionList(Schema):
    data: list[VersionOut]
    next_cursor: str | None


class FaultOut(Schema):
    pointer: str
    message: str


class WarningOut(FaultOut):
    """`vendors`: whose structured output could hold a model to the keyword."""

    keyword: str
    enforced_by: Literal["server", "nobody"]
    vendors: dict[str, bool]


class LimitOut(Schema):
    used: int | None
    allowed: int


class LintOut(Schema):
    valid: bool
    errors: list[FaultOut]
    warnings: list[WarningOut]
    limits: dict[str, LimitOut]


# Besides what every operation may answer: the schema is a built-in one, or has as many versions as it may.
UNCHANGEABLE = {
    "responses": {409: {"description": "It cannot be changed", "content": {"application/problem+json": {}}}}
}


def _describe(body: type[BaseModel]) -> dict[str, Any]:
    content = {"application/json": {"schema": body.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/schemas",
    response={201: SchemaOut},
    summary="Save a schema under a name",
    openapi_extra=_describe(NewSchema),
    auth=WRITE,
)
async def create_schema(
    request: KeyRequest,
    idempotency_key: Annotated[
        str | None, Header(alias="Idempotency-Key", max_length=idempotency.MAX_KEY_LENGTH, min_length=1)
    ] = None,
) -> HttpResponse:
    new = await sync_to_async(_read)(request, NewSchema)
    creating = sync_to_async(_create)(request, new, idempotency_key)
    saved, replayed = await asyncio.shield(creating)
    response = JsonResponse(saved, status=201)
    response["Location"] = f"/v1/schemas/{saved['name']}"
    if replayed:
        response["Idempotency-Replayed"] = "true"
    return response


@router.post(
    "/schemas/lint",
    response=LintOut,
    summary="What is wrong with a schema, and what could be better",
    openapi_extra=_describe(SchemaToLint),
    auth=READ,
)
async def lint_schema(request: KeyRequest) -> HttpResponse:
    return JsonResponse(await sync_to_async(_lint, thread_sensitive=False)(request))


@router.get("/schemas", response=SchemaList, summary="Your schemas, then the built-in ones", auth=READ)
async def list_schemas(
    request: KeyRequest,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
) -> HttpResponse:
    rows = await sync_to_async(schema_rows.page)(request.auth.user, limit + 1, cursor)
    next_cursor = schema_rows.cursor_of(rows[limit - 1]) if len(rows) > limit else None
    return JsonResponse({"data": rows[:limit], "next_cursor": next_cursor})


@router.get(
    "/schemas/{name}",
    response=SchemaOut,
    summary="One schema: by name, id, or name@version",
    auth=READ,
)
async def get_schema(
    request: KeyRequest, name: str, version: Annotated[int | None, Query(ge=1, le=99_999)] = None
) -> HttpResponse:
    base, at, number = name.partition("@")
    asked = str(version) if version is not None else ""
    if number and asked and number != asked:
        raise BadForm("The address and ?version= name different versions.")
    row = await sync_to_async(schema_rows.find_row)(request.auth.user, base, number or asked)
    if row is None or (at and not number):
        raise Http404
    return JsonResponse(row)


@router.put(
    "/schemas/{name}",
    response=SchemaOut,
    summary="Add a version; the same schema again adds none",
    openapi_extra=_describe(NewVersion) | UNCHANGEABLE,
    auth=WRITE,
)
async def put_schema(request: KeyRequest, name: str) -> HttpResponse:
    new = await sync_to_async(_read)(request, NewVersion)
    return JsonResponse(await sync_to_async(_add_version)(request, name, new))


@router.get("/schemas/{name}/versions", response=VersionList, summary="The versions of a schema", auth=READ)
async def list_versions(
    request: KeyRequest,
    name: str,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[int | None, Query(ge=1)] = None,
) -> HttpResponse:
    rows = await sync_to_async(schema_rows.versions)(request.auth.user, name, limit + 1, cursor)
    if rows is None:
        raise Http404
    next_cursor = str(rows[limit - 1]["version"]) if len(rows) > limit else None
    return JsonResponse({"data": rows[:limit], "next_cursor": next_cursor})


@router.delete(
    "/schemas/{name}",
    response={204: None},
    summary="Delete a schema, all versions of it",
    openapi_extra=UNCHANGEABLE,
    auth=WRITE,
)
async def delete_schema(request: KeyRequest, name: str) -> HttpResponse:
    await sync_to_async(_delete)(request, name)
    return HttpResponse(status=204)


def _read(request: KeyRequest, body: type[Body]) -> Body:
    """Strictly, unlike the framework: duplicate keys and NaN are refused, nesting is bounded."""
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        raise SchemaError("The body is not valid JSON in UTF-8.") from None
    except RequestDataTooBig:
        raise BadForm("The body of this request is too large.", code="body_too_large") from None
    try:
        return body.model_validate(read_schema(text))
    except PydanticValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise ValidationError([dict(fault) for fault in faults]) from None


def _create(request: KeyRequest, new: NewSchema, header: str | None) -> tuple[dict[str, Any], bool]:
    user = request.auth.user
    if header is None:
        saved = saved_schemas.create_schema(user, new.name, new.document, description=new.description)
        return schema_rows.row_of(saved), False
    asked = idempotency.fingerprint(request.body.decode())
    begun = idempotency.begin(request.auth, header, route=ROUTE, fingerprint=asked)
    if begun.answer_id:
        saved_before = saved_schemas.find_saved(user, begun.answer_id)
        if saved_before is None:
            raise Http404  # made, and deleted since
        return schema_rows.row_of(saved_before), True
    try:
        saved = saved_schemas.create_schema(user, new.name, new.document, description=new.description, idempotent=begun)
    except BaseException:
        idempotency.abandon(begun)
        raise
    return schema_rows.row_of(saved), False


def _add_version(request: KeyRequest, name: str, new: NewVersion) -> dict[str, Any]:
    saved = _get_own(request, name)
    saved_schemas.add_version(saved, new.document)
    if new.description is not None:
        saved_schemas.describe_schema(saved, new.description)
    try:
        return schema_rows.row_of(saved)
    except SavedSchema.DoesNotExist:  # deleted by another request a moment ago
        raise Http404 from None


def _delete(request: KeyRequest, name: str) -> None:
    saved_schemas.delete_schema(_get_own(request, name))


def _get_own(request: KeyRequest, name: str) -> SavedSchema:
    if name in built_in_names():
        raise SchemaError(
            "Built-in schemas stay as they are: save yours under a name of its own.", code="schema_name_taken"
        )
    saved = saved_schemas.find_saved(request.auth.user, name)
    if saved is None:
        raise Http404
    return saved


def _lint(request: KeyRequest) -> dict[str, Any]:
    report: Report = lint(_read(request, SchemaToLint).document)
    return {
        "valid": not report.errors,
        "errors": [{"pointer": error.pointer, "message": str(error)} for error in report.errors],
        "warnings": [
            {
                "pointer": one.pointer,
                "keyword": one.keyword,
                "message": one.message,
                "enforced_by": one.enforced_by,
                "vendors": one.vendors,
            }
            for one in report.warnings
        ],
        "limits": report.limits,
    }
