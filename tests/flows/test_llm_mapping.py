"""A language model maps where one is configured: charged when it did, replaced when it failed."""

from __future__ import annotations

import pytest

from tests.fakes import Fails, FakeVendor, Says
from tests.flows.conftest import post_extraction

SCHEMA = {
    "type": "object",
    "properties": {
        "company": {"type": ["string", "null"]},
        "total": {"type": ["number", "null"]},
        "mood": {"type": ["string", "null"]},
    },
}


@pytest.fixture
def start(own_product):
    """A product whose only provider is the given vendor."""

    def start(vendor: FakeVendor):
        product = own_product(
            ANTHROPIC_API_KEY=vendor.settings()["api_key"],
            ANTHROPIC_BASE_URL=vendor.base_url,
            ENGINE_PRELOAD="rapidocr",
        )
        product.start()
        return product

    return start


def test_it_maps_grounds_and_costs(start):
    with FakeVendor("anthropic", Says({"company": "Greenfield Grocery", "total": 42.05, "mood": "cheerful"})) as vendor:
        product = start(vendor)
        with product.client(product.create_key(credits=5)) as client:
            extraction = post_extraction(client, schema=SCHEMA).json()
        assert "GREENFIELD" in vendor.requests[0].prompt
    fields = {field["pointer"]: field for field in extraction["fields"]}
    assert extraction["engines"]["mapper"].startswith("anthropic/")
    assert extraction["cost"]["charged"] == "2.000000"
    assert extraction["data"]["total"] == 42.05
    assert fields["/total"]["citations"][0]["bbox"]
    assert fields["/mood"]["grounded"] is False
    assert fields["/mood"]["confidence"] < 0.5


def test_when_the_vendor_fails_the_embedded_mapper_answers_and_only_reading_is_charged(start):
    with FakeVendor("anthropic", Fails(500), Fails(500)) as vendor:
        product = start(vendor)
        with product.client(product.create_key(credits=5)) as client:
            extraction = post_extraction(client, schema=SCHEMA).json()
            named = post_extraction(client, schema=SCHEMA, options={"mapper": "anthropic/claude-haiku-4-5"}).json()
    assert extraction["engines"]["mapper"] == "embedded"
    assert extraction["data"]["total"] == 42.05
    assert extraction["cost"] == {"estimated": "2.000000", "held": "0.000000", "charged": "1.000000"}
    assert named["status"] == "failed"
    assert named["error"]["code"] == "upstream_unavailable"
    assert named["cost"]["charged"] == "0.000000"


def test_a_test_key_and_the_embedded_mapper_never_reach_the_vendor(start):
    """F32: a test key never reaches a vendor."""
    with FakeVendor("anthropic") as vendor:
        product = start(vendor)
        with product.client(product.create_key("test@example.com", 0, "--mode", "test")) as client:
            assert post_extraction(client, schema=SCHEMA).json()["data"]["total"] == 42.05
        with product.client(product.create_key(credits=1)) as client:
            assert (
                post_extraction(client, schema=SCHEMA, options={"mapper": "embedded"}).json()["status"] == "succeeded"
            )
        assert not vendor.requests
