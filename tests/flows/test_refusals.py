"""What is refused, how, and that nothing is charged or left behind."""

from __future__ import annotations

import io
import json

import httpx
import pytest
from PIL import Image

from tests.flows.conftest import RECEIPT, SMALL_SCHEMA, post_extraction


@pytest.fixture(autouse=True)
def _nothing_charged_nothing_left(product, alice_client):
    before = alice_client.get("/v1/account").json()["credits"]
    yield
    assert alice_client.get("/v1/account").json()["credits"] == before
    assert not list(product.spool.glob("*"))


def refused(answer: httpx.Response, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    return problem


def test_no_key(product):
    """F26: one problem shape for everything."""
    with httpx.Client(base_url=product.base_url, trust_env=False) as stranger:
        answer = post_extraction(stranger)
        refused(answer, 401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_without_the_scope(product):
    with product.client(product.create_key("erin@example.com", 5, "--scopes", "account:read")) as client:
        refused(post_extraction(client), 403, "scope_missing")


def test_too_few_credits(product):
    """F26: 402 with what is required and available."""
    with product.client(product.create_key("bob@example.com", 0)) as bob:
        problem = refused(post_extraction(bob), 402, "insufficient_credits")
    assert (problem["required"], problem["available"]) == ("1.000000", "0.000000")


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ("{", "schema_invalid"),
        ("[]", "schema_invalid"),
        ('{"type": "objekt"}', "schema_invalid"),
        ('{"$ref": "http://127.0.0.1:9/x"}', "schema_invalid"),
        ('{"$ref": "file:///etc/passwd"}', "schema_invalid"),
        ("[" * 50_000, "schema_invalid"),
        ('{"a": "' + "x" * 130_000 + '"}', "schema_too_large"),
    ],
)
def test_a_schema_that_cannot_be_used(alice_client, schema, code):
    refused(post_extraction(alice_client, schema=schema), 422, code)


def test_a_schema_that_nests_too_deep(alice_client):
    schema: dict = {"type": "string"}
    for _ in range(9):
        schema = {"type": "object", "properties": {"a": schema}}
    refused(post_extraction(alice_client, schema=schema), 422, "schema_too_deep")


def test_no_schema_or_two(alice_client):
    refused(post_extraction(alice_client, schema=False), 422, "invalid_request")
    both = {"schema": json.dumps(SMALL_SCHEMA), "schema_name": "receipt"}
    answer = alice_client.post("/v1/extractions", data=both, files={"file": RECEIPT.read_bytes()})
    refused(answer, 422, "invalid_request")


def test_a_schema_name_that_is_not_there(alice_client):
    refused(post_extraction(alice_client, schema_name="nothing"), 404, "schema_not_found")


@pytest.mark.parametrize(
    "options",
    [
        {"page": "1"},
        {"pages": "3-1"},
        {"pages": "0"},
        {"result_ttl_seconds": 86401},
        {"ocr_engine": "tesseract"},
        {"include": ["everything"]},
        {"metadata": {str(number): "x" for number in range(17)}},
        {"languages": ["English"]},
        "not json",
    ],
)
def test_options_that_are_not_valid(alice_client, options):
    problem = refused(post_extraction(alice_client, options=options), 422, "invalid_request")
    assert problem["errors"][0]["pointer"].startswith("/options")


def test_a_model_that_nobody_here_can_serve(alice_client):
    refused(post_extraction(alice_client, options={"mapper": "groq/llama"}), 422, "unknown_model")


def test_a_page_that_is_not_there(alice_client):
    """F19: an error when absent."""
    refused(post_extraction(alice_client, options={"pages": "2"}), 422, "pages_out_of_range")


def test_no_file(alice_client):
    refused(alice_client.post("/v1/extractions", data={"schema": "{}"}), 422, "invalid_request")
    refused(alice_client.post("/v1/extractions", json={"schema": {}}), 422, "invalid_request")


def test_two_files(alice_client):
    files = [("file", RECEIPT.read_bytes()), ("file", RECEIPT.read_bytes())]
    refused(alice_client.post("/v1/extractions", data={"schema": "{}"}, files=files), 422, "invalid_request")


def test_a_form_that_breaks_off(alice_client):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf a fi'
    refused(alice_client.post("/v1/extractions", content=body, headers=headers), 422, "invalid_request")


@pytest.mark.parametrize(
    ("file", "status", "code"),
    [
        (b"", 422, "media_unreadable"),
        (b"just some words", 415, "unsupported_media_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_media_type"),
        (RECEIPT.read_bytes()[:30_000], 422, "media_unreadable"),
        (b"%PDF-1.7 and then nothing", 422, "media_unreadable"),
    ],
)
def test_media_that_is_none(alice_client, file, status, code):
    refused(post_extraction(alice_client, file), status, code)


def test_an_image_with_too_many_pixels(alice_client):
    """F22: a bomb is refused before it is decoded."""
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    refused(post_extraction(alice_client, file.getvalue()), 422, "image_too_many_pixels")


def test_a_body_that_is_too_large(alice_client):
    """F19: caps on size."""
    answer = alice_client.post("/v1/account", content=b"x" * 2_000_000)
    assert answer.status_code in {405, 413}


def test_addresses_and_methods_that_are_none(alice_client):
    refused(alice_client.get("/v1/nothing"), 404, "not_found")
    answer = alice_client.put("/v1/extractions", content=b"")
    refused(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]
