"""What the embedded mapper promises of any schema: types, bounds, shapes, places, and nothing invented."""

from __future__ import annotations

import pytest

from extraction.mapping.embedded import map_embedded
from extraction.recognized import Recognized
from tests.extraction.paper import ask, cited, field, page, paper

NOTE = paper(
    "Harbour Rowing Club",
    "Membership form",
    "",
    "Member no.: HR-2207",
    "Joined on: 3 May 2024",
    [(0.08, "Boat class:"), (0.4, "Double scull")],
    "Insured: yes",
    "Deposit paid: EUR 1.250,00",
    "Locker count: 2",
)


def test_a_value_right_of_its_label_is_found_with_the_box_it_stands_in():
    mapped = ask(NOTE, boat_class="string")
    assert mapped.data == {"boat_class": "Double scull"}
    citation = field(mapped, "/boat_class").citations[0]
    assert (citation.page, citation.text) == (1, "Double scull")
    assert citation.bbox[0] == pytest.approx(0.4)


def test_a_value_behind_its_label_is_cited_without_the_label():
    mapped = ask(NOTE, memberNo="string")
    assert mapped.data == {"memberNo": "HR-2207"}
    assert cited(mapped, "/memberNo") == "HR-2207"
    assert field(mapped, "/memberNo").citations[0].bbox[0] > 0.15


def test_a_value_under_its_label_is_found():
    mapped = ask(
        paper([(0.08, "Vessel"), (0.5, "Berth")], [(0.08, "Seagull"), (0.5, "C 14")]), vessel="string", berth="string"
    )
    assert mapped.data == {"vessel": "Seagull", "berth": "C 14"}


def test_a_title_or_a_short_description_serves_as_label_too():
    schema = {"type": ["string", "null"], "title": "Boat class"}
    assert ask(NOTE, x7=schema).data == {"x7": "Double scull"}


def test_what_is_not_there_is_null_where_null_is_allowed_and_left_out_where_not():
    mapped = ask(NOTE, engine_power="string", hull_colour={"type": "string"})
    assert mapped.data == {"engine_power": None}
    for pointer in ("/engine_power", "/hull_colour"):
        missing = field(mapped, pointer)
        assert (missing.value, missing.confidence, missing.citations, missing.reason) == (None, 0.0, (), "not_found")


def test_text_of_the_wrong_type_is_invalid_rather_than_bent():
    mapped = ask(NOTE, locker_count={"type": ["integer", "null"], "minimum": 10})
    assert mapped.data == {"locker_count": None}
    assert field(mapped, "/locker_count").reason == "invalid"


def test_an_integer_stays_an_integer():
    value = ask(NOTE, locker_count="integer").data["locker_count"]
    assert value == 2 and isinstance(value, int)


def test_a_plain_date_is_given_as_printed_and_a_formatted_one_as_iso():
    mapped = ask(NOTE, date="string", joined_on={"type": "string", "format": "date"})
    assert mapped.data == {"date": "3 May 2024", "joined_on": "2024-05-03"}
    assert cited(mapped, "/joined_on") == "3 May 2024"


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("1 234,56", 1234.56),
        ("-12,50", -12.5),
        ("(99.10)", -99.1),
        ("12'000.00", 12000.0),
    ],
)
def test_amounts_are_read_in_every_notation(printed: str, value: float):
    mapped = ask(paper("Some paper", f"Total: {printed}"), total="number")
    assert mapped.data == {"total": value}
    assert cited(mapped, "/total").strip("()-") in printed


@pytest.mark.parametrize(
    ("rows", "iso"),
    [
        (["Date: 12/11/2025"], "2025-11-12"),
        (["Date: 12/11/2025", "Printed 11/30/2025"], "2025-12-11"),
        (["Date: 12/11/2025", "Springfield, IL 62704"], "2025-12-11"),
        (["Datum: 12.11.2025"], "2025-11-12"),
        (["Fecha: 12 de noviembre de 2025"], "2025-11-12"),
        (["Date : 1er février 2025"], "2025-02-01"),
        (["日付 2025年2月1日"], "2025-02-01"),
    ],
)
def test_the_order_of_day_and_month_follows_the_paper(rows: list[str], iso: str):
    assert ask(paper(*rows), date={"type": "string", "format": "date"}).data == {"date": iso}


def test_an_enum_takes_the_member_the_text_speaks_for():
    slip = paper("Corner Shop", "Total 4.00", "Payment: MASTERCARD ****1881")
    mapped = ask(slip, payment_method={"enum": ["cash", "card", "transfer", None]})
    assert mapped.data == {"payment_method": "card"}
    assert cited(mapped, "/payment_method").lower() == "mastercard"


def test_an_enum_that_nothing_speaks_for_is_null():
    assert ask(paper("Corner Shop", "Total 4.00"), mood={"enum": ["happy", "sad", None]}).data == {"mood": None}


def test_a_const_is_given_only_where_the_text_has_it():
    assert ask(paper("INVOICE", "No. 12"), kind={"const": "invoice"}).data == {"kind": "invoice"}
    assert ask(paper("Menu of the day"), kind={"const": "invoice"}).data == {}


def test_a_yes_beside_its_label_is_true_and_silence_is_not_false():
    assert ask(NOTE, insured="boolean", certified="boolean").data == {"insured": True, "certified": None}


def test_references_unions_and_nested_objects_are_followed():
    schema = {
        "$defs": {"money": {"anyOf": [{"type": "number"}, {"type": "null"}]}, "loop": {"$ref": "#/$defs/loop"}},
        "type": "object",
        "properties": {
            "member": {
                "type": "object",
                "properties": {"member_no": {"type": "string"}, "deposit_paid": {"$ref": "#/$defs/money"}},
            },
            "again": {"$ref": "#/$defs/loop"},
            "away": {"$ref": "https://example.invalid/schema.json"},
        },
    }
    mapped = map_embedded(NOTE, schema)
    assert mapped.data["member"] == {"member_no": "HR-2207", "deposit_paid": 1250.0}
    assert field(mapped, "/member/deposit_paid").citations


def test_a_pattern_sifts_candidates_and_finds_what_has_no_label():
    shelf = paper("Shelf list", "Item QX-77 beside AB-1234", "Locker: none")
    mapped = ask(shelf, locker={"type": ["string", "null"], "pattern": "^[A-Z]{2}-\\d{4}$"})
    assert mapped.data == {"locker": "AB-1234"}
    assert cited(mapped, "/locker") == "AB-1234"


@pytest.mark.timeout(60)
def test_a_pattern_that_never_ends_is_cut_short():
    evil = {"type": ["string", "null"], "pattern": "^(a+)+$"}
    slow = paper(*[f"code: {'a' * 60}!" for _ in range(20)])
    ask(slow, code=evil)


def test_a_list_of_values_holds_each_once():
    card = paper("Mail: a.lind@example.org", "Mail: b.lind@example.org", "Mail: a.lind@example.org")
    mapped = ask(card, emails={"type": "array", "items": {"type": "string", "format": "email"}})
    assert mapped.data == {"emails": ["a.lind@example.org", "b.lind@example.org"]}


def test_a_misread_label_is_still_a_label():
    assert ask(paper("T0TAL : 12.00", "Invoioe number: A-77"), invoice_number="string").data == {
        "invoice_number": "A-77"
    }


def test_confidence_falls_with_bad_print_and_with_a_rival():
    clear, blurred = paper("Total: 8.00"), paper("Total: 8.00", confidence=0.5)
    rival = paper("Total: 8.00", "Total: 9.00")
    sure, doubtful, torn = (field(ask(one, total="number"), "/total").confidence for one in (clear, blurred, rival))
    assert 0 < doubtful < sure <= 1 and torn < sure


def test_nothing_recognized_answers_nothing():
    mapped = ask(
        Recognized(pages=(page(),)),
        total="number",
        rows={"type": "array", "items": {"type": "object", "properties": {}}},
    )
    assert mapped.data == {"total": None, "rows": []}
    assert all(one.value is None for one in mapped.fields)


@pytest.mark.timeout(60)
def test_fifty_full_pages_are_mapped_in_bounded_time():
    rows = [[(0.08, f"Article {i} of the long list"), (0.6, f"{i % 9}"), (0.8, f"{i}.50")] for i in range(66)]
    book = Recognized(pages=tuple(page(*rows, number=n) for n in range(1, 51)))
    ask(book, total="number", date="string", company="string", address="string", iban="string", due_date="string")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("long", ["9" * 20_000, "1 " * 10_000, "a." * 10_000, "No. " * 5_000, "Total 1," * 2_000])
def test_a_line_without_end_does_not_stall_the_mapper(long: str):
    ask(paper("Some Shop", long), company="string", address="string", date="string", total="number", phone="string")
