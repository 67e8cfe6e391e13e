"""A language model maps where one is configured: charged when it did, replaced when it failed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes import Fails, FakeVendor, Says
from tests.flows.conftest import post_extraction
from tests.server import Product

SCHEMA = {
    "type": "object",
    "properties": {
        "company": {"type": ["string", "null"]},
        "total": {"type": ["number", "null"]},
        "mood": {"type": ["string", "null"]},
    },
}


@pytest.fixture(scope="module")
def vendor() -> Iterator[FakeVendor]:
    with FakeVendor("anthropic") as vendor:
        yield vendor


@pytest.fixture(scope="module")
def product(vendor: FakeVendor, static_files: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Its only provider is the vendor."""
    product = Product(
        tmp_path_factory.mktemp("llm"),
        ANTHROPIC_API_KEY=vendor.settings()["api_key"],
        ANTHROPIC_BASE_URL=vendor.base_url,
        ENGINE_PRELOAD="rapidocr",
    )
    product.start()
    yield product
    product.kill()


def test_it_maps_grounds_and_costs(product, vendor):
    vendor.will(Says({"company": "Greenfield Grocery", "total": 42.05, "mood": "cheerful"}))
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


def test_when_the_vendor_fails_the_embedded_mapper_answers_and_only_reading_is_charged(product, vendor):
    vendor.will(Fails(500))
    with product.client(product.create_key(credits=5)) as client:
        extraction = post_extraction(client, schema=SCHEMA).json()
        named = post_extraction(client, schema=SCHEMA, options={"mapper": "anthropic/claude-haiku-4-5"}).json()
    assert extraction["engines"]["mapper"] == "embedded"
    assert extraction["data"]["total"] == 42.05
    assert extraction["cost"] == {"estimated": "2.000000", "held": "0.000000", "charged": "1.000000"}
    assert named["status"] == "failed"
    assert named["error"]["code"] == "upstream_unavailable"
    assert named["cost"]["charged"] == "0.000000"


def test_a_test_key_and_the_embedded_mapper_never_reach_the_vendor(product, vendor):
    """F32: a test key never reaches a vendor."""
    vendor.will(Fails(500))
    with product.client(product.create_key("test@example.com", 0, "--mode", "test")) as client:
        assert post_extraction(client, schema=SCHEMA).json()["data"]["total"] == 42.05
    with product.client(product.create_key(credits=1)) as client:
        embedded = post_extraction(client, schema=SCHEMA, options={"mapper": "embedded"}).json()
    assert embedded["status"] == "succeeded"
    assert not vendor.requests
