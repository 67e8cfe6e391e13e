"""What it will cost, before it is asked for; and the prices of a quote hold."""

from __future__ import annotations

import json

import pytest

from tests.extraction.tiny_media import Pdf
from tests.flows.conftest import RECEIPT, post_extraction

PAPER = Pdf().page([(60, 80, "Total 1.00")]).page().page().bytes()


def quote(client, **form: object):
    files = {"file": ("x", form.pop("file"))} if "file" in form else None
    data = {name: value if isinstance(value, str) else json.dumps(value) for name, value in form.items()}
    return client.post("/v1/extractions/quote", data=data, files=files)


def test_a_file_is_measured_and_forgotten(product, alice_client):
    """F31: pages to credits, exactly what the hold will be; nothing is charged or kept."""
    before = alice_client.get("/v1/account").json()["credits"]
    quoted = quote(alice_client, file=PAPER).json()
    assert quoted["credits"] == "3.000000"
    assert quoted["media"] == {"type": "application/pdf", "bytes": len(PAPER), "pages": 3, "seconds": None}
    assert quote(alice_client, file=PAPER, options={"pages": "2-3"}).json()["credits"] == "2.000000"
    assert alice_client.get("/v1/account").json()["credits"] == before
    assert not list(product.spool.glob("*"))
    assert post_extraction(alice_client, PAPER).json()["cost"]["charged"] == quoted["credits"]


def test_pages_and_seconds_without_a_file(alice_client):
    """F31: for whoever only wants to reckon."""
    assert quote(alice_client, pages="12").json()["credits"] == "12.000000"
    assert quote(alice_client, seconds="90.2").json()["credits"] == "0.910000"
    assert alice_client.post("/v1/extractions/quote", json={"pages": 4}).json()["credits"] == "4.000000"


@pytest.mark.parametrize(
    "form", [{}, {"pages": "1", "seconds": "1"}, {"pages": "0"}, {"seconds": "nan"}, {"pages": "1e9"}]
)
def test_nothing_to_reckon_with(alice_client, form):
    """F31, F26: a clear refusal."""
    assert quote(alice_client, **form).json()["code"] == "invalid_request"


def test_a_file_that_would_be_refused_is_refused_here(product, alice_client):
    """F31: before anything is paid."""
    assert quote(alice_client, file=b"no media").json()["code"] == "unsupported_media_type"
    assert not list(product.spool.glob("*"))


def test_the_prices_of_a_quote_hold(own_product):
    """F31, F89: dearer tomorrow, but not for whoever has a quote."""
    product = own_product(ENGINE_PRELOAD="rapidocr")
    product.start()
    with product.client(product.create_key(credits=5)) as client:
        token = quote(client, file=RECEIPT.read_bytes()).json()["quote"]
        raise_prices = (
            "from billing.models import Price\n"
            "for price in Price.objects.filter(version=1):\n"
            "    Price.objects.create(version=2, item=price.item, credits=3 * price.credits)"
        )
        product.manage("shell", "-v", "0", "-c", raise_prices)
        assert quote(client, file=RECEIPT.read_bytes()).json()["credits"] == "3.000000"
        kept = post_extraction(client, options={"quote": token}).json()
        assert kept["cost"]["charged"] == "1.000000"
        assert post_extraction(client).json()["cost"]["charged"] == "3.000000"
        forged = post_extraction(client, options={"quote": token[:-3] + "abc"})
        assert (forged.status_code, forged.json()["code"]) == (422, "quote_expired")
    product.manage("check_ledger")


def test_a_test_key_is_quoted_nothing(product):
    """F31, F32: as it will be charged nothing."""
    with product.client(product.create_key("dora@example.com", 0, "--mode", "test")) as client:
        assert quote(client, pages="12").json()["credits"] == "0.000000"
