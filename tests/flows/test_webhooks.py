"""A customer's server hears of things: the running product, its worker, and a receiver on a real socket."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.flows.conftest import RECEIPT_SCHEMA, post_extraction
from tests.receivers import Answers, Receiver
from tests.server import ROOT, Product

MORE_THAN_A_POOL = 12


def make_endpoint(client: httpx.Client, receiver: Receiver, **body: object) -> dict:
    answer = client.post("/v1/webhook-endpoints", json={"url": receiver.url, **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


def wait_until_ended(client: httpx.Client, delivery_id: str) -> dict:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        delivery = client.get(f"/v1/webhook-deliveries/{delivery_id}").json()
        if delivery["status"] != "pending":
            return delivery
        time.sleep(0.1)
    raise AssertionError(f"{delivery_id} is still pending")


@contextmanager
def another_worker(product: Product) -> Iterator[None]:
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=ROOT, env=product.environment)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(60)


def test_an_extraction_tells_its_webhook_and_its_endpoint(alice_client):
    """F5, F8, F30: signed, each by its own secret; metadata told, the result behind a link and not in the message."""
    with Receiver(204) as endpoint_receiver, Receiver(204) as single:
        endpoint = make_endpoint(alice_client, endpoint_receiver, event_types=["extraction.succeeded"])
        options = {"webhook_url": single.url, "metadata": {"ref": "webhook-flow"}}
        job = post_extraction(alice_client, schema=RECEIPT_SCHEMA, options=options).json()
        [to_single], [to_endpoint] = single.wait_for(1), endpoint_receiver.wait_for(1)
        alice_client.delete(f"/v1/webhook-endpoints/{endpoint['id']}")
    assert to_endpoint.is_signed_with(endpoint["secret"])
    assert to_single.is_signed_with(alice_client.get("/v1/webhook-secret").json()["secret"])
    assert to_single.id == to_endpoint.id
    told = to_single.json
    assert told["type"] == "extraction.succeeded"
    assert (told["data"]["id"], told["data"]["status"]) == (job["id"], "succeeded")
    assert told["data"]["metadata"] == {"ref": "webhook-flow"}
    assert not {"fields", "text", "data"} & told["data"].keys()
    assert str(job["data"]["total"]) not in json.dumps(told)
    path = told["data"]["result_url"].partition("/v1/")[2]
    linked = httpx.get(f"{alice_client.base_url}/v1/{path}", trust_env=False)
    assert linked.json()["data"] == job["data"]
    assert httpx.get(f"{alice_client.base_url}/v1/{path}x", trust_env=False).status_code == 404


def test_a_failed_attempt_is_made_again_after_five_seconds(alice_client):
    """F6, F7: by the worker itself; then sent again on request, under the same id."""
    with Receiver(500, 204) as receiver:
        endpoint = make_endpoint(alice_client, receiver)
        began = time.monotonic()
        sent = alice_client.post(f"/v1/webhook-endpoints/{endpoint['id']}/test").json()
        receiver.wait_for(1, seconds=5)
        done = wait_until_ended(alice_client, sent["id"])
        assert 4.5 <= time.monotonic() - began <= 20
        assert [attempt["status_code"] for attempt in done["attempts"]] == [500, 204]
        alice_client.post(f"/v1/webhook-deliveries/{sent['id']}/resend")
        messages = receiver.wait_for(3)
        assert {message.id for message in messages} == {sent["event_id"]}
        assert all(message.is_signed_with(endpoint["secret"]) for message in messages)
        alice_client.delete(f"/v1/webhook-endpoints/{endpoint['id']}")


def test_after_a_rotation_both_secrets_verify(alice_client):
    """F9: through the product."""
    with Receiver(204) as receiver:
        endpoint = make_endpoint(alice_client, receiver)
        path = f"/v1/webhook-endpoints/{endpoint['id']}"
        new = alice_client.post(f"{path}/rotate-secret").json()["secret"]
        alice_client.post(f"{path}/test")
        [message] = receiver.wait_for(1)
        assert message.is_signed_with(new)
        assert message.is_signed_with(endpoint["secret"])
        alice_client.delete(path)


def test_addresses_inside_are_refused(alice_client):
    """F5: by endpoints and by webhook_url alike."""
    for url in ("https://127.0.0.1/", "https://169.254.169.254/latest", "http://example.com/", "https://[::1]/"):
        refused = alice_client.post("/v1/webhook-endpoints", json={"url": url})
        assert (refused.status_code, refused.json()["code"]) == (422, "address_not_allowed")
        assert post_extraction(alice_client, options={"webhook_url": url}).status_code == 422


def test_on_postgresql_more_messages_than_the_pool_has_connections(own_product, postgresql_url):
    """F5: two workers, every message once, no connection kept."""
    product = own_product(
        DATABASE_URL=postgresql_url, ENGINE_PRELOAD="", OUTBOUND_TRUSTED_HOSTS="localhost", RATE_LIMIT_REQUESTS="9999"
    )
    product.start()
    with product.client(product.create_key()) as client, Receiver(204) as receiver, another_worker(product):
        endpoint = make_endpoint(client, receiver)
        path = f"/v1/webhook-endpoints/{endpoint['id']}/test"
        sent = [client.post(path).json()["id"] for _ in range(2 * MORE_THAN_A_POOL)]
        assert {wait_until_ended(client, delivery)["status"] for delivery in sent} == {"delivered"}
        time.sleep(1.5)
        assert len(receiver.messages) == len({message.id for message in receiver.messages}) == len(sent)


def test_a_worker_that_is_stopped_finishes_the_message_underway(own_product):
    """F6: the answer that comes within its grace is noted, so that nobody sends it twice."""
    product = own_product(ENGINE_PRELOAD="", OUTBOUND_TRUSTED_HOSTS="localhost")
    product.start()
    with product.client(product.create_key()) as client, Receiver(Answers(204, after=1.5)) as receiver:
        endpoint = make_endpoint(client, receiver)
        client.post(f"/v1/webhook-endpoints/{endpoint['id']}/test")
        receiver.wait_for(1)
        assert product.stop() == 0
    assert product.rows("SELECT status FROM accounts_webhookdelivery") == [("delivered",)]
