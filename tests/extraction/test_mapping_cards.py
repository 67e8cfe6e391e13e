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


def test_a_birthday_is_not_the_day_of_issue():
    card = paper("IDENTITY CARD", "Date of birth", "12.08.1983", "Date of expiry", "01.08.2031")
    assert ask(card, issue_date=ISO).data == {"issue_date": None}


def test_minutes_list_who_was_there_and_what_was_decided():
    minutes = paper(
        "Project Atlas - Weekly sync",
        "Date: 12 March 2024",
        "Attendees: Ana Ruiz, Ben Cole, Chi Wei",
        "",
        "Decisions",
        "- Ship the beta on 1 April",
        "- Drop the old importer",
        "",
        "Action items",
        "- Ana: write the release notes",
        "- Ben: book the room",
    )
    texts = {"type": "array", "items": {"type": "string"}}
    mapped = ask(minutes, participants=texts, decisions=texts, action_items=texts)
    assert mapped.data == {
        "participants": ["Ana Ruiz", "Ben Cole", "Chi Wei"],
        "decisions": ["Ship the beta on 1 April", "Drop the old importer"],
        "action_items": ["Ana: write the release notes", "Ben: book the room"],
    }
    assert cited(mapped, "/participants/1") == "Ben Cole"


ASKED = {
    **dict.fromkeys(("surname", "given_names", "document_number", "nationality", "sex"), "string"),
    "date_of_birth": ISO,
    "expiry_date": ISO,
}
HOLDER = {
    "surname": "ERIKSSON",
    "given_names": "ANNA MARIA",
    "nationality": "UTO",
    "sex": "F",
    "date_of_birth": "1974-08-12",
    "expiry_date": "2012-04-15",
}


def test_a_passport_is_read_from_its_machine_readable_zone():
    passport = paper(
        "PASSPORT",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    )
    mapped = ask(passport, **ASKED)
    assert mapped.data == HOLDER | {"document_number": "L898902C3"}
    assert cited(mapped, "/surname") == "ERIKSSON"


def test_so_is_an_identity_card():
    card = paper("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
    assert ask(card, **ASKED).data == HOLDER | {"document_number": "D23145890"}
