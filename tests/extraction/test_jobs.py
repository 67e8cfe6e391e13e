"""The verbs of a job: one holder at a time, and money, media and state that move together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connections

from billing.errors import InsufficientCredits
from extraction import envelopes, jobs, spool
from extraction.models import Envelope, Job
from tests.extraction.jobs_in_hand import OUTCOME, submit
from tests.people import make_person

pytestmark = pytest.mark.django_db
Content = Envelope.Content


def state(job: Job) -> tuple[str, int]:
    job.refresh_from_db()
    return job.status, job.charged


def test_a_job_goes_from_queue_to_result(alice):
    job = submit(alice)
    assert alice.wallet.held == 1_000_000
    claim = jobs.claim()
    assert jobs.destroy_media(claim)
    assert jobs.finish(claim, OUTCOME)
    assert state(job) == ("succeeded", 1_000_000)
    assert alice.wallet.held == 0
    result = envelopes.find(job.pk, Content.RESULT)
    assert result is not None and result.pop("destruction_receipt")
    assert result == OUTCOME.result
    assert envelopes.find(job.pk, Content.ORDER) is None
    call_command("check_ledger")


def test_destroying_media_takes_the_key_and_the_bytes(alice):
    job = submit(alice)
    assert envelopes.find_key(job.pk, Content.MEDIA)
    jobs.destroy_media(jobs.claim())
    job.refresh_from_db()
    assert envelopes.find_key(job.pk, Content.MEDIA) is None
    assert not spool.path_of(job.spool_id).exists()
    assert job.media_destroyed_at


def test_whoever_lost_the_lease_changes_nothing(alice):
    job = submit(alice)
    first = jobs.claim()
    jobs.requeue(first)
    second = jobs.claim()
    assert not jobs.heartbeat(first)
    assert not jobs.destroy_media(first)
    assert not jobs.finish(first, OUTCOME)
    assert not jobs.fail(first, "internal_error", "late")
    assert spool.path_of(job.spool_id).exists()
    assert jobs.finish(second, OUTCOME)
    call_command("check_ledger")


def test_a_failed_job_is_not_charged_and_says_why(alice):
    before = alice.wallet.available
    job = submit(alice)
    jobs.fail(jobs.claim(), "media_unreadable", "It cannot be read.")
    assert state(job) == ("failed", 0)
    assert job.error_code == "media_unreadable"
    assert alice.wallet.available == before
    call_command("check_ledger")


def test_the_charge_never_exceeds_the_hold(alice):
    job = submit(alice)
    jobs.finish(jobs.claim(), jobs.Outcome(result={}, charge=99_000_000, engines={}, timings={}))
    assert state(job) == ("succeeded", 1_000_000)


def test_what_has_ended_stays_ended(alice):
    job = submit(alice)
    claim = jobs.claim()
    assert jobs.cancel(job)
    assert not jobs.cancel(job)
    assert not jobs.finish(claim, OUTCOME)
    assert state(job) == ("canceled", 0)
    assert not spool.path_of(job.spool_id).exists()
    call_command("check_ledger")


def test_a_refused_submission_leaves_no_row(bob):
    with pytest.raises(InsufficientCredits):
        submit(bob)
    assert not Job.objects.exists()
    assert not Envelope.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_workers_never_get_the_same_job():
    person = make_person("dora", credits=20)
    submitted = {submit(person).pk for _ in range(10)}

    def take_all(_: int) -> list[str]:
        taken = []
        while claim := jobs.claim():
            taken.append(claim.job_id)
        connections.close_all()
        return taken

    with ThreadPoolExecutor(4) as threads:
        taken = [job for jobs_taken in threads.map(take_all, range(4)) for job in jobs_taken]
    assert sorted(taken) == sorted(submitted)


def test_a_worker_takes_jobs_of_its_queues_alone(alice, settings):
    settings.ENGINE_QUEUES = {"easyocr": "gpu"}
    special, plain = submit(alice, ocr_engine="easyocr"), submit(alice)
    assert jobs.claim(["gpu"]).job_id == special.pk
    assert jobs.claim(["gpu"]) is None
    assert jobs.claim().job_id == plain.pk
