"""Submitting, waiting, watching, reading, deleting: the public contract of one extraction."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
import websockets

from tests.flows.conftest import NOTHING, post_extraction

UNKNOWN = "ext_" + "0" * 26


def sse(client, job_id: str, **headers: str) -> list[tuple[int, dict]]:
    """The whole stream, as (id, data)."""
    events, number = [], 0
    with client.stream("GET", f"/v1/extractions/{job_id}/events", headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("id: "):
                number = int(line[4:])
            elif line.startswith("data: "):
                events.append((number, json.loads(line[6:])))
    return events


async def watch(url: str, subprotocols: list[str], **headers: str) -> list[dict]:
    async with websockets.connect(url, subprotocols=subprotocols, additional_headers=headers, proxy=None) as socket:
        return [json.loads(message) async for message in socket]


def test_without_waiting_it_answers_202_and_where_to_look(alice_client):
    """F2: 202, a Location to poll, the result there in the end."""
    answer = post_extraction(alice_client, wait=None)
    assert answer.status_code == 202
    assert answer.json()["status"] in {"queued", "running"}
    assert answer.headers["Location"] == f"/v1/extractions/{answer.json()['id']}"
    assert sse(alice_client, answer.json()["id"])[-1][1]["type"] == "succeeded"
    finished = alice_client.get(answer.headers["Location"]).json()
    assert finished["status"] == "succeeded"
    assert "total" in finished["data"]


def test_events_are_numbered_from_one_and_can_be_resumed(alice_client, receipt_extraction):
    """F3: the same by server-sent events."""
    events = sse(alice_client, receipt_extraction["id"])
    assert [number for number, _ in events] == list(range(1, len(events) + 1))
    stages = [event["progress"]["stage"] for _, event in events]
    assert stages[0] == "received"
    assert stages[-1] == "done"
    assert {"recognizing", "mapping"} <= set(stages)
    assert sse(alice_client, receipt_extraction["id"], **{"Last-Event-ID": "2"}) == events[2:]


def test_the_websocket_tells_the_same_events(product, alice_client, alice_key, receipt_extraction):
    """F3: status over a WebSocket, resumable."""
    events = [event for _, event in sse(alice_client, receipt_extraction["id"])]
    url = f"ws://127.0.0.1:{product.port}/ws/extractions/{receipt_extraction['id']}"
    protocols = ["lp.v1", f"lp.key.{alice_key}"]
    assert asyncio.run(watch(url, protocols)) == events
    assert asyncio.run(watch(f"{url}?after=3", protocols)) == events[3:]


def test_a_stranger_cannot_watch(product, receipt_extraction):
    stranger = product.create_key("charlie@example.com")
    url = f"ws://127.0.0.1:{product.port}/ws/extractions/{receipt_extraction['id']}"
    for protocols in (["lp.v1", f"lp.key.{stranger}"], ["lp.v1"]):
        with pytest.raises(websockets.InvalidStatus):
            asyncio.run(watch(url, protocols))


def test_a_person_who_is_signed_in_can_watch_from_our_own_pages_only(product):
    with product.client(product.create_key("dora@example.com", 5)) as client:
        job = post_extraction(client).json()["id"]
    with product.sign_in("dora@example.com") as browser:
        session = browser.cookies["session_id"]
    url = f"ws://127.0.0.1:{product.port}/ws/extractions/{job}"
    cookie = {"Cookie": f"session_id={session}"}
    events = asyncio.run(watch(url, ["lp.v1"], **cookie, Origin=product.base_url))
    assert events[-1]["type"] == "succeeded"
    for origin in ({"Origin": "https://evil.example"}, {}):
        with pytest.raises(websockets.InvalidStatus):
            asyncio.run(watch(url, ["lp.v1"], **cookie, **origin))


def test_unknown_and_foreign_ids_give_the_same_404(product, receipt_extraction):
    """F26: what is not yours is not there."""
    with product.client(product.create_key("charlie@example.com")) as stranger:
        answers = [stranger.get(f"/v1/extractions/{job}") for job in (receipt_extraction["id"], UNKNOWN, "x%00y")]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        first, second, third = ({**answer.json(), "request_id": ""} for answer in answers)
        assert first == second == third
        assert stranger.delete(f"/v1/extractions/{receipt_extraction['id']}").status_code == 404
        assert stranger.get(f"/v1/extractions/{receipt_extraction['id']}/events").status_code == 404


def test_deleting_destroys_the_result_now_and_keeps_the_metadata(alice_client):
    """F25: now, and a tombstone stays."""
    extraction = post_extraction(alice_client).json()
    deleted = alice_client.delete(f"/v1/extractions/{extraction['id']}")
    assert deleted.status_code == 200
    after = alice_client.get(f"/v1/extractions/{extraction['id']}").json()
    assert after["result_destroyed_at"] is not None
    assert after["status"] == "succeeded"
    assert "data" not in after
    assert "fields" not in after


def test_a_result_kept_zero_seconds_is_delivered_once(alice_client):
    """F23: read once."""
    answer = post_extraction(alice_client, options={"result_ttl_seconds": 0}).json()
    assert "data" in answer
    again = alice_client.get(f"/v1/extractions/{answer['id']}").json()
    assert "data" not in again
    assert again["result_destroyed_at"] is not None


def test_deleting_a_waiting_job_cancels_it_and_returns_its_credits(own_product):
    """F1: a wait that runs out answers 202 and where to look; F25: canceled before its end, a job costs nothing."""
    product = own_product(LEASE_SECONDS="60")
    product.start(ready=False)
    key = product.create_key(credits=5)
    product.freeze_worker()
    with product.client(key) as client:
        began = time.monotonic()
        waited = post_extraction(client, wait=2)
        assert time.monotonic() - began >= 2
        extraction = waited.json()
        assert (waited.status_code, extraction["status"]) == (202, "queued")
        assert waited.headers["Location"] == f"/v1/extractions/{extraction['id']}"
        assert extraction["cost"]["held"] == "1.000000"
        canceled = client.delete(f"/v1/extractions/{extraction['id']}").json()
        assert canceled["status"] == "canceled"
        assert canceled["media_destroyed_at"] is not None
        assert client.get("/v1/account").json()["credits"] == {**NOTHING, "available": "5.000000"}
    assert not list(product.spool.glob("*"))
    product.manage("check_ledger")


def test_lists_show_metadata_newest_first_with_a_cursor(alice_client):
    ids = [post_extraction(alice_client).json()["id"] for _ in range(3)]
    first = alice_client.get("/v1/extractions", params={"limit": 2}).json()
    assert [one["id"] for one in first["data"]] == ids[:0:-1]
    assert all("data" not in one for one in first["data"])
    rest = alice_client.get("/v1/extractions", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert rest["data"][0]["id"] == ids[0]


def test_a_test_key_runs_the_whole_pipeline_for_nothing(product):
    """F32: lp_test_ keys are free."""
    with product.client(product.create_key("dora@example.com", 0, "--mode", "test")) as client:
        extraction = post_extraction(client).json()
    assert extraction["status"] == "succeeded"
    assert extraction["cost"] == {"estimated": "0.000000", "held": "0.000000", "charged": "0.000000"}
    assert extraction["engines"]["mapper"] == "embedded"


def test_strict_turns_an_unsatisfied_schema_into_a_failure_that_charges_the_reading_only(alice_client):
    """F12: the server validates, whatever made the JSON."""
    schema = {
        "type": "object",
        "properties": {"passport_number": {"type": "string"}},
        "required": ["passport_number"],
    }
    relaxed = post_extraction(alice_client, schema=schema).json()
    assert relaxed["status"] == "succeeded"
    assert relaxed["data"] == {}
    assert relaxed["schema_valid"] is False
    strict = post_extraction(alice_client, schema=schema, options={"strict": True}).json()
    assert strict["status"] == "failed"
    assert strict["error"]["code"] == "schema_unsatisfied"
    assert strict["cost"]["charged"] == "1.000000"
    assert "data" not in strict
