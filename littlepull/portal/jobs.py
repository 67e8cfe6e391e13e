"""Jobs in the portal: the list, and what is known of each. Never what was read: that is fetched from the API."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from extraction import jobs
from extraction.models import Job
from littlepull.portal.access import PortalRequest, signed_in
from littlepull.portal.cursor_pages import get_owned, read_page
from littlepull.portal.group_words import name_key
from littlepull.portal.job_form import JobForm
from littlepull.portal.job_timeline import read_timeline
from littlepull.portal.job_words import WHAT_TO_DO, State, duration_words, job_state, media_words

MOST_EVENTS = 2000  # of a document with as many pages


@dataclass(frozen=True, slots=True)
class JobRow:
    """`took` is empty while it runs."""

    job: Job
    short_id: str
    state: State
    media: str
    key: str
    took: str


def job_rows(found: Iterable[Job]) -> list[JobRow]:
    return [
        JobRow(job, shorten_id(job.pk), job_state(job), media_words(job), name_key(job.api_key), took_words(job))
        for job in found
    ]


@signed_in
@require_GET
def jobs_page(request: PortalRequest) -> HttpResponse:
    mine = Job.objects.owned_by(request.user)
    form = JobForm(request.GET, user=request.user)
    found, older = read_page(form.narrow(mine).select_related("api_key"), request)
    shown = {
        "section": "jobs",
        "form": form,
        "rows": job_rows(found),
        "older": older,
        "is_live": any(not job.is_finished for job in found),
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "address": request.get_full_path(),
    }
    return render(request, "portal/jobs.html", shown)


@signed_in
@require_GET
def job_page(request: PortalRequest, job_id: str) -> HttpResponse:
    job = _get(request, job_id)
    kept = job.is_finished and job.result_destroyed_at is None
    shown = {
        "section": "jobs",
        "job": job,
        "row": job_rows([job])[0],
        "steps": read_timeline(job, job.events.all()[:MOST_EVENTS]),
        "has_result": kept and (job.expires_at is None or job.expires_at > timezone.now()),
        "held": job.hold.credits if job.hold and job.hold.status == job.hold.Status.OPEN else 0,
        "what_to_do": WHAT_TO_DO.get(job.error_code, ""),
        "timings": [(name.removesuffix("_ms"), duration_words(spent)) for name, spent in job.timings.items()],
    }
    return render(request, "portal/job.html", shown)


@signed_in
@require_POST
def cancel_job(request: PortalRequest, job_id: str) -> HttpResponse:
    if jobs.cancel(_get(request, job_id)):
        messages.success(request, _("Canceled: the file is destroyed, and nothing was charged."))
    else:
        messages.info(request, _("It had ended before it could be canceled."))
    return redirect("job", job_id)


def shorten_id(id: str) -> str:
    """Its prefix and its end: ids of one hour begin alike."""
    return f"{id[:4]}…{id[-8:]}"


def took_words(job: Job) -> str:
    if job.finished_at is None:
        return ""
    return duration_words(max(round(1000 * (job.finished_at - job.created_at).total_seconds()), 0))


def _get(request: PortalRequest, job_id: str) -> Job:
    return get_owned(Job.objects.owned_by(request.user).select_related("api_key", "hold"), job_id)


urlpatterns = [
    path("portal/jobs", jobs_page, name="jobs"),
    path("portal/jobs/<str:job_id>", job_page, name="job"),
    path("portal/jobs/<str:job_id>/cancel", cancel_job, name="cancel_job"),
]
