"""A document of which some pages cannot be read: the others are, and only they are charged."""

from __future__ import annotations

import json
import re

from tests.extraction.tiny_media import Pdf
from tests.flows.conftest import post_extraction
from tests.flows.test_life_of_an_extraction import sse


def pdf_with_broken_pages(*broken: int, pages: int = 3) -> bytes:
    """In the tree of pages, the broken ones lead to nothing."""
    document = Pdf()
    for number in range(1, pages + 1):
        document.page([(60, 80, f"Invoice number {number}{number}{number}"), (60, 110, f"Total {number}.50")])
    content = document.bytes()
    kids = re.search(rb"/Kids\s*\[(.*?)\]", content, re.DOTALL)
    assert kids is not None
    references = re.findall(rb"\d+ 0 R", kids[1])
    tree = kids[1]
    for number in broken:
        reference = references[number - 1]
        tree = tree.replace(b" " + reference, b" " + b"null".ljust(len(reference)))
    return content[: kids.start(1)] + tree + content[kids.end(1) :]


def test_the_pages_that_can_be_read_are_and_only_they_are_charged(product, alice_client):
    """F33: partial success, errors by page, good pages charged."""
    answer = post_extraction(alice_client, pdf_with_broken_pages(2), options={"include": ["text"]}).json()
    assert answer["status"] == "succeeded" and answer["partial"] is True
    assert answer["media"]["pages"] == 3 and answer["media"]["failed_pages"] == [2]
    assert answer["cost"] == {"estimated": "3.000000", "held": "0.000000", "charged": "2.000000"}
    assert [page.get("error") for page in answer["pages"]] == [None, "page_unreadable", None]
    assert "page_unreadable" in answer["warnings"]
    assert "111" in answer["text"] and "333" in answer["text"]
    assert sse(alice_client, answer["id"])[-1][1]["partial"] is True
    product.manage("check_ledger")


def test_a_whole_document_is_not_partial(alice_client):
    """F33: the same fields, where nothing is missing; F15: pages with their sizes."""
    answer = post_extraction(alice_client, pdf_with_broken_pages(pages=2)).json()
    assert answer["partial"] is False and "failed_pages" not in answer["media"]
    assert answer["pages"] == [
        {"page": number, "width": 595.0, "height": 842.0, "source": "text_layer"} for number in (1, 2)
    ]
    assert sse(alice_client, answer["id"])[-1][1]["partial"] is False


def test_where_no_page_can_be_read_nothing_is_charged(alice_client):
    """F33, F26: then it is no success."""
    before = alice_client.get("/v1/account").json()["credits"]
    answer = post_extraction(alice_client, pdf_with_broken_pages(1, 2, 3))
    code = answer.json()["code"] if answer.status_code != 200 else answer.json()["error"]["code"]
    assert code == "media_unreadable"
    assert alice_client.get("/v1/account").json()["credits"] == before


def test_only_the_pages_asked_for_count(alice_client):
    """F19: ranges are 1-based and checked; a broken page outside them does not matter."""
    answer = post_extraction(alice_client, pdf_with_broken_pages(2), options={"pages": "1,3"}).json()
    assert answer["partial"] is False
    assert answer["cost"]["charged"] == "2.000000"
    assert json.dumps(answer["fields"]).count('"page": 2') == 0
