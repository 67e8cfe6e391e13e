"""uvicorn and daphne alike: size caps while streaming, uploads, SSE, WebSocket, and a clean stop."""

from __future__ import annotations

import asyncio

import psutil
import pytest

from tests.flows.conftest import post_extraction
from tests.flows.test_life_of_an_extraction import sse, watch

LIMIT = 30_000_000


@pytest.mark.parametrize("server", ["uvicorn", "daphne"])
def test_the_whole_contract_on_either_server(own_product, server):
    product = own_product(server=server, MAX_UPLOAD_BYTES=str(LIMIT), ENGINE_PRELOAD="rapidocr")
    product.start()
    key = product.create_key(credits=5)
    with product.client(key) as client:
        refused = post_extraction(client, b"\xff\xd8\xff" + b"x" * (LIMIT + 10))
        assert refused.status_code == 413
        assert refused.json()["code"] == "media_too_large"
        extraction = post_extraction(client).json()
        assert extraction["data"]["total"] == 42.05
        events = [event for _, event in sse(client, extraction["id"])]
    assert events[-1]["type"] == "succeeded"
    url = f"ws://127.0.0.1:{product.port}/ws/extractions/{extraction['id']}"
    assert asyncio.run(watch(url, ["lp.v1", f"lp.key.{key}"])) == events
    assert not list(product.spool.glob("*"))
    web = [child for child in psutil.Process(product.process.pid).children() if server in child.cmdline()]
    assert sum(process.memory_info().rss for process in web) < 400_000_000
    assert product.stop() == 0


def test_several_web_processes_share_the_work(own_product):
    """F4: any process answers for any job."""
    product = own_product(ENGINE_PRELOAD="rapidocr")
    product.options = ["--workers", "4"]
    product.start()
    with product.client(product.create_key(credits=5)) as client:
        for _ in range(3):
            extraction = post_extraction(client, headers={"Connection": "close"}).json()
            assert extraction["data"]["total"] == 42.05
            assert sse(client, extraction["id"], Connection="close")[-1][1]["type"] == "succeeded"
    assert product.stop() == 0
