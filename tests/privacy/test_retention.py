"""The purge: by the data map, to the hour; in batches, again and again, and with a proof that anybody can verify."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from accounts.models import AuditEntry, IdempotentRequest, Session, SignIn, WebhookAttempt, WebhookDelivery
from accounts.signing import public_keys, read_statement
from billing.models import Hold
from extraction.models import Batch, Envelope, Job, JobEvent
from privacy.data_map import WHOLE_MAP
from privacy.models import Export, PurgeRun, SubjectRequest
from privacy.retention import find_overdue, purge, rows_with_terms
from routing.models import Attempt, Generation, KeyUsage, Weighed
from tests.routing.offers import make_generation, make_model

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def records(alice) -> dict[int, Generation]:
    """By their age in days."""
    make_model("one/model")
    made = {days: make_generation(alice.key, "one/model", minutes_ago=days * 24 * 60) for days in (1, 89, 91, 200)}
    for generation in made.values():
        Attempt.objects.create(generation=generation, number=1, model_id="one/model", outcome="ok", latency_ms=5)
        Weighed.objects.create(generation=generation, model_id="one/model", rank=0)
    return made


def finish_job(person, *, days_ago: float, **fields) -> Job:
    at = timezone.now() - timedelta(days=days_ago)
    job = Job.objects.create(
        api_key=person.key, status="succeeded", media_type="image/png", media_bytes=1, estimated=0, created_at=at,
        finished_at=at, media_destroyed_at=at, result_destroyed_at=at, **fields,
    )  # fmt: skip
    JobEvent.objects.create(job=job, sequence=1, kind="succeeded", stage="done")
    return job


def test_records_of_requests_go_on_day_91_with_all_that_belongs_to_them(records):
    run = purge()
    assert set(Generation.objects.all()) == {records[1], records[89]}
    assert (Attempt.objects.count(), Weighed.objects.count()) == (2, 2)
    assert run is not None
    assert {table: told["rows"] for table, told in run.counts.items()} == {
        "routing.Attempt": 2,
        "routing.Generation": 2,
        "routing.Weighed": 2,
    }


def test_the_evidence_is_signed_digested_and_names_nobody(records):
    run = purge()
    assert run is not None
    statement = read_statement(run.jws, public_keys())
    digest = statement.pop("sha256")
    canonical = json.dumps(statement, sort_keys=True, separators=(",", ":"))
    assert digest == run.digest == hashlib.sha256(canonical.encode()).hexdigest()
    gone = f"{records[200].pk}\n{records[91].pk}\n"  # from the oldest on
    assert statement["tables"]["routing.Generation"]["sha256"] == hashlib.sha256(gone.encode()).hexdigest()
    assert records[91].pk not in canonical
    told = statement["tables"]["routing.Generation"]
    assert [told[end][:10] for end in ("from", "to")] == [f"{records[days].created_at:%Y-%m-%d}" for days in (200, 91)]
    assert AuditEntry.objects.get(act="purge_run").details["sha256"] == digest


def test_a_second_purge_finds_nothing_and_says_so_once_a_day(records):
    assert purge() is not None
    assert purge() is None
    PurgeRun.objects.update(started_at=timezone.now() - DAY)
    quiet = purge()
    assert quiet is not None
    assert (quiet.counts, quiet.rows) == ({}, 0)
    assert purge() is None


@pytest.mark.parametrize("size", [1, 2, 3, 500])
def test_batches_of_any_size_come_to_the_same(records, size):
    run = purge(batch=size, rest=0)
    assert run is not None
    assert run.rows == 6
    assert Generation.objects.count() == 2


def test_a_purge_that_is_broken_off_is_taken_up_by_the_next(records, monkeypatch):
    from privacy import retention

    whole, calls = retention._delete_some, []

    def die_in_the_second(row, past, since, batch):
        calls.append(batch)
        if len(calls) > len(rows_with_terms()) // 2:
            raise OSError
        return whole(row, past, since, batch)

    monkeypatch.setattr(retention, "_delete_some", die_in_the_second)
    with pytest.raises(OSError):
        purge(batch=1)
    monkeypatch.undo()
    purge(batch=1)
    assert not any(find_overdue(within=timedelta()).values())


def test_what_is_overdue_is_told_after_the_time_a_purge_may_take(records):
    assert find_overdue()["routing.Generation"] == 2
    make_generation(records[1].api_key, "one/model", minutes_ago=90 * 24 * 60 + 60)
    assert find_overdue()["routing.Generation"] == 2
    assert find_overdue(within=timedelta())["routing.Generation"] == 3
    purge()
    assert set(find_overdue(within=timedelta()).values()) == {0}


BY_THEIR_OWN_DATE = {"accounts.AuditEntry", "extraction.Job", "extraction.Batch", "privacy.ErasureRun"}
TIMED = [row for row, term in rows_with_terms() if term.after and row.table not in BY_THEIR_OWN_DATE]


@pytest.mark.parametrize("row", TIMED, ids=lambda row: row.table)
def test_each_table_keeps_its_rows_to_the_hour(row, zebulon):
    """An hour before its time is up nothing of a planted person is due, an hour after all of it is."""
    SubjectRequest.objects.update(status="cancelled", email="", note="", closed_at=timezone.now())
    KeyUsage.objects.update(starts_at=timezone.now())
    model = apps.get_model(row.table)
    if row.is_personal and row.table != "privacy.ErasureRun":
        assert model.objects.exists()
    young, old = timezone.now() + row.term.after - HOUR, timezone.now() + row.term.after + HOUR
    assert row.term.find_past(row.table, young).count() == 0
    assert row.term.find_past(row.table, old).count() == model._base_manager.count()


def test_what_ends_by_itself_goes_when_it_has_ended(zebulon, client):
    client.force_login(zebulon.user)
    tables = {row.table: term for row, term in rows_with_terms() if not term.after}
    soon, in_two_days = timezone.now(), timezone.now() + 2 * DAY
    for table in ("accounts.Session", "accounts.RetiredSecret", "privacy.MailedCode"):
        assert tables[table].find_past(table, soon).count() == 0
        assert tables[table].find_past(table, in_two_days).count() >= 1
    purge(in_two_days)
    assert not Session.objects.exists()
    assert SubjectRequest.objects.exists()


def test_in_ten_years_nothing_with_a_time_is_left_of_an_active_account(zebulon):
    purge(timezone.now() + 3650 * DAY)
    for gone in (SignIn, Session, IdempotentRequest, WebhookDelivery, WebhookAttempt, Generation, KeyUsage, Export):
        assert not gone.objects.exists(), gone
    assert Hold.objects.filter(wallet=zebulon.wallet).exists()
    assert Job.objects.owned_by(zebulon.user).exists()
    zebulon.user.refresh_from_db()
    assert zebulon.user.is_active


@pytest.mark.parametrize(("chosen", "left"), [(None, {5, 20, 60, 400}), (7, {5}), (30, {5, 20}), (365, {5, 20, 60})])
def test_records_of_extractions_are_kept_as_long_as_their_owner_chooses(alice, bob, chosen, left):
    ages = {finish_job(alice, days_ago=days).pk: days for days in (5, 20, 60, 400)}
    others = finish_job(bob, days_ago=400)
    alice.user.usage_kept_days = chosen
    alice.user.save(update_fields=["usage_kept_days"])
    purge()
    assert {ages[job.pk] for job in Job.objects.owned_by(alice.user)} == left
    assert JobEvent.objects.filter(job__api_key=alice.key).count() == len(left)
    assert Job.objects.filter(pk=others.pk).exists()


def test_a_batch_goes_with_the_last_of_its_jobs(alice):
    alice.user.usage_kept_days = 7
    alice.user.save(update_fields=["usage_kept_days"])
    long_ago = timezone.now() - 10 * DAY
    whole, half = (Batch.objects.create(api_key=alice.key, created_at=long_ago) for _ in range(2))
    finish_job(alice, days_ago=9, batch=whole, batch_index=0)
    finish_job(alice, days_ago=9, batch=half, batch_index=0)
    young = finish_job(alice, days_ago=1, batch=half, batch_index=1)
    purge()
    assert set(Batch.objects.all()) == {half}
    assert set(Job.objects.all()) == {young}


def test_what_runs_is_left_alone_however_old(alice):
    alice.user.usage_kept_days = 7
    alice.user.save(update_fields=["usage_kept_days"])
    job = finish_job(alice, days_ago=30)
    Job.objects.filter(pk=job.pk).update(status="running", finished_at=None)
    purge()
    assert Job.objects.get() == job


def test_a_result_that_nobody_fetched_is_shredded_at_its_end_even_if_no_sweep_comes(alice):
    job = finish_job(alice, days_ago=0)
    Envelope.objects.create(job=job, content="result", wrapped_key=b"k", sealed=b"s")
    Job.objects.update(result_destroyed_at=None, expires_at=timezone.now() + HOUR)
    purge()
    assert Envelope.objects.exists()
    purge(timezone.now() + 2 * HOUR)
    assert not Envelope.objects.exists()


def test_the_command_prints_the_evidence(records):
    out = StringIO()
    call_command("purge_expired", "--dry-run", stdout=out)
    assert "routing.Generation: 2" in out.getvalue()
    assert Generation.objects.count() == 4
    call_command("purge_expired", stdout=out)
    run = PurgeRun.objects.get()
    assert f"{run.pk}: 6 rows deleted, sha256 {run.digest}" in out.getvalue()
    assert run.jws in out.getvalue()
    call_command("purge_expired", stdout=out)
    assert "nothing is past its time" in out.getvalue()


def test_a_table_that_cannot_be_purged_holds_up_no_other(records, monkeypatch, caplog):
    from django.db import IntegrityError

    from privacy import retention

    whole = retention._delete_some

    def refuse(row, past, since, batch):
        if past.model is Weighed or past.model is KeyUsage:
            raise IntegrityError
        return whole(row, past, since, batch)

    monkeypatch.setattr(retention, "_delete_some", refuse)
    purge()
    assert Generation.objects.count() == 2
    assert "routing.KeyUsage" in caplog.text


def test_every_row_of_the_map_with_a_rule_is_asked(db):
    assert set(find_overdue()) == {row.table for row in WHOLE_MAP if row.term}
