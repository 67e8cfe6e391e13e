"""Business cards and identity papers of invented people: what nothing labels, and what stands under its label."""

from __future__ import annotations

from tests.extraction.paper import ask, cited, paper

ISO = {"type": ["string", "null"], "format": "date"}


def test_a_card_gives_name_title_company_and_ways_to_reach_them():
    card = paper(
        "LARCHWOOD OPTICS GmbH",
        "",
        "Dr. Ines Albrecht",
        "Head of Research",
        "Hauptstraße 5, 69117 Heidelberg",
        "T +49 6221 123456",
        "ines.albrecht@larchwood.example",
        "www.larchwood-optics.de",
    )
    wanted = dict.fromkeys(("name", "title", "company", "phone", "email", "website", "address"), "string")
    mapped = ask(card, **wanted)
    assert mapped.data == {
        "name": "Dr. Ines Albrecht",
        "title": "Head of Research",
        "company": "LARCHWOOD OPTICS GmbH",
        "phone": "+49 6221 123456",
        "email": "ines.albrecht@larchwood.example",
        "website": "www.larchwood-optics.de",
        "address": "Hauptstraße 5, 69117 Heidelberg",
    }
    assert cited(mapped, "/name") == "Dr. Ines Albrecht"


def test_an_identity_paper_is_read_from_the_lines_under_its_labels():
    passport = paper(
        "PASSPORT",
        [(0.08, "Type"), (0.3, "Code"), (0.5, "Passport No.")],
        [(0.08, "P"), (0.3, "XYZ"), (0.5, "903312745")],
        "Surname",
        "ASHDOWN",
        "Given names",
        "MERLE ANNE",
        "Date of birth",
        "14 APR 1977",
        "Date of expiry",
        "19 FEB 2026",
    )
    mapped = ask(
        passport,
        document_type="string",
        document_number="string",
        surname="string",
        given_names="string",
        date_of_birth=ISO,
        expiry_date=ISO,
        nationality="string",
    )
    assert mapped.data == {
        "document_type": "PASSPORT",
        "document_number": "903312745",
        "surname": "ASHDOWN",
        "given_names": "MERLE ANNE",
        "date_of_birth": "1977-04-14",
        "expiry_date": "2026-02-19",
        "nationality": None,
    }
    assert cited(mapped, "/date_of_birth") == "14 APR 1977"


def test_a_priced_line_is_not_taken_for_the_shop():
    goods = paper([(0.08, "1"), (0.15, "Honey toast"), (0.7, "16,500")], [(0.15, "TOTAL"), (0.7, "16,500")])
    assert ask(goods, company="string", total="number").data == {"company": None, "total": 16500.0}
