"""The dashboard: figures of both halves, of one's own keys alone, for the days that were asked for."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.api_keys import create_key
from billing.pricing import MICRO
from extraction.models import Job
from routing.models import Generation
from tests.extraction.jobs_in_hand import submit
from tests.portal.conftest import enter
from tests.routing.offers import make_generation, make_model

pytestmark = pytest.mark.django_db
MINUTES_AGO = 5


def make_job(person, *, charged=0, status="succeeded", took_ms=1000, days_ago=0, **facts) -> Job:
    at = timezone.now() - timedelta(days=days_ago, minutes=MINUTES_AGO)
    ended = {} if status in ("queued", "running") else {"finished_at": at + timedelta(milliseconds=took_ms)}
    rows = Job.objects.filter(pk=submit(person).pk)
    rows.update(created_at=at, status=status, charged=charged * MICRO, **ended, **facts)
    return rows.get()


@pytest.fixture
def used(alice, charlie):
    """Alice: three extractions and two requests; Charlie, a stranger: one of each."""
    make_model("one/model")
    for charged, status, media in (
        (2, "succeeded", "image/png"),
        (4, "succeeded", "application/pdf"),
        (0, "failed", "image/png"),
    ):
        make_job(alice, charged=charged, status=status, media_type=media)
    make_generation(alice.key, "one/model")
    make_generation(alice.key, None, status=Generation.Status.FAILED, cost=0)
    make_job(charlie, charged=50)
    make_generation(charlie.key, "one/model", cost=60 * MICRO)
    return enter(alice)


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    plain = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<script.*?</script>", "", answer.content.decode()))
    return re.sub(r"\s+", " ", plain.replace("\N{NO-BREAK SPACE}", " "))


def chart(answer) -> dict:
    return json.loads(re.search(r'<script id="cost-data"[^>]*>(.*?)</script>', answer.content.decode())[1])


def test_strangers_are_sent_to_sign_in(client):
    for page in ("/portal", "/portal/latest-jobs", "/portal/usage.csv"):
        assert client.get(page)["Location"].startswith("/accounts/login/")


def test_the_first_visit_teaches(portal, bob):
    told = text(portal.get("/portal"))
    assert f"You have {bob.key.masked}" in told and "/v1/extractions" in told and "Open the playground" in told
    bob.key.delete()
    assert "Begin with a test key" in text(portal.get("/portal"))


def test_figures_are_of_both_halves_and_of_one_s_own_keys(used):
    told = text(used.get("/portal"))
    assert "Requests 5 for 9 credits" in told
    assert "60 %" in told and "2 failed" in told


def test_credits_last_as_long_as_at_the_rate_of_the_last_week(used, alice, portal, bob):
    daily = 9 * MICRO // 7
    left = alice.wallet.available
    assert f"about {left // daily} days" in text(used.get("/portal"))
    make_generation(bob.key, "one/model", cost=0)
    assert "no spending in the last 7 days" in text(portal.get("/portal"))


def test_spending_of_last_month_is_no_rate(alice):
    make_job(alice, charged=4, days_ago=8)
    told = text(enter(alice).get("/portal"))
    assert "no spending in the last 7 days" in told and "for 4 credits" in told


def test_low_credits_lead_to_billing(alice):
    make_job(alice, charged=100)
    told = enter(alice).get("/portal").content.decode()
    assert 'class="state warn">about' in told and 'href="/portal/billing">Buy credits' in told


@pytest.mark.parametrize(
    ("by", "stacks"),
    [
        ("media_type", {"application/pdf": 4, "image/png": 2, "Gateway requests": 3}),
        ("model", {"Extractions": 6, "one/model": 3}),
        ("key", {"": 9}),
        ("task", {"Extractions": 6, "Coding": 3}),
    ],
)
def test_costs_are_stacked_by_what_was_asked_for(used, alice, by, stacks):
    answer = used.get(f"/portal?days=30&by={by}")
    drawn = chart(answer)
    named = {name or alice.key.masked: credits for name, credits in stacks.items()}
    assert {name: sum(row) for name, row in zip(drawn["names"], drawn["credits"], strict=True)} == named
    assert len(drawn["periods"]) == 30 and drawn["periods"][-1] == f"{timezone.now():%Y-%m-%d}"
    for name in named:
        assert f">{name}</th>" in answer.content.decode()  # the table for whoever does not see the picture


def test_beyond_five_groups_the_rest_is_one(alice):
    for charged in range(1, 8):
        make_job(alice, charged=charged, media_type=f"image/x{charged}")
    drawn = chart(enter(alice).get("/portal"))
    assert drawn["names"] == ["image/x7", "image/x6", "image/x5", "image/x4", "image/x3", "2 more"]
    assert sum(drawn["credits"][-1]) == 3


def test_a_day_is_shown_by_the_hour(alice):
    moment = timezone.now().replace(hour=3, minute=30) - timedelta(days=1)
    job = make_job(alice, charged=2)
    Job.objects.filter(pk=job.pk).update(created_at=moment, finished_at=moment)
    drawn = chart(enter(alice).get(f"/portal?days=own&from={moment:%Y-%m-%d}&to={moment:%Y-%m-%d}"))
    assert len(drawn["periods"]) == 24 and drawn["periods"][3] == "03:00"
    assert drawn["credits"] == [[0, 0, 0, 2, *[0] * 20]]


def test_days_of_one_s_own_hold_both_ends(alice):
    today = timezone.now().date()
    make_job(alice, charged=1, days_ago=20)
    make_job(alice, charged=2, days_ago=10)
    page = enter(alice)
    first, last = today - timedelta(days=20), today - timedelta(days=10)
    edge = {(timezone.now() - timedelta(days=days, minutes=MINUTES_AGO)).date() for days in (10, 20)}
    inside = edge <= {first, last}  # just after midnight the jobs are of the days before
    assert ("for 3 credits" in text(page.get(f"/portal?from={first}&to={last}"))) is inside
    assert "for 0 credits" in text(page.get(f"/portal?from={today + timedelta(days=5)}&to={today + timedelta(days=9)}"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=2026-02-03&to=2026-02-01", "The last day comes before the first"),
        ("from=0001-01-01&to=2026-02-01", "Name a day between"),
        ("from=2021-01-01&to=2026-02-01", "Choose a year at most"),
        ("from=yesterday", "Enter a valid date"),
        ("days=12", "Select a valid choice"),
        ("by=prompt", "Select a valid choice"),
        ("from=%00", "Enter a valid date"),
    ],
)
def test_what_cannot_be_shown_is_said_and_the_usual_is_shown(used, asked, said):
    told = text(used.get(f"/portal?{asked}"))
    assert said in told and "Requests 5" in told


def test_times_are_of_what_succeeded(alice):
    make_model("one/model")
    for took in range(100, 2100, 100):  # 20 of them: the 10th is the median, the 19th of 20 the nearest to 95 %
        make_job(alice, took_ms=took)
    make_job(alice, status="failed", took_ms=90_000)
    make_generation(alice.key, "one/model", latency_ms=640)
    make_generation(alice.key, "one/model", latency_ms=9999, status=Generation.Status.CUT)
    told = text(enter(alice).get("/portal"))
    assert "Median time 1.0 s extractions · 95 % within 1.9 s gateway 640 ms · 95 % within 640 ms" in told


def test_tables_are_by_key_and_by_task(used, alice):
    create_key(alice.user, mode="live", name="Idle")
    told = text(used.get("/portal"))
    assert f"{alice.key.masked} 5 60 % 9 credits" in told and "Idle" not in told
    assert "Extractions 3 66.7 % 6 credits Coding 2 50 % 3 credits" in told


def test_the_latest_jobs_are_watched_while_one_is_under_way(alice):
    page, job = enter(alice), make_job(alice, status="running", stage="recognizing", stage_done=2, stage_total=5)
    told = page.get("/portal").content.decode()
    assert 'hx-get="/portal/latest-jobs" hx-trigger="every 3s"' in told and "reading 2 of 5" in told
    Job.objects.filter(pk=job.pk).update(status="succeeded", finished_at=timezone.now())
    told = page.get("/portal/latest-jobs").content.decode()
    assert "hx-get" not in told and "succeeded" in told and job.pk in told


def test_the_latest_jobs_are_ten_and_one_s_own(used, alice, charlie):
    for _ in range(12):
        make_job(alice)
    told = used.get("/portal/latest-jobs").content.decode()
    assert told.count("<tr id=") == 10
    assert not any(job.pk in told for job in Job.objects.owned_by(charlie.user))


def test_the_download_holds_the_same_and_no_formula(used, alice):
    key, _ = create_key(alice.user, mode="live", name='=HYPERLINK("http://evil.example")')
    make_generation(key, "one/model", cost=MICRO // 2)
    answer = used.get("/portal/usage.csv?days=7&by=key")
    assert answer["Content-Type"].startswith("text/csv")
    assert re.fullmatch(r'attachment; filename="usage-[\d-]+-to-[\d-]+-by-key\.csv"', answer["Content-Disposition"])
    head, *rows = csv.reader(answer.content.decode().splitlines())
    assert head == ["period", "kind", "group", "name", "requests", "succeeded", "failed", "credits"]
    assert sorted(row[1:] for row in rows) == sorted(
        [
            ["extraction", alice.key.pk, alice.key.masked, "3", "2", "1", "6.000000"],
            ["gateway", alice.key.pk, alice.key.masked, "2", "1", "1", "3.000000"],
            ["gateway", key.pk, '\'=HYPERLINK("http://evil.example")', "1", "1", "0", "0.500000"],
        ]
    )


def test_no_amount_of_history_needs_more_queries(used, alice):
    with CaptureQueriesContext(
        connection,
    ) as few:
        used.get("/portal?days=90")
    for days_ago in range(1, 12):
        make_job(alice, charged=1, days_ago=days_ago)
        make_generation(create_key(alice.user, mode="live")[0], "one/model", minutes_ago=1440 * days_ago)
    with CaptureQueriesContext(connection) as more:
        used.get("/portal?days=90")
    assert len(more) <= len(few) <= 25
