"""/v1/privacy: parse, call one verb, render."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import aget_object_or_404
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from accounts import once
from accounts.answers import IdempotencyKey, mark_replayed, render_time
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import Scope
from accounts.paging import read_page
from privacy.models import SubjectRequest
from privacy.subject_requests import open_request

router = Router(tags=["Privacy"])
READ, WRITE = ApiKeyAuth(Scope.ACCOUNT_READ), ApiKeyAuth(Scope.PRIVACY_WRITE)
REQUEST_ID = re.compile(r"req_[0-9a-z]{26}")
ROUTE = "POST /v1/privacy/requests"


class RequestIn(Schema):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["access", "portability", "rectification", "erasure"]
    details: str = Field("", max_length=500, description="A few words to us; erased when the request is closed.")


class ChangeOut(Schema):
    at: str
    status: str
    by: str


class RequestOut(Schema):
    id: str
    kind: str
    status: str
    opened_at: str
    due_at: str = Field(description="By when you have an answer, extensions included.")
    extended_because: str | None
    denied_because: str | None
    closed_at: str | None
    duplicate_of: str | None
    changes: list[ChangeOut]
    self_service: str = Field(description="Where most of this can be done at once, signed in.")


class RequestList(Schema):
    data: list[RequestOut]
    next_cursor: str | None


@router.post("/privacy/requests", response={201: RequestOut}, auth=WRITE, summary="Ask about the account's data")
async def create_request(request: KeyRequest, body: RequestIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    def ask() -> str:
        return open_request(
            body.kind,
            user=request.auth.user,
            source=SubjectRequest.Source.API,
            identity=SubjectRequest.Identity.KEY,
            note=body.details,
        ).pk

    asked = {"route": ROUTE, "asked": body.model_dump_json()}
    made, replayed = await sync_to_async(once.carry_out)(request.auth, idempotency_key, ask, **asked)
    response = mark_replayed(JsonResponse(_render(await _get_owned(request, made)), status=201), replayed)
    response["Location"] = f"/v1/privacy/requests/{made}"
    return response


@router.get("/privacy/requests", response=RequestList, auth=READ, summary="Your requests, newest first")
async def list_requests(
    request: KeyRequest,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(pattern=f"^{REQUEST_ID.pattern}$")] = None,
) -> dict[str, Any]:
    mine = SubjectRequest.objects.owned_by(request.auth.user).prefetch_related("changes")
    rows, next_cursor = await read_page(mine, limit=limit, cursor=cursor)
    return {"data": [_render(row) for row in rows], "next_cursor": next_cursor}


@router.get("/privacy/requests/{request_id}", response=RequestOut, auth=READ, summary="One request, step by step")
async def get_request(request: KeyRequest, request_id: str) -> dict[str, Any]:
    return _render(await _get_owned(request, request_id))


async def _get_owned(request: KeyRequest, request_id: str) -> SubjectRequest:
    if not REQUEST_ID.fullmatch(request_id):
        raise Http404  # not even a question for the database, which may choke on it
    mine = SubjectRequest.objects.owned_by(request.auth.user).prefetch_related("changes")
    return await aget_object_or_404(mine, pk=request_id)


def _render(request: SubjectRequest) -> dict[str, Any]:
    return {
        "id": request.pk,
        "kind": request.kind,
        "status": request.status,
        "opened_at": render_time(request.opened_at),
        "due_at": render_time(request.answer_by),
        "extended_because": request.extended_because or None,
        "denied_because": request.denied_because or None,
        "closed_at": render_time(request.closed_at),
        "duplicate_of": request.duplicate_of_id,
        "changes": [
            {"at": render_time(change.at), "status": change.after, "by": change.by} for change in request.changes.all()
        ],
        "self_service": f"{settings.SITE_URL}/portal/privacy",
    }
