"""The signed statement that media is gone: with every end of a job, verifiable by whoever has the public keys."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

import httpx
import jwt
import pytest

from tests.flows.conftest import RECEIPT, post_extraction


@pytest.fixture
def key_set(product) -> dict:
    answer = httpx.get(f"{product.base_url}/.well-known/littlepull-keys.json", trust_env=False)
    assert answer.status_code == 200
    return answer.json()


def signed_statement(receipt: dict, key_set: dict) -> dict:
    """With another library's reading of the key set than the one that wrote it."""
    kid = jwt.get_unverified_header(receipt["jws"])["kid"]
    key = jwt.PyJWKSet.from_dict(key_set)[kid].key
    return json.loads(jwt.PyJWS().decode(receipt["jws"], key, algorithms=["EdDSA"]))


def test_a_result_carries_a_receipt_for_exactly_the_media_that_was_sent(receipt_extraction, key_set):
    """F24: job id, SHA-256 and size of the media, created and destroyed times, method; Ed25519."""
    receipt, media = receipt_extraction["destruction_receipt"], RECEIPT.read_bytes()
    statement = signed_statement(receipt, key_set)
    assert statement == receipt["statement"]
    assert statement["job_id"] == receipt_extraction["id"]
    assert statement["media"] == {"sha256": hashlib.sha256(media).hexdigest(), "bytes": len(media)}
    created, destroyed = (datetime.fromisoformat(statement[name]) for name in ("created_at", "destroyed_at"))
    finished = datetime.fromisoformat(receipt_extraction["finished_at"])
    assert created < destroyed < finished
    assert "AES-256-GCM" in statement["method"]


def test_a_receipt_that_was_changed_is_not_genuine(receipt_extraction, key_set):
    """F24: neither the signed half nor the readable half can be changed unnoticed."""
    jws = receipt_extraction["destruction_receipt"]["jws"]
    header, payload, signature = jws.split(".")
    forged = f"{header}.{payload[:-4]}AAAA.{signature}"
    with pytest.raises(jwt.InvalidTokenError):
        signed_statement({"jws": forged}, key_set)


def test_the_command_verifies_receipts_and_compares_files(product, receipt_extraction, key_set, tmp_path):
    """F24: `manage.py verify_receipt`, with the published keys and the file one still has."""
    whole, keys = tmp_path / "extraction.json", tmp_path / "keys.json"
    whole.write_text(json.dumps(receipt_extraction))
    keys.write_text(json.dumps(key_set))
    genuine = product.manage("verify_receipt", str(whole), "--keys", str(keys), "--media", str(RECEIPT))
    assert genuine.startswith("genuine") and receipt_extraction["id"] in genuine
    with pytest.raises(AssertionError, match="another file"):
        product.manage("verify_receipt", str(whole), "--media", str(keys))
    told = json.loads(json.dumps(receipt_extraction))
    told["destruction_receipt"]["statement"]["destroyed_at"] = "2020-01-01T00:00:00+00:00"
    whole.write_text(json.dumps(told))
    with pytest.raises(AssertionError, match="not what was signed"):
        product.manage("verify_receipt", str(whole), "--keys", str(keys))
    whole.write_text('{"data": {}}')
    with pytest.raises(AssertionError, match="not a receipt"):
        product.manage("verify_receipt", str(whole))


def test_a_canceled_and_a_failed_job_have_their_receipts_too(own_product):
    """F24, F25: whatever becomes of a job, its media is gone and its caller can prove it."""
    product = own_product(LEASE_SECONDS="60", ENGINE_PRELOAD="rapidocr")
    product.start()
    product.freeze_worker()
    impossible = {"type": "object", "properties": {"passport": {"type": "string"}}, "required": ["passport"]}
    with product.client(product.create_key(credits=5)) as client:
        failing = post_extraction(client, schema=impossible, options={"strict": True}, wait=None).json()
        canceled = post_extraction(client, wait=None).json()
        answer = client.delete(f"/v1/extractions/{canceled['id']}").json()
        assert answer["destruction_receipt"]["statement"]["job_id"] == canceled["id"]
        product.worker().resume()
        failed = wait_for_end(client, failing["id"])
    assert failed["status"] == "failed" and "data" not in failed
    assert failed["destruction_receipt"]["statement"]["job_id"] == failing["id"]


def test_a_receipt_is_not_kept_longer_than_the_result(alice_client):
    """F24: it is given to the caller, and destroyed with the result."""
    done = post_extraction(alice_client, options={"result_ttl_seconds": 0}).json()
    assert done["destruction_receipt"]
    assert "destruction_receipt" not in alice_client.get(f"/v1/extractions/{done['id']}").json()


def wait_for_end(client: httpx.Client, job_id: str) -> dict:
    with client.stream("GET", f"/v1/extractions/{job_id}/events") as stream:
        list(stream.iter_lines())
    return client.get(f"/v1/extractions/{job_id}").json()
