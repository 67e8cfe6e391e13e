"""The dashboard: what is left, what has been done, what it cost, and what is being done now."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.models import ApiKey, User
from accounts.spreadsheets import write_row
from billing.pricing import format_credits
from extraction.models import Job
from littlepull.portal.access import PortalRequest, signed_in
from littlepull.portal.charts import stack_costs
from littlepull.portal.dashboard_figures import find_credits, find_figures, key_rows, task_rows
from littlepull.portal.dashboard_form import RangeForm
from littlepull.portal.group_words import key_names, name_group
from littlepull.portal.jobs import JobRow, job_rows
from littlepull.usage import Sums, sum_by_period
from routing.models import Generation

LATEST = 10
COLUMNS = ("period", "kind", "group", "name", "requests", "succeeded", "failed", "credits")


@signed_in
@require_GET
def dashboard(request: PortalRequest) -> HttpResponse:
    user, form = request.user, RangeForm(request.GET)
    shown = {"section": "dashboard", "form": form, **_latest(user)}
    if not shown["latest"] and not Generation.objects.owned_by(user).exists():
        key = ApiKey.objects.usable().owned_by(user).order_by("-pk").first()
        shown |= {"first_key": key, "credits": find_credits(user)}
        return render(request, "portal/dashboard_first.html", shown)
    return render(request, "portal/dashboard.html", shown | _usage(user, form))


@signed_in
@require_GET
def latest_jobs(request: PortalRequest) -> HttpResponse:
    return render(request, "portal/_latest_jobs.html", _latest(request.user))


@signed_in
@require_GET
def download_usage(request: PortalRequest) -> HttpResponse:
    form = RangeForm(request.GET)
    days, by, keys = form.chosen_days(), form.grouping(), key_names(request.user)
    sums = sum_by_period(request.user, days.since, days.until, by=by, hourly=days.hourly)
    lines = ((*slot, name_group((slot.half, slot.name), by, keys), *_counts(one)) for slot, one in sorted(sums.items()))
    response = HttpResponse(map(write_row, [COLUMNS, *lines]), content_type="text/csv; charset=utf-8")
    name = f"usage-{days.first}-to-{days.last}-by-{by}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _usage(user: User, form: RangeForm) -> dict[str, Any]:
    days, by, keys = form.chosen_days(), form.grouping(), key_names(user)
    periods = days.periods()
    sums = sum_by_period(user, days.since, days.until, by=by, hourly=days.hourly)
    costs = stack_costs(sums, periods, by=by, keys=keys)
    return {
        "days": days,
        "figures": find_figures(user, days, periods, sums),
        "costs": costs,
        "chart": costs.for_chart(),
        "by_key": key_rows(user, days, keys),
        "by_task": task_rows(user, days, sums),
    }


def _latest(user: User) -> dict[str, Any]:
    jobs = Job.objects.owned_by(user).select_related("api_key").order_by("-pk")[:LATEST]
    rows: list[JobRow] = job_rows(jobs)
    return {"latest": rows, "is_live": any(not row.job.is_finished for row in rows)}


def _counts(one: Sums) -> tuple[int, int, int, str]:
    return one.requests, one.succeeded, one.failed, format_credits(one.credits)


urlpatterns = [
    path("portal", dashboard, name="dashboard"),
    path("portal/latest-jobs", latest_jobs, name="latest_jobs"),
    path("portal/usage.csv", download_usage, name="usage_csv"),
]
