"""`manage.py serve`: one process tree that starts ready, mends itself, and stops without cutting anybody off."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.flows.conftest import NOTHING, post_extraction
from tests.flows.test_worker_killed import wait_for_another_worker, wait_for_end


@pytest.mark.parametrize("server", ["uvicorn", "daphne"])
def test_stopping_lets_running_work_end(own_product, server):
    product = own_product(server=server, ENGINE_PRELOAD="rapidocr")
    product.start()
    with product.client(product.create_key(credits=5)) as client:
        job = post_extraction(client, wait=None).json()["id"]
        time.sleep(0.3)
        assert product.stop() == 0
    product.start()
    with product.client(product.create_key("again@example.com")) as other:
        assert other.get(f"/v1/extractions/{job}").status_code == 404
    assert product.manage("shell", "-v", "0", "-c", status_of(job)) == "succeeded"
    product.manage("check_ledger")


def status_of(job: str) -> str:
    return f"from extraction.models import Job; print(Job.objects.get(pk='{job}').status)"


def test_a_dead_web_server_is_started_again(own_product):
    product = own_product(ENGINE_PRELOAD="rapidocr")
    product.start(ready=False)
    import psutil

    web = next(
        child
        for child in psutil.Process(product.process.pid).children(recursive=True)
        if "littlepull.servers" in child.cmdline()
    )
    web.kill()
    product.wait_for("/healthz")


def test_readiness_says_what_is_missing(own_product):
    product = own_product(LEASE_SECONDS="3")
    product.start(ready=False)
    answer = httpx.get(f"{product.base_url}/readyz", trust_env=False)
    assert answer.status_code in {200, 503}
    product.wait_for("/readyz")
    assert httpx.get(f"{product.base_url}/readyz", trust_env=False).json() == {
        "status": "ready",
        "reasons": [],
        "first_look": "confined",
        "codes": [],
    }


def test_a_worker_killed_in_the_middle_costs_one_retry(own_product):
    product = own_product(LEASE_SECONDS="3", ENGINE_PRELOAD="rapidocr")
    product.start()
    with product.client(product.create_key(credits=5)) as client:
        jobs = [post_extraction(client, wait=None).json()["id"] for _ in range(3)]
        product.worker().kill()
        wait_for_another_worker(product)
        assert {wait_for_end(client, job)["status"] for job in jobs} == {"succeeded"}
        assert client.get("/v1/account").json()["credits"] == {**NOTHING, "available": "2.000000"}
