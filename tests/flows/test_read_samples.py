"""What the README promises: our own receipt, invoice and voice memo come back as the JSON asked for."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from tests.flows.conftest import RECEIPT_SCHEMA, post_extraction
from tests.server import SAMPLES

TURNS = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}


def field(extraction: dict, pointer: str) -> dict:
    return next(field for field in extraction["fields"] if field["pointer"] == pointer)


def test_the_receipt(receipt_extraction):
    """F30: and what the caller wrote on it, as it was."""
    truth = json.loads((SAMPLES / "receipt.truth.json").read_text())
    assert {name: receipt_extraction["data"][name] for name in truth} == truth
    assert receipt_extraction["status"] == "succeeded"
    assert receipt_extraction["schema_valid"] is True
    assert receipt_extraction["metadata"] == {"ref": "7"}


def test_every_value_says_where_it_stands_and_how_sure_it_is(receipt_extraction):
    """F14, F15: confidence, page, box and quote for each leaf."""
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
    assert {name: answer.json()["data"][name] for name in truth} == truth


def test_the_voice_memo(alice_client):
    """F16: the same for sound, in seconds."""
    truth = json.loads((SAMPLES / "voice_memo.truth.json").read_text())
    schema = (SAMPLES / "voice_memo.schema.json").read_text()
    extraction = post_extraction(
        alice_client, (SAMPLES / "voice_memo.m4a").read_bytes(), schema=schema, options={"include": ["segments"]}
    ).json()
    assert {name: extraction["data"][name] for name in truth} == truth
    for name in truth:
        citation = field(extraction, f"/{name}")["citations"][0]
        assert 0 <= citation["start"] < citation["end"] <= extraction["media"]["seconds"] + 0.5
    assert extraction["segments"]


@pytest.mark.parametrize(("turns", "transpose"), TURNS.items())
def test_boxes_point_at_the_picture_that_was_sent_however_it_lies(alice_client, receipt_extraction, turns, transpose):
    """The page is read upright; the citation is where the caller's picture has it."""
    file = io.BytesIO()
    Image.open(SAMPLES / "receipt.jpg").transpose(transpose).save(file, "JPEG", quality=92)
    turned = post_extraction(alice_client, file.getvalue(), schema=RECEIPT_SCHEMA).json()
    assert turned["data"]["total"] == 42.05
    for pointer in ("/company", "/total"):
        expected = middle(field(receipt_extraction, pointer))
        for _ in range(turns):
            expected = expected[1], 1 - expected[0]  # one quarter counter-clockwise
        assert middle(field(turned, pointer)) == pytest.approx(expected, abs=0.02)


def middle(one: dict) -> tuple[float, float]:
    x0, y0, x1, y1 = one["citations"][0]["bbox"]
    return (x0 + x1) / 2, (y0 + y1) / 2


def test_boxes_of_a_slanted_photograph_lie_on_its_print(receipt_extraction):
    """The sample leans: its heading and its total stand off the middle, where the photograph has them."""
    picture = Image.open(SAMPLES / "receipt.jpg").convert("L")
    for pointer in ("/company", "/total"):
        x0, y0, x1, y1 = field(receipt_extraction, pointer)["citations"][0]["bbox"]
        crop = picture.crop((x0 * picture.width, y0 * picture.height, x1 * picture.width, y1 * picture.height))
        ink = [sum(pixel < 110 for pixel in crop.crop(part).tobytes()) for part in halves(crop)]
        assert min(ink) > 0.25 * max(ink), "the print fills the box from left to right"


def halves(crop: Image.Image) -> list[tuple[int, int, int, int]]:
    middle = crop.width // 2
    return [(0, 0, middle, crop.height), (middle, 0, crop.width, crop.height)]
