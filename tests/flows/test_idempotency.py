"""One Idempotency-Key, one job, one charge."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

from tests.flows.conftest import post_extraction


def test_the_same_request_gets_the_first_answer_and_one_charge(alice_client):
    """F10: the first answer again, one charge."""
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = post_extraction(alice_client, headers=headers)
    left = first.headers["X-Credits-Remaining"]
    second = post_extraction(alice_client, headers=headers)
    assert second.json() == first.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["X-Credits-Remaining"] == left


def test_another_body_under_the_same_key_is_refused(alice_client):
    """F10: other body, 422."""
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    post_extraction(alice_client, headers=headers)
    other = post_extraction(alice_client, headers=headers, schema={"type": "object", "properties": {"x": {}}})
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"


def test_a_refused_request_does_not_use_its_key_up(product):
    """F10: what was refused may be tried again."""
    with product.client(product.create_key("frank@example.com", 2)) as client:
        headers = {"Idempotency-Key": "mine"}
        assert post_extraction(client, b"no media", headers=headers).status_code == 415
        assert post_extraction(client, headers=headers).status_code == 200


def test_many_at_once_make_one_job(product):
    """F10: in flight is 409; one job, one charge."""
    key = product.create_key("grace@example.com", 50)
    headers = {"Idempotency-Key": "together"}

    def attempt(_: int) -> tuple[int, str]:
        with product.client(key) as client:
            answer = post_extraction(client, headers=headers)
            return answer.status_code, answer.json().get("id", answer.headers.get("Retry-After", ""))

    with ThreadPoolExecutor(6) as threads:
        answers = set(threads.map(attempt, range(6)))
    assert {status for status, _ in answers} <= {200, 409}
    assert len({job for status, job in answers if status == 200}) == 1
    with product.client(key) as client:
        assert len(client.get("/v1/extractions").json()["data"]) == 1
        assert client.get("/v1/account").json()["credits"]["available"] == "49.000000"
