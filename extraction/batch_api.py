"""POST, GET, DELETE /v1/extractions/batch: many files, one schema, one id."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Annotated, Any

from asgiref.sync import sync_to_async
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import aget_object_or_404
from ninja import Form, Header, Router, Schema

from accounts import idempotency
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import Scope
from extraction import batches, forms
from extraction.accepting import accept_batch
from extraction.errors import BadForm
from extraction.models import Batch
from extraction.rendering import ExtractionOut, render_job, render_time

router = Router(tags=["Batches"])
READ, WRITE = ApiKeyAuth(Scope.EXTRACTIONS_READ), ApiKeyAuth(Scope.EXTRACTIONS_WRITE)
BATCH_ID = re.compile(r"bat_[0-9a-z]{26}")


class RefusalOut(Schema):
    index: int
    code: str
    detail: str


class BatchOut(Schema):
    """`counts` by status, `refused` among them; `data` in the order in which the files were sent."""

    id: str
    created_at: datetime
    finished: bool
    counts: dict[str, int]
    data: list[ExtractionOut]
    refused: list[RefusalOut]


@router.post(
    "/extractions/batch",
    response={202: BatchOut},
    summary="Read many files with one schema",
    openapi_extra=forms.describe(many=True),
    auth=WRITE,
)
async def create_batch(
    request: KeyRequest,
    url: Annotated[list[str] | None, Form()] = None,
    schema_text: Annotated[str | None, Form(alias="schema")] = None,
    schema_name: Annotated[str | None, Form()] = None,
    options: Annotated[str | None, Form()] = None,
    password: Annotated[str | None, Form()] = None,
    idempotency_key: Annotated[
        str | None, Header(alias="Idempotency-Key", max_length=idempotency.MAX_KEY_LENGTH, min_length=1)
    ] = None,
) -> HttpResponse:
    upload = forms.get_upload(request)
    order = await sync_to_async(forms.parse_order)(
        request.auth.user, schema=schema_text, schema_name=schema_name, options=options, password=password
    )
    sources = forms.take_sources(upload, url or [])
    if not sources:
        raise BadForm("Send at least one file or url.")
    accepting = accept_batch(request.auth, sources, order, idempotency_key=idempotency_key)
    batch, replayed = await asyncio.shield(accepting)
    response = JsonResponse(await sync_to_async(_render)(batch), status=202)
    response["Location"] = f"/v1/extractions/batch/{batch.pk}"
    if replayed:
        response["Idempotency-Replayed"] = "true"
    return response


@router.get("/extractions/batch/{batch_id}", response=BatchOut, summary="How a batch is getting on", auth=READ)
async def get_batch(request: KeyRequest, batch_id: str) -> HttpResponse:
    return JsonResponse(await sync_to_async(_render)(await _get_owned(request, batch_id)))


@router.delete(
    "/extractions/batch/{batch_id}",
    response=BatchOut,
    summary="Cancel what has not ended, destroy the results that are there",
    auth=WRITE,
)
async def delete_batch(request: KeyRequest, batch_id: str) -> HttpResponse:
    batch = await _get_owned(request, batch_id)
    await sync_to_async(batches.cancel_batch)(batch)
    return JsonResponse(await sync_to_async(_render)(batch))


async def _get_owned(request: KeyRequest, batch_id: str) -> Batch:
    if not BATCH_ID.fullmatch(batch_id):
        raise Http404
    return await aget_object_or_404(Batch, pk=batch_id, api_key__user=request.auth.user)


def _render(batch: Batch) -> dict[str, Any]:
    counts = batches.count_by_status(batch)
    rows = batch.jobs.select_related("hold").order_by("batch_index")
    return {
        "id": batch.pk,
        "created_at": render_time(batch.created_at),
        "finished": not counts["queued"] + counts["running"],
        "counts": dict(counts),
        "data": [render_job(job) for job in rows],
        "refused": batch.refusals,
    }
