"""Addresses of invented shops taken apart into street, town, state, postcode and country."""

from __future__ import annotations

import pytest

from tests.extraction.paper import ask, cited, paper

PARTS = ("street", "city", "state", "postal_code", "country")
NESTED = {"type": "object", "properties": {part: {"type": "string"} for part in PARTS}}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["410 Main St", "Austin, TX 78701"], ("410 Main St", "Austin", "TX", "78701", None)),
        (["500 Oak Ave Springfield IL 62701"], ("500 Oak Ave", "Springfield", "IL", "62701", None)),
        (
            ["12 Elm Street, Fairdale, Oregon 97205", "USA"],
            ("12 Elm Street", "Fairdale", "Oregon", "97205", "USA"),
        ),
        (
            ["7 Harbour Street", "London NW1 6XE", "United Kingdom"],
            ("7 Harbour Street", "London", None, "NW1 6XE", "United Kingdom"),
        ),
        (["Hauptstraße 5, 69117 Heidelberg"], ("Hauptstraße 5", "Heidelberg", None, "69117", None)),
        (
            ["Hauptstraße 5", "D-69117 Heidelberg", "Deutschland"],
            ("Hauptstraße 5", "Heidelberg", None, "69117", "Deutschland"),
        ),
        (["12 rue des Lilas", "75002 Paris CEDEX 02"], ("12 rue des Lilas", "Paris", None, "75002", None)),
        (["Via Roma 12", "20121 Milano (MI)"], ("Via Roma 12", "Milano", "MI", "20121", None)),
        (["Keizersgracht 12", "1015 CW Amsterdam"], ("Keizersgracht 12", "Amsterdam", None, "1015 CW", None)),
        (
            ["NO 5, JALAN SEROJA 3/4,", "TAMAN INDAH,", "41200 KLANG, SELANGOR."],
            ("NO 5, JALAN SEROJA 3/4, TAMAN INDAH", "KLANG", "SELANGOR", "41200", None),
        ),
        (["5 George Street, Sydney NSW 2000"], ("5 George Street", "Sydney", "NSW", "2000", None)),
        (
            ["1200 Bay Street, Toronto, ON M5R 2A5, Canada"],
            ("1200 Bay Street", "Toronto", "ON", "M5R 2A5", "Canada"),
        ),
    ],
)
def test_an_address_object_gets_each_part(lines, expected):
    mapped = ask(paper("BLUE OTTER FOODS LTD", *lines, "Tel: 03-2211 7788"), address=NESTED)
    assert mapped.data["address"] == {part: value for part, value in zip(PARTS, expected, strict=True) if value}


SHOP = paper("BLUE OTTER FOODS LTD", "410 Main St", "Austin, TX 78701", "Tel: 512-555-0147")


def test_each_part_cites_only_itself():
    mapped = ask(SHOP, vendor={"type": "object", "properties": {"address": NESTED}})
    assert cited(mapped, "/vendor/address/city") == "Austin"
    assert cited(mapped, "/vendor/address/state") == "TX"
    assert cited(mapped, "/vendor/address/postal_code") == "78701"


def test_parts_may_be_asked_for_flat_and_under_other_names():
    mapped = ask(SHOP, city="string", zip="string", vendor_street="string", Ort="string", plz="string")
    assert mapped.data == {
        "city": "Austin",
        "zip": "78701",
        "vendor_street": "410 Main St",
        "Ort": "Austin",
        "plz": "78701",
    }


def test_the_buyer_has_an_address_of_his_own():
    bill = paper(
        [(0.08, "Seller"), (0.5, "Bill to")],
        [(0.08, "Larch Tools GmbH"), (0.5, "Quillon Ltd")],
        [(0.08, "Talweg 3"), (0.5, "7 Harbour Street")],
        [(0.08, "69117 Heidelberg"), (0.5, "London NW1 6XE")],
    )
    asked = {name: {"type": "object", "properties": {"address": NESTED}} for name in ("seller", "buyer")}
    data = ask(bill, **asked).data
    assert data["seller"]["address"] == {"street": "Talweg 3", "city": "Heidelberg", "postal_code": "69117"}
    assert data["buyer"]["address"] == {"street": "7 Harbour Street", "city": "London", "postal_code": "NW1 6XE"}


def test_no_address_no_parts():
    assert ask(paper("TOTAL 12.00"), city="string", address=NESTED).data == {"city": None, "address": {}}
