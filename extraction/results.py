"""The result as its caller gets it: built once, sealed, and opened only to be delivered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from extraction import envelopes, jobs
from extraction.mapping.quality import find_quality
from extraction.mapping.values import Field, Mapped
from extraction.models import Envelope, Job
from extraction.placing import on_uploaded_page
from extraction.recognized import Page, Recognized
from extraction.schemas import Violation


def build(
    recognized: Recognized, mapped: Mapped, violations: list[Violation], *, include: Iterable[str]
) -> dict[str, Any]:
    pages = {page.number: page for page in recognized.pages}
    quality = find_quality(recognized)
    result: dict[str, Any] = {
        "data": mapped.data,
        "schema_valid": not violations,
        "schema_errors": [{"pointer": error.pointer, "reason": error.reason} for error in violations],
        "fields": [_field(field, pages) for field in mapped.fields],
        "quality": quality.to_json() if quality else None,
        "warnings": list(recognized.warnings),
        "pages": [_page(page, recognized) for page in recognized.pages],
    }
    if "text" in include:
        result["text"] = recognized.text
    if "segments" in include:
        result["segments"] = [_segment(segment) for segment in recognized.to_json()["segments"]]
    return result


def deliver(job: Job) -> dict[str, Any] | None:
    """The result for an answer about to be sent, or None when there is none (any more).

    A result whose time to live is zero is destroyed with its first delivery. Of a job that ended badly
    there is only the destruction receipt.
    """
    if not job.is_finished or job.result_destroyed_at:
        return None
    if job.expires_at and job.expires_at <= timezone.now():
        jobs.destroy_result(job)
        return None
    result = envelopes.find(job.pk, Envelope.Content.RESULT)
    if result is not None and job.result_ttl_seconds == 0 and not jobs.destroy_result(job):
        return None  # another reader was first
    return result


def _field(field: Field, pages: dict[int, Page]) -> dict[str, Any]:
    rendered = field.to_json()
    for citation in rendered["citations"]:
        if "bbox" in citation:
            citation["bbox"] = on_uploaded_page(citation["bbox"], pages[citation["page"]])
    return rendered


def _page(page: Page, recognized: Recognized) -> dict[str, Any]:
    """The page as it was uploaded: what a citation's box is a fraction of."""
    if page.number in recognized.failed_pages:
        return {"page": page.number, "error": "page_unreadable"}
    turned = page.quarters % 2
    width, height = (page.height, page.width) if turned else (page.width, page.height)
    return {"page": page.number, "width": width, "height": height, "source": page.source}


def _segment(segment: dict[str, Any]) -> dict[str, Any]:
    return {name: segment[name] for name in ("start", "end", "text", "confidence")}
