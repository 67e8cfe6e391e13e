"""Texts and numbers that break databases, parsers and lines: refused in the API's own words, never a fault of ours."""

from __future__ import annotations

import json
import logging

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator

from accounts.models import ApiKey, WebhookEndpoint
from littlepull.asgi import websockets
from tests.extraction.jobs_in_hand import OUTCOME, submit
from tests.security.walking import IDS, Operation, call, knock, operations

pytestmark = pytest.mark.django_db
WITH_BODY = [one for one in operations() if one.body() is not None and not one.path.startswith("/v1/chat/completions")]
BODIES = {
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "endless number": b'{"limit": ' + b"9" * 100_000 + b"}",
    "huge exponent": b'{"credits": 1e999999, "threshold": -1e999999, "score": 1e400}',
    "not a number": b'{"score": NaN, "credits": Infinity}',
    "nul": b'{"name": "a\\u0000b", "details": "\\u0000", "kind": "\\u0000", "schema": {"\\u0000": "\\u0000"}}',
    "half a letter": b'{"name": "\\ud800", "details": "\\ud800", "description": "\\udfff", "url": "https://\\ud800"}',
    "no utf-8": b'{"name": "\xff\xfe"}',
    "twice": b'{"name": "a", "name": {"b": "c"}}',
    "prototype": b'{"__proto__": {"a": 1}, "constructor": 1, "__class__": 1}',
    "many names": json.dumps({f"name{at}": "x" for at in range(5000)}).encode(),
    "a list": b"[]",
    "null": b"null",
    "nothing": b"",
}


def path_of(operation: Operation) -> str:
    return operation.path.format(**dict.fromkeys(IDS, "receipt"))


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_odd_bodies_are_the_callers_fault(operation, alice):
    for name, body in BODIES.items():
        headers = {**alice.headers, "Content-Type": "application/json"}
        answer = async_to_sync(knock)(operation.method, path_of(operation), headers=headers, content=body)
        assert answer.status_code < 500, (name, answer.text)
        assert "\\u0000" not in answer.text and "Traceback" not in answer.text, name


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_a_nul_in_an_address_is_refused(operation, alice):
    paths = [f"{path_of(operation)}?limit=1&cursor=%00&q=a%00b"]
    if operation.parameters:
        paths.append(operation.path.format(**dict.fromkeys(IDS, "key_%00")))
    for path in paths:
        answer = async_to_sync(knock)(operation.method, path, headers=alice.headers)
        assert answer.status_code in (400, 401, 404, 422), (path, answer.text)
        assert operation.path == "/v1/chat/completions" or "json" in answer.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/portal/keys/%00", "/docs/%00", "/privacy/erased/%00", "/static/%00", "/%00"])
def test_a_nul_in_a_pages_address_is_no_page(path):
    assert async_to_sync(knock)("GET", path).status_code in (400, 404)


NUMBERS = ["9" * 30, "9" * 5000, "-1", "1.5", "٣", "x", ""]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda one: one[:6] or "none")
def test_any_number_of_an_event_may_be_named(number, alice):
    job = submit(alice)
    from extraction import jobs

    jobs.finish(jobs.claim(), OUTCOME)
    headers = {**alice.headers, "Last-Event-ID": number.encode()}
    answer = async_to_sync(knock)("GET", f"/v1/extractions/{job.pk}/events", headers=headers)
    assert answer.status_code == 200 and "event: " in answer.text


@pytest.mark.parametrize("number", NUMBERS, ids=lambda one: one[:6] or "none")
@pytest.mark.usefixtures("kept_connection")
async def test_any_number_may_be_named_to_the_websocket(number, alice):
    job = await sync_to_async(submit)(alice)
    offered = ["lp.v1", f"lp.key.{alice.plaintext}"]
    watcher = WebsocketCommunicator(websockets, f"/ws/extractions/{job.pk}?after={number}", subprotocols=offered)
    assert (await watcher.connect())[0]
    assert json.loads(await watcher.receive_from(timeout=20))
    await watcher.disconnect()


BROKEN_LINES = ["a\r\nSet-Cookie: session_id=stolen", "a\nERROR forged line", "a\u2028b", "\x1b[2J"]


@pytest.mark.parametrize("text", BROKEN_LINES, ids=ascii)
def test_no_text_of_a_callers_breaks_into_a_header_or_a_log_line(text, alice, caplog):
    with caplog.at_level(logging.DEBUG):
        made = call("POST", "/v1/keys", alice.headers, {"name": text})
        described = {"url": "https://example.com/hook", "event_types": ["*"], "description": text}
        call("POST", "/v1/webhook-endpoints", alice.headers, described)
        call("GET", f"/v1/keys/{text}", alice.headers)
        for header in ("X-Request-Id", "Idempotency-Key", "Prefer", "Last-Event-ID", "X-LittlePull-Session"):
            sent = {**alice.headers, header: text}
            answer = call("POST", "/v1/keys", sent, {"name": "plain"})
            assert "Set-Cookie" not in answer.headers and "stolen" not in str(answer.headers)
            assert answer.status_code < 500
    assert made.status_code in (201, 422)
    assert not any("forged" in line or "stolen" in line or "\x1b" in line for line in caplog.text.splitlines())
    assert not any({"\r", "\n", "\x1b"} & set(key.name) for key in ApiKey.objects.all())
    assert WebhookEndpoint.objects.count() <= 1


def test_no_idempotency_key_of_another_is_answered(alice, charlie):
    """The memory of what was asked is the key's own."""
    sent = {"Idempotency-Key": "the same"}
    first = call("POST", "/v1/keys", {**alice.headers, **sent}, {"name": "hers"})
    second = call("POST", "/v1/keys", {**charlie.headers, **sent}, {"name": "hers"})
    assert first.status_code == second.status_code == 201
    assert first.json()["id"] != second.json()["id"] and "Idempotency-Replayed" not in second.headers


def test_no_half_letter_leaves_as_one(alice):
    answer = call("POST", "/v1/keys", alice.headers, {"name": "plain"})
    assert answer.status_code == 201
    changed = call("PATCH", f"/v1/keys/{alice.key.pk}", alice.headers, {"name": "\ud800"})
    assert changed.status_code in (200, 400, 422)
    assert call("GET", f"/v1/keys/{alice.key.pk}", alice.headers).status_code == 200
