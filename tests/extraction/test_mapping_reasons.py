"""A value that is not there says why: nothing like it, something unfit, or print too poor to tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from extraction.mapping.values import Mapped
from extraction.recognized import Line, Page, Recognized
from tests.extraction.paper import ask, field, line, page, paper, talk

DATE = {"type": ["string", "null"], "format": "date"}
ITEMS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "description": {"type": "string"},
            "quantity": {"type": ["integer", "null"]},
            "line_total": {"type": "number"},
        },
    },
}


def reason(mapped: Mapped, pointer: str) -> str | None:
    found = field(mapped, pointer)
    assert found.value is None and found.confidence == 0.0 and found.citations == ()
    return found.reason


def with_blurred(label: str, value: str, confidence: float) -> Recognized:
    """A label read well, and beside it what was read with this confidence."""
    lines = (line("Harbour Rowing Club", 0.08, 0.05), line(label, 0.08, 0.1), line(value, 0.5, 0.1, confidence))
    return Recognized(pages=(Page(1, 1000.0, 1400.0, "ocr", lines),), engine="hand")


def test_what_the_paper_does_not_speak_of_is_not_found():
    mapped = ask(paper("Harbour Rowing Club", "Thank you"), total="number", date=DATE, iban="string", rows=ITEMS)
    assert {reason(mapped, f"/{name}") for name in ("total", "date", "iban", "rows")} == {"not_found"}


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("Due date: on request", DATE),
        ("Due date: 2026-13-45", DATE),
        ([(0.08, "Due date"), (0.5, "on request")], DATE),
    ],
)
def test_text_beside_its_label_that_is_no_date_is_invalid(row: Any, wanted: dict[str, Any]):
    assert reason(ask(paper("Some Shop", row), due_date=wanted), "/due_date") == "invalid"


@pytest.mark.parametrize(
    ("row", "name", "wanted"),
    [
        ("Invoice number: A-77", "invoice_number", {"type": ["string", "null"], "pattern": "^INV-\\d{4}$"}),
        ("Total: 1250.00", "total", {"type": ["number", "null"], "maximum": 1000}),
        ("Colour: purple", "colour", {"enum": ["red", "green", None]}),
        ("Insured: perhaps", "insured", {"type": ["boolean", "null"]}),
        ("Berths: 2.5", "berths", {"type": ["integer", "null"]}),
        ("Code word: harbour", "code_word", {"type": ["string", "null"], "maxLength": 3}),
    ],
)
def test_a_labelled_value_that_breaks_the_schema_is_invalid(row: str, name: str, wanted: dict[str, Any]):
    assert reason(ask(paper("Some Shop", row), **{name: wanted}), f"/{name}") == "invalid"


def test_a_label_with_nothing_behind_it_is_not_found():
    assert reason(ask(paper("Some Shop", "Due date:", "Thank you"), due_date=DATE), "/due_date") == "not_found"


def test_another_party_s_value_is_no_invalid_one_of_this_party():
    bill = paper("Seller: Lind Boats Ltd", "VAT ID: GB123456789", "", "Buyer: Harbour Club")
    assert reason(ask(bill, buyer_vat_id="string"), "/buyer_vat_id") == "not_found"


def test_a_label_beside_smudged_print_is_unreadable():
    assert reason(ask(with_blurred("Due date:", "l?/O? 2o", 0.41), due_date=DATE), "/due_date") == "unreadable"
    assert reason(ask(with_blurred("Due date:", "on request", 0.95), due_date=DATE), "/due_date") == "invalid"


def test_on_a_page_read_poorly_what_is_missing_is_unreadable():
    clear, smudged = paper("Some Shop", "Thank you"), paper("S0me 5h", "Tha", confidence=0.45)
    assert reason(ask(clear, total="number", rows=ITEMS), "/total") == "not_found"
    mapped = ask(smudged, total="number", rows=ITEMS)
    assert (reason(mapped, "/total"), reason(mapped, "/rows")) == ("unreadable", "unreadable")


def test_what_may_stand_on_a_page_that_failed_is_unreadable():
    book = Recognized(pages=(page("Some Shop", "Thank you"), Page(2, 1, 1, "ocr")), engine="hand")
    assert reason(ask(book, total="number"), "/total") == "not_found"
    assert reason(ask(replace(book, failed_pages=(2,)), total="number"), "/total") == "unreadable"


def test_a_cell_of_a_table_says_why_it_is_empty():
    def table(*cells: tuple[float, str]) -> Recognized:
        head = [(0.08, "Description"), (0.5, "Qty"), (0.8, "Amount")]
        return paper(head, [(0.08, "Oar"), *cells], [(0.08, "Rope"), (0.5, "2"), (0.8, "8.00")])

    unfit = ask(table((0.5, "2.5"), (0.8, "20.00")), items=ITEMS)
    empty = ask(table((0.8, "20.00")), items=ITEMS)
    assert reason(unfit, "/items/0/quantity") == "invalid"
    assert reason(empty, "/items/0/quantity") == "not_found"


def test_a_recording_says_why_too():
    said = talk("We meet on Monday. The total is five euros.")
    assert reason(ask(said, iban="string", email="string"), "/email") == "not_found"
    assert reason(ask(said, total={"type": ["number", "null"], "minimum": 100}), "/total") == "invalid"
    mumbled = replace(said, segments=tuple(replace(one, confidence=0.2, words=()) for one in said.segments))
    assert reason(ask(mumbled, email="string"), "/email") == "unreadable"


def test_a_value_that_is_there_gives_no_reason():
    assert field(ask(paper("Total: 8.00"), total="number"), "/total").reason is None


def test_an_empty_page_holds_nothing_to_misread():
    assert reason(
        ask(Recognized(pages=(Page(1, 10, 10, "ocr", (Line("", (0, 0, 1, 1), 0.1),)),)), x="string"), "/x"
    ) == ("not_found")
