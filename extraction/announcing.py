"""Telling the customer's webhooks that a job has ended: what became of it, never what was in it."""

from __future__ import annotations

from accounts import webhooks
from accounts.models import User
from extraction.models import Job
from extraction.rendering import render_job


def announce_end(user: User, job_id: str, status: Job.Status, *, webhook_url: str | None = None) -> None:
    """To be called last in the transaction that ends the job. The result is fetched by a link that lives an hour."""
    event_type = f"extraction.{status}"
    if not webhook_url and not webhooks.find_listening(user, event_type):
        return
    job = Job.objects.select_related("hold").get(pk=job_id)
    links = {"result_url": f"/v1/extractions/{job.pk}/result"} if status == Job.Status.SUCCEEDED else None
    webhooks.enqueue(user, event_type, render_job(job), url=webhook_url or "", links=links)
