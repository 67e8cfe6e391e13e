"""Why a value is missing when a language model maps, and what strict grounding leaves of what it made up."""

from __future__ import annotations

from functools import partial

import pytest

from extraction.mapping.embedded import map_embedded
from extraction.mapping.grounding import Searchable, ground
from extraction.mapping.grounding_policy import drop_ungrounded
from extraction.mapping.llm_agreement import Second, decide
from extraction.mapping.llm_schema import INVALID
from extraction.mapping.schema_walk import walk
from extraction.mapping.values import Mapped
from tests.extraction.paper import paper

SCHEMA = {
    "type": "object",
    "properties": {
        "due_date": {"type": ["string", "null"], "format": "date"},
        "merchant": {"type": ["string", "null"]},
        "iban": {"type": ["string", "null"]},
    },
}
BILL = paper("Lind Boats Ltd", "Due date: on request")
SEARCH = partial(ground, recognized=Searchable(BILL))


def decided(value: object, pointer: str = "/due_date"):
    leaf = walk(SCHEMA).children[pointer[1:]]
    return decide(pointer, leaf, value, SEARCH, Second(map_embedded(BILL, SCHEMA)), "not_found")


@pytest.mark.parametrize(
    ("value", "pointer", "reason"),
    [
        (None, "/due_date", "invalid"),  # the embedded mapper saw what stands there
        (None, "/iban", "not_found"),
        (INVALID, "/iban", "invalid"),
        ("2026-01-02", "/due_date", "ungrounded"),
    ],
)
def test_a_model_s_missing_value_says_why(value: object, pointer: str, reason: str):
    assert decided(value, pointer).reason == reason


def test_without_a_draft_the_text_says_why():
    leaf = walk(SCHEMA).children["iban"]
    assert decide("/iban", leaf, None, SEARCH, Second(None), "unreadable").reason == "unreadable"


def test_strict_grounding_keeps_what_the_text_bears_out():
    fields = (decided("2026-01-02"), decided("Lind Boats Ltd", "/merchant"), decided(None, "/iban"))
    told = Mapped({field.pointer[1:]: field.value for field in fields}, fields, "groq/some-model")
    strict = drop_ungrounded(told, SCHEMA)
    assert strict.data == {"due_date": None, "merchant": "Lind Boats Ltd", "iban": None}
    assert [field.reason for field in strict.fields] == ["ungrounded", None, "not_found"]
