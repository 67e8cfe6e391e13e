"""What the README promises: our own receipt, invoice and voice memo come back as the JSON asked for."""

from __future__ import annotations

import json

from tests.flows.conftest import post_extraction
from tests.server import SAMPLES


def field(extraction: dict, pointer: str) -> dict:
    return next(field for field in extraction["fields"] if field["pointer"] == pointer)


def test_the_receipt(receipt_extraction):
    truth = json.loads((SAMPLES / "receipt.truth.json").read_text())
    data = receipt_extraction["data"]
    assert {name: data[name] for name in ("company", "date", "total")} == {
        name: truth[name] for name in ("company", "date", "total")
    }
    assert [item["amount"] for item in data["items"]] == [item["amount"] for item in truth["items"]]
    assert receipt_extraction["status"] == "succeeded"
    assert receipt_extraction["schema_valid"] is True
    assert receipt_extraction["metadata"] == {"ref": "7"}


def test_every_value_says_where_it_stands_and_how_sure_it_is(receipt_extraction):
    found = [field for field in receipt_extraction["fields"] if field["value"] is not None]
    assert len(found) > 10
    for one in found:
        assert 0 < one["confidence"] <= 1
        citation = one["citations"][0]
        x0, y0, x1, y1 = citation["bbox"]
        assert citation["page"] == 1
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1


def test_the_boxes_go_down_the_page_as_the_receipt_does(receipt_extraction):
    top = [
        field(receipt_extraction, pointer)["citations"][0]["bbox"][1]
        for pointer in ("/company", "/items/0/amount", "/total")
    ]
    assert top == sorted(top)


def test_its_media_is_destroyed_and_its_page_charged(receipt_extraction):
    assert receipt_extraction["media_destroyed_at"] is not None
    assert receipt_extraction["cost"] == {"estimated": "1.000000", "held": "0.000000", "charged": "1.000000"}
    assert receipt_extraction["media"]["type"] == "image/jpeg"
    assert receipt_extraction["media"]["pages"] == 1
    assert {"queued_ms", "recognize_ms", "map_ms"} <= receipt_extraction["timings"].keys()


def test_the_invoice(alice_client):
    truth = json.loads((SAMPLES / "invoice.truth.json").read_text())
    answer = post_extraction(alice_client, (SAMPLES / "invoice.pdf").read_bytes(), schema_name="invoice")
    data = answer.json()["data"]
    assert {name: data[name] for name in truth if name != "line_items"} == {
        name: value for name, value in truth.items() if name != "line_items"
    }
    assert [item["line_total"] for item in data["line_items"]] == [item["line_total"] for item in truth["line_items"]]


def test_the_voice_memo(alice_client):
    truth = json.loads((SAMPLES / "voice_memo.truth.json").read_text())
    memo = next(path for path in SAMPLES.glob("voice_memo.*") if path.suffix != ".json")
    schema = (SAMPLES / "voice_memo.schema.json").read_text()
    extraction = post_extraction(
        alice_client, memo.read_bytes(), schema=schema, options={"include": ["segments"]}
    ).json()
    assert {name: extraction["data"][name] for name in truth} == truth
    for name in truth:
        citation = field(extraction, f"/{name}")["citations"][0]
        assert 0 <= citation["start"] < citation["end"] <= extraction["media"]["seconds"] + 0.5
    assert extraction["segments"]
