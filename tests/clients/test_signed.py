"""Webhooks and destruction receipts: what is genuine passes, and nothing else does."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from littlepull_client import NotGenuine, fetch_signing_keys, verify_receipt, verify_webhook
from tests.receivers import Receiver
from tests.server import SAMPLES

RECEIPT = SAMPLES / "receipt.jpg"
SECRET, OTHER = ("whsec_" + base64.b64encode(letter * 32).decode() for letter in (b"a", b"b"))
BODY = '{"type":"extraction.succeeded","timestamp":"2026-11-23T03:37:26.120Z","data":{"id":"ext_1"}}'
NOW = 1_795_405_046


def signed(body: str = BODY, *secrets: str, at: int = NOW) -> dict[str, str]:
    """By the scheme's own library, not by ours."""
    moment = datetime.fromtimestamp(at, UTC)
    signatures = [Webhook(secret).sign("evt_1", moment, body) for secret in secrets or (SECRET,)]
    return {"Webhook-Id": "evt_1", "Webhook-Timestamp": str(at), "Webhook-Signature": " ".join(signatures)}


def test_a_message_that_was_signed_is_read():
    message = verify_webhook(BODY.encode(), signed(), SECRET, now=NOW)
    assert (message.id, message.type, message.data) == ("evt_1", "extraction.succeeded", {"id": "ext_1"})
    assert verify_webhook(BODY, list(signed().items()), SECRET.removeprefix("whsec_"), now=NOW) == message


def test_while_a_secret_is_changed_either_end_may_have_two():
    assert verify_webhook(BODY, signed(BODY, OTHER, SECRET), SECRET, now=NOW)
    assert verify_webhook(BODY, signed(), [OTHER, SECRET], now=NOW)
    with pytest.raises(NotGenuine):
        verify_webhook(BODY, signed(BODY, OTHER), SECRET, now=NOW)


def test_five_minutes_are_tolerated_and_no_more_either_way():
    for off in (-299, 299):
        assert verify_webhook(BODY, signed(), SECRET, now=NOW + off)
    for off in (-301, 301):
        with pytest.raises(NotGenuine, match="too old"):
            verify_webhook(BODY, signed(), SECRET, now=NOW + off)
    with pytest.raises(NotGenuine, match="too old"):
        verify_webhook(BODY, signed(at=int(time.time()) - 400), SECRET)


def test_whatever_is_changed_shows():
    good = signed()
    forged = [
        (BODY + " ", good),
        (BODY, {**good, "Webhook-Id": "evt_2"}),
        (BODY, {**good, "Webhook-Timestamp": str(NOW + 1)}),
        (BODY, {**good, "Webhook-Timestamp": f"+{NOW}"}),
        (BODY, {**good, "Webhook-Timestamp": "now"}),
        (BODY, {**good, "Webhook-Signature": good["Webhook-Signature"].replace("v1,", "v2,")}),
        (BODY, {**good, "Webhook-Signature": "v1, v1,é= v1,"}),
        (BODY, {**good, "Webhook-Signature": ""}),
        (BODY, {name: value for name, value in good.items() if name != "Webhook-Id"}),
        ("[]", signed("[]")),
    ]
    for body, headers in forged:
        with pytest.raises(NotGenuine) as refused:
            verify_webhook(body, headers, SECRET, now=NOW)
        assert "ext_1" not in str(refused.value)


def test_a_secret_that_is_none_is_an_error_of_the_program():
    """And not a message that is not genuine: with no secret, everything would be signed by it."""
    for secret in ("", "whsec_", "whsec_é", "not base64!"):
        with pytest.raises(ValueError, match="whsec_"):
            verify_webhook(BODY, signed(), secret, now=NOW)
    with pytest.raises(NotGenuine):
        verify_webhook(BODY, signed(), [], now=NOW)


def test_the_servers_own_messages_pass(product, client_key):
    with product.client(client_key) as http, Receiver(204) as receiver:
        endpoint = http.post("/v1/webhook-endpoints", json={"url": receiver.url}).json()
        new = http.post(f"/v1/webhook-endpoints/{endpoint['id']}/rotate-secret").json()["secret"]
        http.post(f"/v1/webhook-endpoints/{endpoint['id']}/test")
        [message] = receiver.wait_for(1)
        http.delete(f"/v1/webhook-endpoints/{endpoint['id']}")
    for secret in (endpoint["secret"], new):
        assert verify_webhook(message.body, message.headers, secret).type == "webhook.test"
    with pytest.raises(NotGenuine):
        verify_webhook(message.body, message.headers, SECRET)


def test_a_receipt_is_verified_by_the_published_keys(ask, product):
    extraction = ask("extract", RECEIPT, schema="receipt")
    keys = fetch_signing_keys(base_url=product.base_url)
    found = ask("verify_receipt", extraction, media=RECEIPT)
    assert found.extraction_id == extraction.id
    assert found.bytes == RECEIPT.stat().st_size
    jws = extraction.destruction_receipt["jws"]
    for same in (extraction.raw, extraction.destruction_receipt, jws):
        assert verify_receipt(same, keys, media=RECEIPT.read_bytes()) == found
    with pytest.raises(NotGenuine, match="another file"):
        verify_receipt(jws, keys, media=b"another")


def test_a_receipt_that_was_changed_is_not_genuine(ask, product):
    keys = fetch_signing_keys(base_url=product.base_url)
    receipt = ask("extract", RECEIPT, schema="receipt").destruction_receipt
    header, payload, signature = receipt["jws"].split(".")
    told = json.loads(base64.urlsafe_b64decode(payload + "=="))
    earlier = encoded({**told, "destroyed_at": "2020-01-01T00:00:00+00:00"})
    kid = json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]
    forged = [
        {"jws": f"{header}.{earlier}.{signature}"},
        {"jws": receipt["jws"], "statement": {**receipt["statement"], "destroyed_at": "2020-01-01T00:00:00+00:00"}},
        {"jws": f"{encoded({'alg': 'none', 'kid': kid})}.{payload}."},
        {"jws": f"{encoded({'alg': 'EdDSA', 'kid': 'other'})}.{payload}.{signature}"},
        {"jws": f"{header}.{payload}.{signature[:-4]}AAAA"},
        {"jws": f"{header}.{payload}"},
        {"jws": "é.è.à"},
        {"data": {}},
        {},
        "",
    ]
    for one in forged:
        with pytest.raises(NotGenuine):
            verify_receipt(one, keys)
    with pytest.raises(NotGenuine, match="No published key"):
        verify_receipt(receipt, {"keys": []})


def encoded(told: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
