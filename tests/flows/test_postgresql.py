"""The same product on PostgreSQL, by DATABASE_URL alone."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.flows.conftest import post_extraction
from tests.flows.test_life_of_an_extraction import sse
from tests.flows.test_worker_killed import wait_for_another_worker, wait_for_end

MORE_THAN_A_POOL = 12  # connections a worker may hold: a job that kept its own would end the work at eight


@pytest.fixture(scope="module")
def on_postgresql(postgresql, static_files, tmp_path_factory):
    from tests.server import Product

    url = postgresql.create_database()
    product = Product(tmp_path_factory.mktemp("pg"), DATABASE_URL=url, ENGINE_PRELOAD="rapidocr", LEASE_SECONDS="3")
    product.start()
    yield product
    product.kill()


def test_it_reads_more_files_than_its_pool_has_connections(on_postgresql):
    with on_postgresql.client(on_postgresql.create_key(credits=50)) as client:
        for _ in range(MORE_THAN_A_POOL):
            assert post_extraction(client).json()["data"]["total"] == 42.05
        newest = client.get("/v1/extractions", params={"limit": 1}).json()["data"][0]["id"]
        assert sse(client, newest)[-1][1]["type"] == "succeeded"
    on_postgresql.manage("check_ledger")


def test_eight_at_once_on_a_key_that_can_pay_for_one(on_postgresql):
    key = on_postgresql.create_key("henry@example.com", 1)

    def attempt(_: int) -> int:
        with on_postgresql.client(key) as client:
            return post_extraction(client, wait=None).status_code

    with ThreadPoolExecutor(8) as threads:
        assert Counter(threads.map(attempt, range(8))) == {202: 1, 402: 7}
    on_postgresql.manage("check_ledger")


def test_a_killed_worker_costs_no_job(on_postgresql):
    with on_postgresql.client(on_postgresql.create_key("ida@example.com", 5)) as client:
        jobs = [post_extraction(client, wait=None).json()["id"] for _ in range(5)]
        on_postgresql.worker().kill()
        wait_for_another_worker(on_postgresql)
        ended = [wait_for_end(client, job) for job in jobs]
        failed = [job for job in ended if job["status"] != "succeeded"]
        assert len(failed) <= 1  # the one in hand, if its media had been destroyed and its result not been sealed yet
        assert all(job["cost"]["charged"] == "0.000000" and job["error"]["code"] for job in failed)
    on_postgresql.manage("check_ledger")
    assert not list(on_postgresql.spool.glob("*"))
