"""Every value explains itself: how sure, where from, and why there is none."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tests.extraction.tiny_media import Pdf, encode, note, picture, sound
from tests.fakes import FakeVendor, Says
from tests.flows.conftest import post_extraction

NOTE = {
    "type": "object",
    "properties": {
        "company": {"type": ["string", "null"]},
        "total": {"type": ["number", "null"], "maximum": 10},
        "due_date": {"type": ["string", "null"], "format": "date"},
        "iban": {"type": ["string", "null"]},
    },
}
WORDS = [(60, 80, "Harbour Rowing Club"), (60, 120, "Due date: on request"), (60, 160, "Total: 1250.00")]
ORDER = {
    "type": "object",
    "properties": {
        "company": {"type": ["string", "null"]},
        "mood": {"type": "string"},
        "guests": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
    },
    "required": ["mood"],
}
PROPOSED = {"company": "Greenfield Grocery", "mood": "cheerful", "guests": [{"name": "Ottokar Zwiebel"}]}


def fields(extraction: dict) -> dict[str, dict]:
    return {field["pointer"]: field for field in extraction["fields"]}


def grainy(picture: Image.Image) -> Image.Image:
    """Small, and with so much noise that letters are guessed rather than read."""
    small = np.asarray(picture.resize((picture.width // 3, picture.height // 3)), dtype=float)
    noise = np.random.default_rng(2).normal(0, 90, small.shape)
    return Image.fromarray((small + noise).clip(0, 255).astype(np.uint8)).resize(picture.size)


def test_a_value_that_is_not_there_says_why(alice_client):
    """F13: absent, or there and of no use to the schema."""
    answer = post_extraction(alice_client, Pdf().page(WORDS).bytes(), schema=NOTE).json()
    found = fields(answer)
    reasons = {pointer: field["reason"] for pointer, field in found.items()}
    assert reasons == {"/company": None, "/total": "invalid", "/due_date": "invalid", "/iban": "not_found"}
    for pointer in ("/total", "/due_date", "/iban"):
        assert (found[pointer]["value"], found[pointer]["confidence"], found[pointer]["citations"]) == (None, 0.0, [])
    assert answer["data"]["company"] == "Harbour Rowing Club"
    assert answer["schema_valid"] is True


def test_print_too_poor_to_tell_is_unreadable_and_the_page_is_graded(alice_client):
    """F13, F14: what may stand in a smudge is not said to be absent."""
    clear = note("Harbour Rowing Club", "Monday to Friday", "Thank you")
    sharp, poor = (
        post_extraction(alice_client, picture("PNG", one), schema=NOTE).json() for one in (clear, grainy(clear))
    )
    assert sharp["quality"]["grade"] in {"good", "excellent"}
    assert sharp["quality"]["low"] <= sharp["quality"]["mean"] <= 1
    assert fields(sharp)["/iban"]["reason"] == "not_found"
    assert poor["quality"]["grade"] == "poor"
    assert poor["quality"]["mean"] < sharp["quality"]["mean"]
    assert fields(poor)["/iban"]["reason"] == "unreadable"


def test_an_empty_page_has_no_grade(alice_client):
    """F14: there was nothing to read well or badly."""
    answer = post_extraction(alice_client, picture("PNG", Image.new("RGB", (400, 300), "white")), schema=NOTE).json()
    assert answer["quality"] is None
    assert {field["reason"] for field in answer["fields"]} == {"not_found"}


def test_strict_grounding_takes_out_what_the_media_does_not_bear_out(own_product):
    """F17: marked by default, dropped when strict; a required value that goes makes the schema unsatisfied."""
    with FakeVendor("anthropic", Says(PROPOSED)) as vendor:
        product = own_product(
            ANTHROPIC_API_KEY=vendor.settings()["api_key"],
            ANTHROPIC_BASE_URL=vendor.base_url,
            ENGINE_PRELOAD="rapidocr",
        )
        product.start()
        with product.client(product.create_key(credits=20)) as client:
            marked = post_extraction(client, schema=ORDER).json()
            strict = post_extraction(client, schema=ORDER, options={"grounding": "strict"}).json()
    assert marked["data"] == PROPOSED
    assert marked["schema_valid"] is True
    assert {pointer: field["grounded"] for pointer, field in fields(marked).items()} == {
        "/company": True,
        "/mood": False,
        "/guests/0/name": False,
    }
    assert strict["data"] == {"company": "Greenfield Grocery", "guests": []}
    assert strict["schema_valid"] is False
    assert [error["pointer"] for error in strict["schema_errors"]] == [""]
    assert fields(strict)["/mood"]["reason"] == fields(strict)["/guests"]["reason"] == "ungrounded"
    assert "cheerful" not in str(strict) and "Zwiebel" not in str(strict)


def test_of_silence_and_of_a_tone_nothing_is_heard(alice_client):
    """F18: no text is invented; the answer says that there was no speech."""
    silence = encode(np.zeros(6 * 16_000, dtype=np.float32), "wav", "pcm_s16le")
    for recording in (silence, sound("wav", "pcm_s16le", 6.0)):
        answer = post_extraction(alice_client, recording, schema=NOTE, options={"include": ["text", "segments"]}).json()
        assert answer["status"] == "succeeded"
        assert (answer["text"], answer["segments"]) == ("", [])
        assert "no_speech" in answer["warnings"]
        assert {field["value"] for field in answer["fields"]} == {None}
