"""What the server stands on is away for a while: callers are told to come again, and nothing is lost or left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.flows.conftest import post_extraction
from tests.flows.gateways import ASKED
from tests.postgresql import Cluster, find_binaries, running_cluster


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL binaries on this machine")
    with running_cluster(binaries) as cluster:
        yield cluster


def told_to_come_again(answer) -> bool:
    problem = answer.json()
    code = problem.get("code") or problem["error"]["code"]
    return (answer.status_code, code, answer.headers["retry-after"]) == (503, "temporarily_unavailable", "5")


def test_while_the_database_is_away_callers_are_told_so(own_product, cluster):
    product = own_product(DATABASE_URL=cluster.url, ENGINE_PRELOAD="rapidocr")
    product.start()
    test_key = product.create_key("tries@example.com", 0, "--mode", "test")
    with product.client(product.create_key(credits=10)) as client, product.client(test_key) as chat:
        cluster.stop()
        assert told_to_come_again(client.get("/v1/account"))
        assert told_to_come_again(client.post("/v1/chat/completions", json={"model": "auto", "messages": ASKED}))
        refused = post_extraction(client, headers={"Idempotency-Key": "once"})
        assert told_to_come_again(refused), refused.text
        assert not list(product.spool.glob("*"))
        cluster.start()
        product.wait_for("/readyz")
        again = post_extraction(client, headers={"Idempotency-Key": "once"})
        assert again.json()["status"] == "succeeded", again.text
        assert client.get("/v1/account").json()["credits"]["available"] == "9.000000"
        assert chat.post("/v1/chat/completions", json={"model": "auto", "messages": ASKED}).status_code == 200
    assert "Traceback" not in product.log.read_text().partition("starting it again")[0]


def test_a_spool_that_takes_nothing_is_no_fault_of_the_caller(own_product):
    product = own_product()
    product.options = ["--no-worker"]
    product.start(ready=False)
    with product.client(product.create_key(credits=10)) as client:
        shutil.rmtree(product.spool, ignore_errors=True)
        product.spool.write_text("in the way")
        for _ in range(2):
            assert told_to_come_again(post_extraction(client, headers={"Idempotency-Key": "once"}))
        product.spool.unlink()
        assert post_extraction(client, wait=None, headers={"Idempotency-Key": "once"}).status_code == 202
