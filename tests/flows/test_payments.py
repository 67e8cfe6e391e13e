"""Money, as a customer and a provider meet it: a running product, its worker, and rehearsed payment providers."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from billing import rehearsal
from billing.rehearsal import Rehearsal
from tests.flows.conftest import post_extraction
from tests.server import Product, free_port

NAME_PRODUCTS = """
from billing.models import Product
for product in Product.objects.all():
    Product.objects.filter(pk=product.pk).update(dodo_ref='dodo-' + product.pk, paddle_ref='paddle-' + product.pk)
"""


@pytest.fixture(scope="module")
def providers() -> Iterator[Rehearsal]:
    running = rehearsal.start()
    running.books.recurring.add("paddle-starter")
    running.books.prices["paddle-starter"] = 900
    yield running
    running.close()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, static_files: None, providers: Rehearsal) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("shop"), **providers.settings, ENGINE_PRELOAD="rapidocr")
    product.start()
    product.manage("shell", "-c", NAME_PRODUCTS)
    providers.webhook_url = f"{product.base_url}/webhooks"
    yield product
    product.kill()


@pytest.fixture
def client(product: Product) -> Iterator[httpx.Client]:
    """Of somebody new, with a key and no credits."""
    with product.client(product.create_key(f"p{free_port()}@example.com", 0)) as client:
        yield client


def credits(client: httpx.Client) -> dict[str, str]:
    return client.get("/v1/account").json()["credits"]


def wait_for(client: httpx.Client, account: str, amount: str) -> None:
    deadline = time.monotonic() + 15
    while credits(client)[account] != amount:
        assert time.monotonic() < deadline, credits(client)
        time.sleep(0.1)


def buy(client: httpx.Client, providers: Rehearsal, product: str = "credits-500") -> tuple[dict, str]:
    order = client.post("/v1/payments", json={"product": product}).json()
    checkout = order["checkout_url"].rpartition("/")[2]
    providers.pay(checkout)
    return order, providers.books.sales[checkout].ref


def test_credits_are_bought_spent_refunded_and_stated(product, client, providers):
    """F75, F76, F78, F82, F83, F89, F90: from the provider's page over the webhook to the statement's last line."""
    assert post_extraction(client).status_code == 402
    order, ref = buy(client, providers)
    assert providers.statuses[-1] == 200
    wait_for(client, "available", "500.000000")
    spent = post_extraction(client).json()
    assert spent["status"] == "succeeded"
    wait_for(client, "held", "0.000000")
    left = credits(client)["available"]
    assert left == f"{500 - float(spent['cost']['charged']):.6f}"
    statement = client.get("/v1/credits/statement").json()
    assert [line["kind"] for line in statement["lines"]] == ["grant", "settle"]
    assert statement["closing"] == left
    assert client.get(f"/v1/payments/{order['id']}/receipt").content.startswith(b"%PDF")
    providers.refund(ref)
    wait_for(client, "available", "0.000000")
    assert credits(client)["debt"] == f"{500 - float(left):.6f}"
    assert post_extraction(client).status_code == 402
    assert client.get(f"/v1/payments/{order['id']}").json()["status"] == "refunded"
    product.manage("check_ledger")
    assert product.manage("reconcile").strip()


def test_the_webhooks_door_answers_and_believes_nobody_unsigned(product, client, providers):
    """F82: once for a repeated delivery, never for a forged or changed one."""
    buy(client, providers)
    wait_for(client, "available", "500.000000")
    told = providers.told[-1]
    assert providers.deliver(providers.sign(told)) == 200
    assert providers.deliver(told.forged()) == 401
    assert providers.deliver(told.stale(providers.secrets["dodo"])) == 401
    assert providers.deliver(providers.sign(told).changed()) == 401
    time.sleep(1.5)
    assert credits(client)["available"] == "500.000000"


def test_a_dispute_freezes_and_ends(client, providers):
    """F83: what is disputed cannot be spent; won, it can again."""
    _, ref = buy(client, providers)
    wait_for(client, "available", "500.000000")
    providers.open_dispute(ref)
    wait_for(client, "frozen", "500.000000")
    assert post_extraction(client).status_code == 402
    providers.win_dispute(ref)
    wait_for(client, "available", "500.000000")


def test_a_plan_is_paid_renewed_and_its_credits_are_spent_first(client, providers):
    """F80, F81: a period's credits end with it and go before those that were bought."""
    answer = client.post("/v1/subscriptions", json={"product": "starter"}).json()
    providers.pay(answer["checkout_url"].rpartition("/")[2])
    wait_for(client, "available", "1000.000000")
    buy(client, providers)
    wait_for(client, "available", "1500.000000")
    assert client.get(f"/v1/subscriptions/{answer['id']}").json()["status"] == "active"
    kinds = [row["kind"] for row in client.get("/v1/credits/ledger").json()["data"]]
    assert kinds == ["grant", "grant"]


def test_credits_are_bought_again_by_themselves(product, client, providers):
    """F85, F86: a mandate, a threshold, the worker, and a webhook that says it."""
    rule = client.put("/v1/auto-top-up", json={"product": "credits-500", "threshold": "100"}).json()
    client.post("/v1/credits/alerts", json={"credits": "50"})
    providers.pay(rule["checkout_url"].rpartition("/")[2])
    deadline = time.monotonic() + 20
    while not (rows := client.get("/v1/payments").json()["data"]):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert rows[0]["purpose"] == "auto_top_up"
    while not any(sale.order_id == rows[0]["id"] for sale in providers.books.sales.values()):
        time.sleep(0.1)
    providers.charge(rows[0]["id"])
    wait_for(client, "available", "500.000000")
    deadline = time.monotonic() + 20
    while client.get("/v1/credits/alerts").json()["data"][0]["told_at"] is not None:
        assert time.monotonic() < deadline  # armed again, as there are credits
        time.sleep(0.2)


def test_keys_share_are_capped_and_rerolled(product, providers):
    """F77, F79, F84, F87, F88: one wallet under one lock for two keys, a cap, and a new plaintext with grace."""
    owner = product.create_key("owner@example.com", 10)
    with product.client(owner) as client:
        shared = client.post("/v1/keys", json={"pays_from": client.get("/v1/account").json()["key"]["id"]}).json()
        capped = client.patch(f"/v1/keys/{shared['id']}", json={"spending_cap": "0.5"}).json()
        assert (capped["credits"], capped["spending_cap"]) == ("10.000000", "0.500000")
        with product.client(shared["plaintext"]) as second:
            refused = post_extraction(second)
            assert (refused.status_code, refused.json()["code"]) == (402, "spending_cap_reached")
            client.patch(f"/v1/keys/{shared['id']}", json={"spending_cap": "5"})
            assert post_extraction(second).json()["status"] == "succeeded"
        rerolled = client.post(f"/v1/keys/{shared['id']}/reroll", json={"grace_seconds": 60}).json()["plaintext"]
        for plaintext in (shared["plaintext"], rerolled):
            with product.client(plaintext) as either:
                assert either.get("/v1/account").status_code == 200
        usage = client.get("/v1/usage", params={"group_by": "key"}).json()["data"]
        assert {row["group"]: row["succeeded"] for row in usage} == {shared["id"]: 1}
        media = client.get("/v1/usage", params={"group_by": "media_type"}).json()["data"]
        assert media[0]["group"].startswith("image/")
    product.manage("check_ledger")
