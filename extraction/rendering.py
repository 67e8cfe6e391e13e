"""A job and its events as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema

from billing.pricing import format_credits
from extraction.models import Job, JobEvent

RESULT_NAMES = (
    "data",
    "schema_valid",
    "schema_errors",
    "fields",
    "quality",
    "pages",
    "text",
    "segments",
    "warnings",
    "destruction_receipt",
)


class MediaOut(Schema):
    type: str
    bytes: int
    pages: int | None = None
    failed_pages: list[int] | None = None
    seconds: float | None = None


class ProgressOut(Schema):
    stage: str
    done: int
    total: int


class CostOut(Schema):
    estimated: str
    held: str
    charged: str


class CitationOut(Schema):
    """Either a place on a page (bbox: x0, y0, x1, y1 as fractions of it) or a stretch of sound in seconds."""

    page: int | None = None
    bbox: list[float] | None = None
    start: float | None = None
    end: float | None = None
    text: str


class FieldOut(Schema):
    pointer: str
    value: Any = None
    confidence: float
    citations: list[CitationOut]
    grounded: bool
    reason: str | None = None


class ErrorOut(Schema):
    code: str
    detail: str


class PageOut(Schema):
    """Width and height in pixels or points, as uploaded; or why there is nothing of this page."""

    page: int
    width: float | None = None
    height: float | None = None
    source: str | None = None
    error: str | None = None


class QualityOut(Schema):
    """How well the letters were read: the mean, the worst twentieth, and a word for it."""

    mean: float
    low: float
    grade: str


class ReceiptOut(Schema):
    """That the media is gone: to read, and signed (Ed25519, compact JWS) to be verified by anybody."""

    statement: dict[str, Any]
    jws: str


class ExtractionOut(Schema):
    id: str
    status: str
    partial: bool = False
    batch_id: str | None = None
    batch_index: int | None = None
    created_at: datetime
    media: MediaOut
    progress: ProgressOut
    cost: CostOut
    engines: dict[str, str]
    timings: dict[str, int]
    metadata: dict[str, str]
    error: ErrorOut | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    media_destroyed_at: datetime | None = None
    result_destroyed_at: datetime | None = None
    data: Any = None
    schema_valid: bool | None = None
    schema_errors: list[dict[str, str]] | None = None
    fields: list[FieldOut] | None = None
    quality: QualityOut | None = None
    pages: list[PageOut] | None = None
    destruction_receipt: ReceiptOut | None = None
    text: str | None = None
    segments: list[dict[str, Any]] | None = None
    warnings: list[str] | None = None


class ExtractionList(Schema):
    data: list[ExtractionOut]
    next_cursor: str | None = None


def render_job(job: Job, result: dict[str, Any] | None = None) -> dict[str, Any]:
    """The job's metadata, and its result where one is being delivered."""
    length: dict[str, Any] = {"pages": job.pages} if job.pages is not None else {"seconds": job.seconds}
    if job.failed_pages:
        length["failed_pages"] = job.failed_pages
    held = job.hold.credits if job.hold and job.hold.status == job.hold.Status.OPEN else 0
    rendered = {
        "id": job.pk,
        "status": job.status,
        "partial": bool(job.failed_pages),
        "created_at": render_time(job.created_at),
        "media": {"type": job.media_type, **length, "bytes": job.media_bytes},
        "progress": {"stage": job.stage, "done": job.stage_done, "total": job.stage_total},
        "cost": {
            "estimated": format_credits(job.estimated),
            "held": format_credits(held),
            "charged": format_credits(job.charged),
        },
        "engines": job.engines,
        "timings": job.timings,
        "metadata": job.metadata,
        "finished_at": render_time(job.finished_at),
        "expires_at": render_time(job.expires_at),
        "media_destroyed_at": render_time(job.media_destroyed_at),
        "result_destroyed_at": render_time(job.result_destroyed_at),
    }
    if job.batch_id:
        rendered["batch_id"], rendered["batch_index"] = job.batch_id, job.batch_index
    if job.error_code:
        rendered["error"] = {"code": job.error_code, "detail": job.error_detail}
    for name in RESULT_NAMES:
        if result is not None and name in result:
            rendered[name] = result[name]
    return rendered


def render_event(event: JobEvent) -> dict[str, Any]:
    rendered: dict[str, Any] = {
        "id": event.job_id,
        "sequence": event.sequence,
        "type": event.kind,
        "progress": {"stage": event.stage, "done": event.done, "total": event.total},
        "created_at": render_time(event.created_at),
    }
    if event.kind == JobEvent.Kind.SUCCEEDED:
        rendered["partial"] = bool(event.error_code)
    elif event.error_code:
        rendered["error"] = {"code": event.error_code}
    return rendered


def render_time(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
