"""kill -9 of the worker at random moments: every job ends, is charged at most once, and leaves no media."""

from __future__ import annotations

import random
import time

from tests.flows.conftest import RECEIPT_SCHEMA, post_extraction

JOBS, KILLS = 30, 6


def test_thirty_jobs_survive_a_worker_that_keeps_dying(own_product):
    """F4, F34: the state is in the database, the engines in processes that may die."""
    product = own_product(LEASE_SECONDS="3", ENGINE_PRELOAD="rapidocr", MAX_ATTEMPTS="5")
    product.start()
    chance = random.Random(7)
    with product.client(product.create_key(credits=JOBS)) as client:
        jobs = [post_extraction(client, schema=RECEIPT_SCHEMA, wait=None).json()["id"] for _ in range(JOBS)]
        for _ in range(KILLS):
            time.sleep(chance.uniform(1.0, 4.0))
            product.worker().kill()
            wait_for_another_worker(product)
        ended = [wait_for_end(client, job) for job in jobs]
        assert {job["status"] for job in ended} <= {"succeeded", "failed"}
        assert all(job["error"]["code"] for job in ended if job["status"] == "failed")
        assert sum(job["status"] == "succeeded" for job in ended) >= JOBS - 2 * KILLS
        charged = sum(float(job["cost"]["charged"]) for job in ended)
        credits = client.get("/v1/account").json()["credits"]
        assert float(credits["available"]) == JOBS - charged
        assert credits["held"] == "0.000000"
    product.manage("check_ledger")
    assert not list(product.spool.glob("*"))


def wait_for_another_worker(product) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            product.worker()
            return
        except LookupError:
            time.sleep(0.1)
    raise AssertionError("serve did not start another worker")


def wait_for_end(client, job_id: str, *, seconds: float = 180) -> dict:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job = client.get(f"/v1/extractions/{job_id}").json()
        if job["status"] in {"succeeded", "failed", "canceled"}:
            return job
        time.sleep(0.25)
    raise AssertionError(f"{job_id} is still {job['status']}")
