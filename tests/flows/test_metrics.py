"""GET /metrics of a running product: figures of all its processes, and nothing of anybody."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes import Fails, FakeVendor, Says
from tests.flows.conftest import post_extraction

EMAIL, IN_PROMPT, IN_ANSWER, FROM, FILE = (
    "zora.canary@example.com",
    "ZANZIBAR7731",
    "QUOKKA8842",
    "203.0.113.77",
    "wombat",
)
Sample = tuple[str, dict[str, str], float]


def read(product) -> list[Sample]:
    answer = httpx.get(f"{product.base_url}/metrics", trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain") and answer.headers["cache-control"] == "no-store"
    return [tuple(one[:3]) for family in text_string_to_metric_families(answer.text) for one in family.samples]


def total(samples: list[Sample], name: str, **labels: str) -> float:
    return sum(value for found, its, value in samples if found == name and labels.items() <= its.items())


def until(product, holds: Callable[[list[Sample]], bool]) -> list[Sample]:
    """Processes write what they have counted each second."""
    deadline = time.monotonic() + 30
    while not holds(samples := read(product)):
        assert time.monotonic() < deadline, samples
        time.sleep(0.2)
    return samples


def test_counters_add_up_over_processes_and_name_nobody(own_product):
    answers = (Says(f"It is {IN_ANSWER}."), Fails(500), Says("Bonjour"))
    with FakeVendor("openai", *answers) as vendor:
        product = own_product(
            GROQ_API_KEY=vendor.settings()["api_key"], GROQ_BASE_URL=vendor.base_url, ENGINE_PRELOAD="rapidocr"
        )
        product.options = ["--workers", "2"]
        product.start()
        key = product.create_key(EMAIL, 100)
        body = {"model": "groq/openai/gpt-oss-20b", "messages": [{"role": "user", "content": f"Who is {IN_PROMPT}?"}]}
        headers = {"X-Forwarded-For": FROM, "Idempotency-Key": f"order-{IN_PROMPT}"}
        with product.client(key) as client:
            extraction = post_extraction(client, headers=headers).json()
            for number in range(3):
                client.post(
                    "/v1/chat/completions",
                    json=body,
                    headers={"X-Forwarded-For": FROM, "X-Request-Id": f"{FILE}-{number}"},
                )
        for _ in range(40):  # on connections of their own, which the two processes share between them
            with product.client(key) as client:
                assert client.get(f"/v1/extractions/{extraction['id']}").status_code == 200
        with product.client(f"{key}x") as stranger:
            assert stranger.get("/v1/account", params={"who": EMAIL}).status_code == 401
            assert stranger.get(f"/{FILE}/{EMAIL}").status_code == 404
        gets = {"method": "GET", "route": "/v1/extractions/{extraction_id}", "status": "2xx"}
        count, bucket = "littlepull_http_request_seconds_count", "littlepull_http_request_seconds_bucket"
        samples = until(product, lambda now: total(now, count, **gets) >= 40 and total(now, count, route="none") >= 1)
        assert total(samples, count, **gets) == total(samples, bucket, le="+Inf", **gets) == 40
        assert total(samples, count, route="/v1/chat/completions", method="POST") == 3
        assert total(samples, "littlepull_http_refusals_total", status="401") == 1
        tries = "littlepull_provider_attempt_seconds_count"
        assert total(samples, tries, provider="groq", outcome="ok", status="200") == 2
        assert total(samples, tries, provider="groq", status="500") == 1
        assert total(samples, "littlepull_gateway_tokens_total", provider="groq", kind="output") == 14
        assert total(samples, "littlepull_gateway_overhead_seconds_count", streamed="no") == 3
        assert total(samples, "littlepull_processes", role="web") == 2
        assert total(samples, "littlepull_processes", role="worker") == 1
        assert total(samples, "littlepull_engine_starts_total", role="engine") == 1
        assert total(samples, "littlepull_engine_resident_bytes", role="engine") > 50_000_000
        assert total(samples, "littlepull_jobs_lately", state="succeeded", code="none") == 1
        assert total(samples, "littlepull_job_stage_seconds", stage="read", quantile="0.5") > 0
        assert total(samples, "littlepull_workers", state="ready") == 1
        assert total(samples, "littlepull_database_up") == 1
        shown = httpx.get(f"{product.base_url}/metrics", trust_env=False).text.lower()
    for canary in (EMAIL, IN_PROMPT, IN_ANSWER, FROM, FILE, key, extraction["id"], "127.0.0.1", "example.com"):
        assert canary.lower() not in shown, canary
    assert product.stop() == 0


def test_what_a_process_counted_outlives_it_until_the_server_starts_anew(own_product):
    product = own_product(ENGINE_PRELOAD="")
    product.start()
    asked, starts = {"route": "/healthz"}, "littlepull_engine_starts_total"
    count = "littlepull_http_request_seconds_count"
    for _ in range(5):
        httpx.get(f"{product.base_url}/healthz", trust_env=False)
    before = until(product, lambda now: total(now, starts) == 2)  # the engine's process, and that of the first look
    product.worker().kill()
    after = until(product, lambda now: total(now, starts, role="engine") == 2)
    assert total(after, count, **asked) == total(before, count, **asked) >= 5
    assert total(after, "littlepull_processes", role="worker") == 1
    assert product.stop() == 0
    product.start()
    again = read(product)
    assert total(again, count, **asked) < 5 and total(again, starts, role="engine") <= 1


def test_it_says_so_when_the_worker_is_away_and_work_waits(own_product):
    product = own_product(ENGINE_PRELOAD="rapidocr", LEASE_SECONDS="3")
    product.start()
    with product.client(product.create_key(credits=5)) as client, contextlib.ExitStack() as thaw:
        worker = product.freeze_worker()
        thaw.callback(worker.resume)
        post_extraction(client, wait=None)
        samples = until(product, lambda now: total(now, "littlepull_workers", state="alive") == 0)
        assert total(samples, "littlepull_jobs", state="waiting") == 1
        assert total(samples, "littlepull_job_oldest_waiting_seconds") > 0
        assert total(samples, "littlepull_holds_open") == 1
        assert total(samples, "littlepull_held_microcredits") == 1_000_000
