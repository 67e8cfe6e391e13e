"""A proposed value is believed only where the text has it: by letters, by value, or nearly."""

from __future__ import annotations

import pytest

from extraction.mapping.grounding import Searchable, ground
from tests.extraction.paper import paper, talk

TEXT = paper(
    "Café Müller & Söhne",
    "Hauptstraße 12, 10115 Berlin",
    "Datum 14/02/18",
    "Betrag 12,50 €",
    "INV0ICE NO B1O5-S",
    "東京都渋谷区1-2-3",
    "Danke 🙏 bis bald",
    "Greenfield Trading and",
    "Shipping Company Ltd",
    "Rabatt 5,00",
    "Martin",
)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("Café Müller & Söhne", None, "Café Müller & Söhne"),
        ("CAFE MULLER & SOHNE", None, "Café Müller & Söhne"),
        ("Hauptstrasse 12", None, "Hauptstraße 12"),
        (12.5, None, "12,50 €"),
        ("12.50", "number", "12,50 €"),
        ("2018-02-14", "date", "14/02/18"),
        ("2018-02-14", None, "14/02/18"),
        ("BIOS-5", None, ""),
        ("B105-5", None, "B1O5-S"),
        ("東京都渋谷区", None, "東京都渋谷区"),
        ("Danke 🙏", None, "Danke 🙏"),
        ("EUR", None, "€"),
    ],
)
def test_a_value_is_found_and_cited(value: object, kind: str | None, text: str):
    found = ground(value, TEXT, kind=kind)
    if not text:
        assert found.score < 1
        return
    assert found.matched and found.score >= 0.85
    assert found.citations[0].text.strip() == text


def test_word_for_word_scores_one_and_a_near_miss_less():
    assert ground("Martin", TEXT).score == 1.0
    near = ground("Greenfeld Trading", TEXT)
    assert near.matched and near.score < 0.95


def test_a_value_over_two_lines_is_cited_on_both():
    found = ground("Greenfield Trading and Shipping Company Ltd", TEXT)
    assert found.matched
    assert [citation.text for citation in found.citations] == ["Greenfield Trading and", "Shipping Company Ltd"]


@pytest.mark.parametrize("value", ["Atlantis Bank", 99.95, "2018-02-15", "art", None, True, "", "999111"])
def test_what_is_not_there_is_not_grounded(value: object):
    kind = "date" if value == "2018-02-15" else None
    assert not ground(value, TEXT, kind=kind).matched


def test_the_wrong_sign_is_a_weaker_witness():
    assert ground(-5, TEXT).matched
    assert ground(-5, TEXT).score < ground(5, TEXT).score


def test_speech_is_grounded_by_time():
    found = ground("Nora Feldmann", talk("Hello, this is Nora Feldmann speaking."))
    assert found.matched
    assert (found.citations[0].start, found.citations[0].text) == (1.5, "Nora Feldmann")


def test_number_words_ground_a_number():
    assert ground(25, talk("It costs twenty-five in all.")).matched


def test_one_prepared_text_serves_many_values():
    text = Searchable(TEXT)
    assert ground("Martin", text).matched and ground(12.5, text).matched
