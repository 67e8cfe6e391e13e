"""The status page: what the product can honestly know of itself, and nothing that tells of one customer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import WebhookDelivery
from extraction.models import Job, WorkerBeat
from littlepull.site import status, status_days
from littlepull.site.status_parts import judge_providers, round_down
from routing import vitals
from routing.errors import UpstreamUnavailable
from routing.models import Generation
from tests.routing.offers import offer

pytestmark = pytest.mark.django_db
NOON = {"hour": 12, "minute": 0, "second": 0, "microsecond": 0}


@pytest.fixture(autouse=True)
def newly_looked_at():
    status.forget()
    vitals.forget()
    yield
    status.forget()
    vitals.forget()


def read(client):
    return client.get("/status.json").json()


def part(told, name):
    return next(one for one in told["parts"] if one["name"] == name)


def make_jobs(person, number, *, days_ago=1, took_ms=2000, status="succeeded", **facts):
    began = timezone.now().replace(**NOON) - timedelta(days=days_ago)
    common = {"media_type": "image/png", "media_bytes": 1, "estimated": 0, "created_at": began, "status": status}
    common |= {"api_key": person.key, "finished_at": began + timedelta(milliseconds=took_ms), **facts}
    Job.objects.bulk_create(Job(**common) for _ in range(number))


def make_generations(person, number, *, days_ago=1, latency_ms=400, status="succeeded"):
    at = timezone.now().replace(**NOON) - timedelta(days=days_ago)
    facts = {"api_key": person.key, "task": "open_qa", "cause": "nothing", "confidence": 1, "policy": "auto"}
    facts |= {"created_at": at, "status": status, "latency_ms": latency_ms}
    Generation.objects.bulk_create(Generation(**facts) for _ in range(number))


def on(told, half, days_ago=1):
    day = (timezone.now() - timedelta(days=days_ago)).date().isoformat()
    return next(one for one in told["days"][half] if one["day"] == day)


def test_a_worker_with_its_engines_is_good_one_without_is_not_and_none_is_bad(client):
    assert part(read(client), "workers")["state"] == "bad"
    WorkerBeat.objects.create(worker_id="one")
    status.forget()
    assert part(read(client), "workers")["state"] == "warn"
    WorkerBeat.objects.update(ready=True)
    status.forget()
    told = part(read(client), "workers")
    assert told["state"] == "good" and "rapidocr" in told["facts"]["engines"]
    page = client.get("/status").content.decode()
    assert "rapidocr" in page and '<span class="state good">' in page
    WorkerBeat.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    status.forget()
    assert part(read(client), "workers")["state"] == "bad"


@pytest.mark.parametrize(("minutes", "state"), [(0, "good"), (2, "warn"), (11, "bad")])
def test_the_queue_is_as_good_as_its_oldest_waits(client, alice, minutes, state):
    since = timezone.now() - timedelta(minutes=minutes)
    make_jobs(alice, 1, status="queued", run_after=since, finished_at=None)
    told = part(read(client), "queue")
    assert told["state"] == state and told["facts"] == {"waiting_at_least": 0, "oldest_minutes": minutes}


def test_what_is_put_off_does_not_wait_yet(client, alice):
    make_jobs(alice, 1, status="queued", run_after=timezone.now() + timedelta(hours=1), finished_at=None)
    WebhookDelivery.objects.create(
        user=alice.user, event_type="x", payload={}, next_attempt_at=timezone.now() + timedelta(hours=1)
    )
    told = read(client)
    assert part(told, "queue")["state"] == part(told, "webhooks")["state"] == "good"


def test_a_late_webhook_is_told(client, alice):
    late = timezone.now() - timedelta(minutes=3)
    WebhookDelivery.objects.create(user=alice.user, event_type="x", payload={}, next_attempt_at=late)
    assert part(read(client), "webhooks")["state"] == "warn"
    assert "The oldest for 3 minutes." in client.get("/status").content.decode()


def test_small_numbers_are_not_told():
    assert [round_down(count) for count in (0, 1, 19, 20, 47, 1234)] == [0, 0, 0, 20, 40, 1000]


def test_a_day_is_told_from_twenty_requests_on(client, alice, bob):
    make_jobs(alice, 19)
    assert on(read(client), "extraction")["succeeded"] is None
    make_jobs(bob, 5, status="failed", took_ms=90_000)
    make_jobs(bob, 1)
    status.forget()
    told = read(client)
    assert on(told, "extraction") == on(told, "extraction") | {"succeeded": 80.0, "median_ms": 2000}
    assert on(told, "gateway")["succeeded"] is None
    page = client.get("/status").content.decode()
    assert "80.0 %" in page and "too few to tell" in page


def test_a_median_stands_on_twenty_too(client, alice):
    make_jobs(alice, 25, status="failed")
    make_jobs(alice, 3)
    told = on(read(client), "extraction")
    assert told["succeeded"] == 10.7 and told["median_ms"] is None


def test_who_cancels_and_who_tests_does_not_count(client, alice):
    make_generations(alice, 30, status="canceled")
    make_generations(alice, 19)
    assert on(read(client), "gateway")["succeeded"] is None
    alice.key.mode = "test"
    alice.key.save(update_fields=["mode"])
    make_generations(alice, 30)
    status.forget()
    assert on(read(client), "gateway")["succeeded"] is None


def test_an_answer_that_was_cut_has_not_succeeded_and_100_is_said_of_nothing_less(client, alice):
    make_generations(alice, 1999)
    make_generations(alice, 1, status="cut")
    assert on(read(client), "gateway")["succeeded"] == 99.9


@pytest.mark.parametrize("took", [7, 85, 430, 2345, 12_400, 61_000, 400_000])
def test_a_median_is_right_to_a_twentieth(client, alice, took):
    make_jobs(alice, 21, took_ms=took)
    assert on(read(client), "extraction")["median_ms"] == pytest.approx(took, rel=0.07)


def test_it_is_thirty_days_newest_first(client):
    told = read(client)["days"]["extraction"]
    assert len(told) == 30 and told == sorted(told, key=lambda one: one["day"], reverse=True)


def test_a_day_is_cut_at_midnight_utc(alice):
    at = datetime(2026, 3, 2, 0, 0, tzinfo=timezone.get_default_timezone())
    make_jobs(alice, 20, created_at=at, finished_at=at + timedelta(seconds=1))
    make_jobs(alice, 20, created_at=at - timedelta(microseconds=1), finished_at=at, status="failed")
    today, before, *_rest = status_days.last_days(at + timedelta(hours=1))["extraction"]
    assert (today.succeeded, before.succeeded) == (100.0, 0.0)


def test_a_provider_that_was_never_asked_is_not_known():
    one, other = offer("groq/one"), offer("groq/other")
    assert [part.state for part in judge_providers([one, other], vitals.vitals())] == ["idle"]
    vitals.note_success(one.id, first_token_s=0.1, latency_s=0.2, output_tokens=10)
    assert [part.state for part in judge_providers([one, other], vitals.vitals())] == ["good"]
    for _ in range(8):
        vitals.note_failure(other.id, UpstreamUnavailable("groq"))
    (told,) = judge_providers([one, other], vitals.vitals())
    assert told.state == "warn" and told.facts["paused"] == 1


def test_it_is_looked_at_once_in_ten_seconds(client):
    client.get("/status")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get("/status")
    assert not [one for one in queries if "extraction_job" in one["sql"]]
    assert client.get("/status.json").headers["Cache-Control"] == "public, max-age=10"


def test_a_database_that_does_not_answer_is_said(client, monkeypatch):
    def broken():
        raise DatabaseError

    monkeypatch.setattr(status, "look", broken)
    told = read(client)
    assert told["state"] == part(told, "database")["state"] == "bad" and part(told, "queue")["state"] == "idle"
    page = client.get("/status")
    assert page.status_code == 200 and "Something is down" in page.content.decode()


def test_nobody_is_named(client, alice):
    make_jobs(alice, 40)
    make_jobs(alice, 40, status="queued", run_after=timezone.now() - timedelta(hours=1))
    for address in ("/status", "/status.json"):
        words = client.get(address).content.decode()
        assert alice.user.pk not in words and alice.key.pk not in words and alice.user.email not in words
        assert "Set-Cookie" not in client.get(address).headers


def test_it_asks_no_more_of_the_database_with_thousands_of_each(client, alice):
    """How long that takes is for `make bench-pages` to say."""
    make_jobs(alice, 40)
    few = count_questions(client)
    for day in range(25):
        make_jobs(alice, 80, days_ago=day + 1, took_ms=500 + 137 * day)
        make_generations(alice, 80, days_ago=day + 1, latency_ms=90 + 31 * day)
    assert 0 < count_questions(client) <= few


def count_questions(client) -> int:
    """Of the two tables that grow; the catalogue is read anew each second, whoever asks."""
    status.forget()
    with CaptureQueriesContext(connection) as asked:
        client.get("/status")
    growing = (Job._meta.db_table, Generation._meta.db_table)
    return sum(any(table in one["sql"] for table in growing) for one in asked)
