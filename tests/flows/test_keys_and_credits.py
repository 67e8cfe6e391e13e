"""Keys and their credits at a running product: both doors know a rerolled key, and its worker tells who runs low."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.flows.conftest import post_extraction
from tests.server import Product, free_port

CHAT = {"model": "auto", "messages": [{"role": "user", "content": "Good morning"}]}


@pytest.fixture
def client(product: Product) -> Iterator[httpx.Client]:
    """Of somebody new, with a hundred credits."""
    with product.client(product.create_key(f"k{free_port()}@example.com", 100)) as client:
        yield client


def wait_until(holds: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def doors(product: Product, plaintext: str) -> list[bool]:
    """Whether it opens the API, which reads the key each time, and the gateway, which keeps it for a moment."""
    with product.client(plaintext) as client:
        answers = [client.get("/v1/account"), client.post("/v1/chat/completions", json=CHAT)]
    return [answer.status_code != 401 for answer in answers]


def test_a_rerolled_key_opens_both_doors_until_its_grace_ends(product, client):
    """F88: the same key before and after, and the old plaintext as long as was said."""
    old = client.headers["Authorization"].removeprefix("Bearer ")
    before = client.get("/v1/account").json()
    assert doors(product, old) == [True, True]
    told = client.post(f"/v1/keys/{before['key']['id']}/reroll", json={"grace_seconds": 900}).json()
    assert doors(product, old) == doors(product, told["plaintext"]) == [True, True]
    with product.client(told["plaintext"]) as renewed:
        after = renewed.get("/v1/account").json()
        same = ("id", "name", "mode", "scopes", "created_at")
        assert [after["key"][name] for name in same] == [before["key"][name] for name in same]
        assert after["credits"] == before["credits"]
        last = renewed.post(f"/v1/keys/{before['key']['id']}/reroll", json={}).json()
    for ended in (old, told["plaintext"]):
        wait_until(lambda ended=ended: doors(product, ended) == [False, False], seconds=3)
    assert doors(product, last["plaintext"]) == [True, True]


def test_keys_that_share_a_wallet_have_caps_of_their_own(product, client):
    """F78, F79: what one spends the other has not; the cap ends one of them and not the other."""
    payer = client.get("/v1/account").json()["key"]["id"]
    made = client.post("/v1/keys", json={"pays_from": payer, "spending_cap": "1"}).json()
    with product.client(made["plaintext"]) as sharing:
        assert post_extraction(sharing).status_code == 200
        refused = post_extraction(sharing)
        assert (refused.status_code, refused.json()["code"]) == (402, "spending_cap_reached")
    assert post_extraction(client).status_code == 200
    assert client.get(f"/v1/keys/{made['id']}").json()["spent_this_month"] == "1.000000"
    wait_until(lambda: client.get("/v1/account").json()["credits"]["available"] == "98.000000")
    rows = client.get("/v1/usage", params={"group_by": "key"}).json()["data"]
    assert {row["group"]: row["credits"] for row in rows} == {payer: "1.000000", made["id"]: "1.000000"}


def test_the_worker_tells_who_runs_low_and_a_statement_says_why(client):
    """F86, F90: told by itself, once; the lines of the statement sum to what is left."""
    client.post("/v1/credits/alerts", json={"credits": "50"})
    other = client.post("/v1/keys", json={}).json()
    body = {"from_key": client.get("/v1/account").json()["key"]["id"], "to_key": other["id"], "credits": "60"}
    for _ in range(2):
        moved = client.post("/v1/credits/transfers", json=body, headers={"Idempotency-Key": "once"})
    assert moved.headers["Idempotency-Replayed"] == "true"
    wait_until(lambda: client.get("/v1/credits/alerts").json()["data"][0]["told_at"] is not None)
    statement = client.get("/v1/credits/statement").json()
    assert [line["credits"] for line in statement["lines"]] == ["100.000000", "-60.000000"]
    assert statement["closing"] == client.get("/v1/account").json()["credits"]["available"] == "40.000000"
    assert client.get("/v1/credits/statement", params={"format": "csv"}).text.count("\r\n") == 5
