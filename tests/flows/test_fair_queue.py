"""Whose job is next: accounts take turns, callers who wait come first, and nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from statistics import mean

import pytest

from extraction import fairness, jobs
from extraction.models import Job
from tests.extraction.jobs_in_hand import OUTCOME, submit
from tests.extraction.tiny_media import Pdf
from tests.flows.conftest import post_extraction
from tests.flows.test_batches import post_batch
from tests.flows.test_life_of_an_extraction import sse

PAPER = Pdf().page([(60, 80, "Total 1.00")]).bytes()


@pytest.fixture
def in_order(monkeypatch):
    """No claim turns the lanes upside down."""
    monkeypatch.setattr(fairness.secrets, "randbelow", lambda most: most - 1)


def test_one_file_does_not_wait_behind_anothers_hundred(own_product):
    """F28, F29: single files before batches, and accounts take turns, whoever came first with however many."""
    product = own_product(LEASE_SECONDS="60", ENGINE_PRELOAD="")
    product.start(ready=False)
    product.freeze_worker()
    with (
        product.client(product.create_key("heavy@example.com", 100)) as heavy,
        product.client(product.create_key("light@example.com", 100)) as light,
    ):
        many = [post_extraction(heavy, PAPER, wait=None).json()["id"] for _ in range(12)]
        few = [post_extraction(light, PAPER, wait=None).json()["id"] for _ in range(3)]
        batch = [one["id"] for one in post_batch(heavy, [PAPER] * 12).json()["data"]]
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(post_extraction, heavy, PAPER, wait=60)
            wait_until_queued(light, heavy, 28)
            product.worker().resume()
            urgent = waiting.result().json()["id"]
        for client, ids in ((heavy, [*many, *batch]), (light, few)):
            for job in ids:
                sse(client, job)
        listed = [*heavy.get("/v1/extractions?limit=100").json()["data"], *light.get("/v1/extractions").json()["data"]]
    order = [one["id"] for one in sorted(listed, key=lambda one: one["finished_at"])]
    places = {job: place for place, job in enumerate(order)}
    # One claim in eight goes to the other end of the lanes, so only what that cannot overturn is asked.
    assert places[urgent] < 6
    assert mean(map(places.get, few)) < mean(map(places.get, many)) < mean(map(places.get, batch))


def wait_until_queued(light, heavy, count: int) -> None:
    for _ in range(200):
        listed = [client.get("/v1/extractions?limit=100").json()["data"] for client in (light, heavy)]
        if sum(len(one) for one in listed) == count:
            return
    raise AssertionError("the last job never arrived")


@pytest.mark.django_db
def test_accounts_take_turns_by_work_and_not_by_files(alice, charlie, in_order):
    """F28: a hundred pages are as much as a hundred files."""
    alices = [submit(alice) for _ in range(4)]
    charlies = [submit(charlie) for _ in range(2)]
    claimed = []
    while claim := jobs.claim():
        claimed.append(claim.job_id)
        jobs.finish(claim, OUTCOME)
    expected = [alices[0], charlies[0], alices[1], charlies[1], alices[2], alices[3]]
    assert claimed == [job.pk for job in expected]


@pytest.mark.django_db
def test_idling_saves_up_no_turns(alice, charlie, in_order):
    """F28: whoever comes late starts with the rest, not before them."""
    for _ in range(5):
        submit(alice)
        jobs.finish(jobs.claim(), OUTCOME)
    waiting = [submit(alice) for _ in range(2)]
    late = [submit(charlie) for _ in range(2)]
    claimed = [jobs.claim().job_id for _ in range(4)]
    assert claimed == [waiting[0].pk, late[0].pk, waiting[1].pk, late[1].pk]


@pytest.mark.django_db
def test_no_lane_starves(alice, monkeypatch):
    """F29: one claim in so many goes to batches, however many callers wait."""
    batch = submit(alice)
    Job.objects.filter(pk=batch.pk).update(priority=Job.Priority.BATCH)
    for _ in range(3):
        submit(alice)
    monkeypatch.setattr(fairness.secrets, "randbelow", lambda most: 0)
    assert jobs.claim().job_id == batch.pk
