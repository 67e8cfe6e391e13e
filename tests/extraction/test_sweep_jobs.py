"""manage.py sweep_jobs: what died is picked up, what expired is destroyed, what nobody owns is removed."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from extraction import envelopes, jobs, spool
from extraction.models import Envelope, Job
from tests.extraction.jobs_in_hand import OUTCOME, spooled, submit

pytestmark = pytest.mark.django_db


def silence(job: Job) -> None:
    """Its worker has not been heard of for longer than a lease."""
    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def test_a_stalled_job_waits_again_until_its_attempts_are_used_up(alice, settings):
    settings.MAX_ATTEMPTS = 2
    job = submit(alice)
    for expected in ("queued", "failed"):
        Job.objects.update(run_after=timezone.now() - timedelta(seconds=1))
        jobs.claim()
        silence(job)
        call_command("sweep_jobs")
        job.refresh_from_db()
        assert job.status == expected
    assert job.error_code == "engine_crashed"
    assert not spool.path_of(job.spool_id).exists()
    call_command("check_ledger")


def test_a_stalled_job_whose_media_is_gone_fails(alice):
    job = submit(alice)
    jobs.destroy_media(jobs.claim())
    silence(job)
    call_command("sweep_jobs")
    job.refresh_from_db()
    assert job.status == "failed"
    assert alice.wallet.held == 0


def test_a_job_whose_worker_speaks_up_is_left_alone(alice):
    job = submit(alice)
    claim = jobs.claim()
    call_command("sweep_jobs")
    assert jobs.heartbeat(claim)
    job.refresh_from_db()
    assert job.status == "running"


def test_an_expired_result_is_destroyed(alice):
    job = submit(alice)
    jobs.finish(jobs.claim(), OUTCOME)
    Job.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    call_command("sweep_jobs")
    job.refresh_from_db()
    assert job.result_destroyed_at
    assert envelopes.find(job.pk, Envelope.Content.RESULT) is None


def test_files_without_a_key_are_removed_once_they_are_old(alice):
    owned = submit(alice).spool_id
    orphan, fresh = spooled().spool_id, spooled().spool_id
    long_ago = time.time() - 3600
    for spool_id in (owned, orphan):
        os.utime(spool.path_of(spool_id), (long_ago, long_ago))
    call_command("sweep_jobs")
    assert [spool.path_of(one).exists() for one in (owned, orphan, fresh)] == [True, False, True]
