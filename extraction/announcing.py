"""Telling the customer's webhooks that a job has ended: what became of it, never what was in it."""

from __future__ import annotations

from accounts import webhooks
from extraction.models import Job
from extraction.rendering import render_job


def announce_end(job_id: str, *, webhook_url: str | None = None) -> None:
    """To be called last in the transaction that ends the job. The result is fetched by a link that lives an hour."""
    job = Job.objects.select_related("hold", "api_key__user").get(pk=job_id)
    links = {"result_url": f"/v1/extractions/{job.pk}/result"} if job.status == Job.Status.SUCCEEDED else None
    webhooks.enqueue(job.api_key.user, f"extraction.{job.status}", render_job(job), url=webhook_url or "", links=links)
