"""Many files with one schema under one id: each its own extraction, and none holds up another."""

from __future__ import annotations

import json

import pytest

from tests.extraction.tiny_media import Pdf
from tests.flows.conftest import NOTHING, SMALL_SCHEMA
from tests.flows.test_life_of_an_extraction import sse


def paper(total: str) -> bytes:
    return Pdf().page([(60, 80, "Receipt"), (60, 110, f"Total {total}")]).bytes()


def post_batch(client, files: list[bytes], *, headers: dict[str, str] | None = None, **form: object):
    data = {"schema": json.dumps(SMALL_SCHEMA)}
    data |= {name: value if isinstance(value, str) else json.dumps(value) for name, value in form.items()}
    parts = [("file", (f"{number}.bin", content)) for number, content in enumerate(files)]
    return client.post("/v1/extractions/batch", data=data, files=parts, headers=headers or {})


def wait_for(client, batch: dict) -> dict:
    for extraction in batch["data"]:
        sse(client, extraction["id"])
    return client.get(f"/v1/extractions/batch/{batch['id']}").json()


def test_each_file_becomes_an_extraction_of_its_own(alice_client):
    answer = post_batch(alice_client, [paper("1.50"), paper("2.50"), paper("3.50")], options={"metadata": {"ref": "7"}})
    assert answer.status_code == 202, answer.text
    batch = answer.json()
    assert answer.headers["Location"] == f"/v1/extractions/batch/{batch['id']}"
    done = wait_for(alice_client, batch)
    assert done["finished"] is True and done["counts"] == {"succeeded": 3, "refused": 0}
    totals = [alice_client.get(f"/v1/extractions/{one['id']}").json()["data"]["total"] for one in done["data"]]
    assert totals == [1.5, 2.5, 3.5]
    assert all(one["metadata"] == {"ref": "7"} and "data" not in one for one in done["data"])
    listed = alice_client.get("/v1/extractions", params={"batch_id": batch["id"]}).json()["data"]
    assert {one["id"] for one in listed} == {one["id"] for one in batch["data"]}


def test_files_that_cannot_be_accepted_are_named_and_hold_up_no_other(product):
    with product.client(product.create_key("ines@example.com", 2)) as client:
        files = [b"no media", paper("1.50"), paper("2.50"), paper("3.50")]
        batch = post_batch(client, files).json()
        refused = [(one["index"], one["code"]) for one in batch["refused"]]
        assert refused == [(0, "unsupported_media_type"), (3, "insufficient_credits")]
        assert [one["batch_index"] for one in batch["data"]] == [1, 2]
        assert wait_for(client, batch)["counts"] == {"succeeded": 2, "refused": 2}
        assert client.get("/v1/account").json()["credits"] == {**NOTHING, "available": "0.000000"}
    product.manage("check_ledger")
    assert not list(product.spool.glob("*"))


def test_where_no_file_is_accepted_there_is_no_batch(product, alice_client):
    answer = post_batch(alice_client, [b"no media", b"none either"])
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert (post_batch(alice_client, []).status_code, len(list(product.spool.glob("*")))) == (422, 0)


def test_a_retry_gets_the_same_batch(alice_client):
    """F10: one batch, one charge; another set of files under the same key is refused."""
    headers, files = {"Idempotency-Key": "batch-once"}, [paper("1.50"), b"no media"]
    first = post_batch(alice_client, files, headers=headers)
    again = post_batch(alice_client, files, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["refused"] == first.json()["refused"]
    other = post_batch(alice_client, [paper("9.99")], headers=headers)
    assert other.json()["code"] == "idempotency_key_reused"


def test_deleting_a_batch_ends_all_of_it(own_product):
    """F25: what waits is canceled, what is there is destroyed."""
    product = own_product(LEASE_SECONDS="60", ENGINE_PRELOAD="")
    product.start(ready=False)
    product.freeze_worker()
    with product.client(product.create_key(credits=5)) as client:
        batch = post_batch(client, [paper("1.50"), paper("2.50")]).json()
        deleted = client.delete(f"/v1/extractions/batch/{batch['id']}").json()
        assert deleted["counts"]["canceled"] == 2
        assert client.get("/v1/account").json()["credits"]["available"] == "5.000000"
    assert not list(product.spool.glob("*"))


def test_strangers_and_nonsense_get_the_same_404(product, alice_client):
    batch = post_batch(alice_client, [paper("1.50")]).json()
    with product.client(product.create_key("charlie@example.com")) as stranger:
        assert stranger.get(f"/v1/extractions/batch/{batch['id']}").status_code == 404
        assert stranger.delete(f"/v1/extractions/batch/{batch['id']}").status_code == 404
    for unknown in ("bat_" + "0" * 26, "nonsense", "bat_%00"):
        assert alice_client.get(f"/v1/extractions/batch/{unknown}").status_code == 404


@pytest.mark.parametrize("path", ["/v1/extractions", "/v1/extractions/quote"])
def test_one_file_where_one_is_asked_for(alice_client, path):
    parts = [("file", ("a", paper("1.50"))), ("file", ("b", paper("2.50")))]
    answer = alice_client.post(path, data={"schema": json.dumps(SMALL_SCHEMA)}, files=parts)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
