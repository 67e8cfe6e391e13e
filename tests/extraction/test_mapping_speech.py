"""What is taken from speech: cue phrases, number words, times; in several languages."""

from __future__ import annotations

import pytest

from extraction.mapping.values import TimeCitation
from tests.extraction.paper import ask, cited, field, talk

MEMO = talk(
    "Hi, this is Nora Feldmann from Alder Roofing. I'm calling about the leaking skylight. "
    "Your order number is 4 4 7 1 2. The total is one hundred and twenty dollars. "
    "Please call me back at 555 010 7788 before March 3rd, 2026. Thanks."
)
LIST = {"type": "array", "items": {"type": "string"}}


def test_the_summary_is_the_whole_text_with_its_time():
    mapped = ask(MEMO, summary="string")
    assert mapped.data["summary"].startswith("Hi, this is Nora")
    citation = field(mapped, "/summary").citations[0]
    assert isinstance(citation, TimeCitation) and citation.start == 0.0


def test_the_caller_and_the_firm_follow_their_cues():
    mapped = ask(MEMO, caller_name="string", company="string", subject="string")
    assert mapped.data == {
        "caller_name": "Nora Feldmann",
        "company": "Alder Roofing",
        "subject": "the leaking skylight",
    }
    citation = field(mapped, "/caller_name").citations[0]
    assert (citation.start, citation.text) == (1.5, "Nora Feldmann")


def test_spoken_digits_and_number_words_become_numbers():
    mapped = ask(MEMO, order_number="string", amount="number", callback_phone="string", currency="string")
    assert mapped.data == {
        "order_number": "4 4 7 1 2",
        "amount": 120.0,
        "callback_phone": "555 010 7788",
        "currency": "USD",
    }
    assert "hundred" in cited(mapped, "/amount")


def test_a_day_without_a_year_is_given_as_it_was_said():
    memo = talk("Please call me back by Friday, March 6th. You may 3 times try.")
    assert ask(memo, date="string").data == {"date": "March 6th"}
    assert ask(memo, date={"type": ["string", "null"], "format": "date"}).data == {"date": None}


def test_a_spoken_date_is_read():
    assert ask(MEMO, date={"type": "string", "format": "date"}).data == {"date": "2026-03-03"}


def test_what_is_to_be_done_is_listed_by_sentence():
    mapped = ask(MEMO, action_items=LIST)
    assert mapped.data["action_items"] == ["Please call me back at 555 010 7788 before March 3rd, 2026."]
    assert cited(mapped, "/action_items/0").startswith("Please call")


def test_what_was_not_said_is_not_invented():
    mapped = ask(
        talk("The weather is fine today."), caller_name="string", amount="number", date="string", action_items=LIST
    )
    assert mapped.data == {"caller_name": None, "amount": None, "date": None, "action_items": []}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Guten Tag, mein Name ist Jonas Lindner, ich rufe später an.", "Jonas Lindner"),
        ("Bonjour, je m'appelle Claire Dumont et je voudrais un devis.", "Claire Dumont"),
        ("Buenas tardes, me llamo Marta Solano.", "Marta Solano"),
        ("Buongiorno, mi chiamo Paolo Neri.", "Paolo Neri"),
        ("Goedemiddag, mijn naam is Sanne Vos.", "Sanne Vos"),
    ],
)
def test_names_are_heard_in_several_languages(said: str, name: str):
    assert ask(talk(said), name="string").data == {"name": name}


def test_silence_answers_nothing():
    mapped = ask(talk(""), summary="string", amount="number")
    assert mapped.data == {"summary": None, "amount": None}


def test_cents_said_after_the_dollars_count():
    assert ask(talk("The total is twenty-five dollars and fifty cents."), amount="number").data == {"amount": 25.5}
