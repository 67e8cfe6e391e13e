"""POST, GET, DELETE /v1/extractions and their events: parse, call one verb, render."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from typing import Annotated

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import aget_object_or_404
from ninja import Form, Header, Query, Router

from accounts import idempotency, signed_links
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import Scope
from accounts.paging import read_page
from extraction import forms, jobs, progress, results
from extraction.accepting import accept
from extraction.models import Job
from extraction.rendering import ExtractionList, ExtractionOut, render_event, render_job

router = Router(tags=["Extractions"])
READ, WRITE = ApiKeyAuth(Scope.EXTRACTIONS_READ), ApiKeyAuth(Scope.EXTRACTIONS_WRITE)
KEEP_ALIVE_SECONDS = 15
JOB_ID = re.compile(r"ext_[0-9a-z]{26}")


@router.post(
    "/extractions",
    response={200: ExtractionOut, 202: ExtractionOut},
    summary="Read a file into JSON",
    openapi_extra=forms.describe(),
    auth=WRITE,
)
async def create_extraction(
    request: KeyRequest,
    url: Annotated[str | None, Form()] = None,
    schema_text: Annotated[str | None, Form(alias="schema")] = None,
    schema_name: Annotated[str | None, Form()] = None,
    options: Annotated[str | None, Form()] = None,
    password: Annotated[str | None, Form()] = None,
    prefer: Annotated[
        str | None, Header(alias="Prefer", description="wait=N: answer with the end if it comes in N ≤ 60 s")
    ] = None,
    idempotency_key: Annotated[
        str | None, Header(alias="Idempotency-Key", max_length=idempotency.MAX_KEY_LENGTH, min_length=1)
    ] = None,
) -> HttpResponse:
    upload = forms.get_upload(request)
    order = await sync_to_async(forms.parse_order)(
        request.auth.user, schema=schema_text, schema_name=schema_name, options=options, password=password
    )
    seconds = forms.seconds_to_wait(prefer)
    priority = Job.Priority.SYNC if seconds else Job.Priority.ASYNC
    source = forms.take_source(upload, url)
    accepting = accept(request.auth, source, order, priority=priority, idempotency_key=idempotency_key)
    job, replayed = await asyncio.shield(accepting)
    job = await _wait_for_end(job, seconds)
    response = await _respond(job, status=200 if job.is_finished else 202)
    response["Location"] = f"/v1/extractions/{job.pk}"
    if seconds:
        response["Preference-Applied"] = f"wait={seconds}"
    if replayed:
        response["Idempotency-Replayed"] = "true"
    return response


@router.get(
    "/extractions",
    response=ExtractionList,
    summary="Your extractions, newest first; metadata only",
    auth=READ,
)
async def list_extractions(
    request: KeyRequest,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(pattern=f"^{JOB_ID.pattern}$")] = None,
    batch_id: Annotated[str | None, Query(pattern="^bat_[0-9a-z]{26}$")] = None,
) -> HttpResponse:
    mine = Job.objects.owned_by(request.auth.user).select_related("hold")
    if batch_id:
        mine = mine.filter(batch=batch_id)
    rows, next_cursor = await read_page(mine, limit=limit, cursor=cursor)
    return JsonResponse({"data": [render_job(job) for job in rows], "next_cursor": next_cursor})


@router.get(
    "/extractions/{extraction_id}",
    response=ExtractionOut,
    summary="One extraction, with its result",
    auth=READ,
)
async def get_extraction(request: KeyRequest, extraction_id: str) -> HttpResponse:
    return await _respond(await _get_owned(request, extraction_id))


@router.get(
    "/extractions/{extraction_id}/result",
    response=ExtractionOut,
    summary="The same by a signed link, as webhooks carry it",
    auth=None,
)
async def get_linked_extraction(request: HttpRequest, extraction_id: str, signature: str) -> HttpResponse:
    if not JOB_ID.fullmatch(extraction_id) or not signed_links.is_valid(request.path, signature):
        raise Http404
    return await _respond(await aget_object_or_404(Job.objects.select_related("hold"), pk=extraction_id))


@router.delete(
    "/extractions/{extraction_id}",
    response=ExtractionOut,
    summary="Cancel it, or destroy its result, now",
    auth=WRITE,
)
async def delete_extraction(request: KeyRequest, extraction_id: str) -> HttpResponse:
    job = await _get_owned(request, extraction_id)
    if await sync_to_async(jobs.cancel)(job):
        return await _respond(await _get_owned(request, extraction_id))  # with the receipt for its media
    await sync_to_async(jobs.destroy_result)(job)
    return JsonResponse(render_job(await _get_owned(request, extraction_id)))


@router.get(
    "/extractions/{extraction_id}/events",
    summary="Its events as they happen (server-sent events)",
    openapi_extra={"responses": {200: {"description": "Events", "content": {"text/event-stream": {}}}}},
    auth=READ,
)
async def stream_events(
    request: KeyRequest,
    extraction_id: str,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", description="Resume after this event")] = None,
) -> StreamingHttpResponse:
    job = await _get_owned(request, extraction_id)
    after = progress.read_number(last_event_id or "")
    response = StreamingHttpResponse(_events(job.pk, after), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(job_id: str, after: int) -> AsyncIterator[str]:
    """Each event with its number as id; a comment now and then, so that proxies keep the line open."""
    events = aiter(progress.follow(job_id, after=after))
    upcoming = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            await asyncio.wait([upcoming], timeout=KEEP_ALIVE_SECONDS)
            if not upcoming.done():
                yield ": still here\n\n"
                continue
            if (event := upcoming.result()) is None:
                return
            yield f"id: {event.sequence}\nevent: {event.kind}\ndata: {json.dumps(render_event(event))}\n\n"
            upcoming = asyncio.ensure_future(anext(events, None))
    finally:
        upcoming.cancel()


async def _get_owned(request: KeyRequest, extraction_id: str) -> Job:
    mine = Job.objects.owned_by(request.auth.user).select_related("hold")
    if not JOB_ID.fullmatch(extraction_id):
        raise Http404  # not even a question for the database, which may choke on it
    return await aget_object_or_404(mine, pk=extraction_id)


async def _wait_for_end(job: Job, seconds: float) -> Job:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await progress.get_ended(job.pk)
    return await Job.objects.select_related("hold").aget(pk=job.pk)


async def _respond(job: Job, *, status: int = 200) -> HttpResponse:
    result = await sync_to_async(results.deliver)(job)
    return JsonResponse(render_job(job, result), status=status)
