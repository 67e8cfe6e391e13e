"""Every file of the hostile set through the front door: a clear refusal or an honest result, quickly, in bounds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import psutil
import pytest

from tests.flows.conftest import post_extraction
from tests.server import ROOT

DATA = Path(os.environ.get("LITTLEPULL_DATA", ROOT.parent / "shared" / "data")) / "hostile"
MANIFEST = DATA / "manifest.jsonl"
FILES = [json.loads(line) for line in MANIFEST.read_text().splitlines()] if MANIFEST.exists() else []

pytestmark = pytest.mark.skipif(not FILES, reason="the hostile set is not on this machine")


@pytest.fixture(scope="module")
def hostile_client(product):
    with product.client(product.create_key("mallory@example.com", 1000)) as client:
        yield client


@pytest.mark.parametrize("case", FILES, ids=[case["id"] for case in FILES])
def test_a_hostile_file(product, hostile_client, bait, case):
    """F22: refused or read within bounds; nothing crashes, leaks, is charged for a refusal or calls home."""
    before = hostile_client.get("/v1/account").json()["credits"]
    answer = post_extraction(hostile_client, (DATA / case["file"]).read_bytes(), wait=30)
    assert answer.status_code in {200, 413, 415, 422}, answer.text
    after = hostile_client.get("/v1/account").json()["credits"]
    if answer.status_code != 200 or answer.json()["status"] == "failed":
        assert after == before
    else:
        assert case["truth"]["expected"] != "reject"
        assert answer.json()["status"] == "succeeded"
    assert after["held"] == "0.000000"
    assert not bait
    assert not list(product.spool.glob("*"))
    largest = max(child.memory_info().rss for child in psutil.Process(product.process.pid).children(recursive=True))
    assert largest < 1.5 * 1024**3
