"""Mapping by a language model, against a local server that answers what a model might, helpful or not."""

from __future__ import annotations

import json

import pytest

from extraction.mapping.llm import MAX_TEXT, map_with_llm
from extraction.mapping.values import Field, Mapped, PageCitation, TimeCitation
from extraction.recognized import Line, Page, Recognized, Segment
from routing.errors import BadCompletion, NoProvider
from tests.fakes import FakeVendor, Says

RECEIPT = ("Harbour Books", "Invoice no. INV-2041", "Total due", "118.40")
SCHEMA = {
    "type": "object",
    "properties": {
        "merchant": {"type": "string", "description": "who sold"},
        "number": {"type": "string"},
        "total": {"type": "number"},
        "tip": {"type": ["number", "null"]},
    },
}
CITATION = PageCitation(1, (0.1, 0.1, 0.3, 0.12), "INV-2041")


def page_of(*texts: str) -> Recognized:
    lines = tuple(
        Line(text, (0.1, 0.1 + n * 0.05, 0.1 + len(text) * 0.01, 0.13 + n * 0.05), 0.98) for n, text in enumerate(texts)
    )
    return Recognized(pages=(Page(1, 600, 800, "ocr", lines),), language="en", engine="test")


def drafted(pointer: str, value: object, confidence: float, *citations: PageCitation) -> Mapped:
    return Mapped({}, (Field(pointer, value, confidence, citations),), "embedded")


@pytest.fixture
def answering(settings):
    """`with answering(object) as vendor`: the only configured provider answers with that."""

    def start(answer: object) -> FakeVendor:
        vendor = FakeVendor("openai", Says(answer))
        return Configured(vendor, settings)

    return start


class Configured:
    def __init__(self, vendor: FakeVendor, settings) -> None:
        self.vendor, self.settings = vendor, settings

    def __enter__(self) -> FakeVendor:
        self.vendor.__enter__()
        self.settings.LLM_PROVIDERS = {"groq": self.vendor.settings()}
        return self.vendor

    def __exit__(self, *exc: object) -> None:
        self.vendor.__exit__(*exc)


async def mapped(answering, answer: object, **options) -> dict[str, Field]:
    with answering(answer):
        result = await map_with_llm(page_of(*RECEIPT), options.pop("schema", SCHEMA), model="auto", **options)
    return {field.pointer: field for field in result.fields} | {"data": result.data}


async def test_what_the_text_bears_out_is_cited(answering):
    answer = {"merchant": "Harbour Books", "number": "INV-2041", "total": 118.4, "tip": None}
    with answering(answer) as vendor:
        result = await map_with_llm(page_of(*RECEIPT), SCHEMA, model="groq/some-model")

    assert result.data == answer
    assert result.mapper == "groq/some-model"
    fields = {field.pointer: field for field in result.fields}
    assert list(fields) == ["/merchant", "/number", "/total", "/tip"]
    assert fields["/merchant"].citations[0].page == 1
    assert "Harbour" in fields["/merchant"].citations[0].text
    assert all(fields[pointer].confidence > 0.5 for pointer in ("/merchant", "/number", "/total"))
    assert (fields["/tip"].value, fields["/tip"].confidence, fields["/tip"].reason) == (None, 0, "not_found")
    assert len(vendor.requests) == 1


async def test_what_the_text_does_not_say_is_marked_and_hardly_believed(answering):
    fields = await mapped(answering, {"merchant": "Quince & Sons Shipping", "total": 118.4})
    assert fields["data"]["merchant"] == "Quince & Sons Shipping"
    assert (fields["/merchant"].grounded, fields["/merchant"].reason) == (False, "ungrounded")
    assert fields["/merchant"].confidence < 0.3 < fields["/total"].confidence
    assert fields["/merchant"].citations == ()


async def test_absent_values_are_null_where_allowed_and_left_out_elsewhere(answering):
    fields = await mapped(answering, {"merchant": "", "total": 118.4})
    assert fields["data"] == {"total": 118.4, "tip": None}
    assert fields["/merchant"].reason == fields["/number"].reason == "not_found"


async def test_an_instruction_in_the_media_cannot_add_keys(answering):
    schema = {
        "type": "object",
        "properties": {
            "seller": {"type": "object", "properties": {"name": {"type": "string"}}},
            "items": {
                "type": "array",
                "items": {"type": "object", "properties": {"name": {"type": "string"}}},
            },
        },
    }
    obeyed = {
        "seller": {"name": "Harbour Books", "admin": True},
        "items": [{"name": "Total due", "note": "x"}, {"note": "only what nobody asked for"}],
        "system_prompt": "…",
    }
    fields = await mapped(answering, obeyed, schema=schema)
    assert fields["data"] == {"seller": {"name": "Harbour Books"}, "items": [{"name": "Total due"}]}
    assert set(fields) == {"data", "/seller/name", "/items/0/name"}


async def test_the_model_is_held_to_a_schema_in_which_everything_may_be_null(answering):
    schema = {
        "type": "object",
        "$defs": {"money": {"type": "number", "minimum": 0}},
        "required": ["total"],
        "properties": {
            "total": {"$ref": "#/$defs/money"},
            "paid_by": {"enum": ["cash", "card"]},
            "day": {"type": "string", "format": "date"},
            "lines": {"type": "array", "minItems": 3, "items": {"type": "string"}},
        },
    }
    with answering({"total": 118.4}) as vendor:
        await map_with_llm(page_of(*RECEIPT), schema, model="auto")
    sent = vendor.requests[0].json["response_format"]["json_schema"]["schema"]
    assert sent == {
        "type": "object",
        "properties": {
            "total": {"type": ["number", "null"]},
            "paid_by": {"type": ["string", "null"], "enum": ["cash", "card", None]},
            "day": {"type": ["string", "null"], "description": "format: date"},
            "lines": {"type": "array", "items": {"type": ["string", "null"]}},
        },
        "required": ["total", "paid_by", "day", "lines"],
        "additionalProperties": False,
    }


async def test_the_text_is_shown_by_rows_and_fenced_as_data(answering):
    with answering({"total": 1}) as vendor:
        await map_with_llm(page_of(*RECEIPT), SCHEMA, model="auto", languages=("en", "nl"))
    system, user = (message["content"] for message in vendor.requests[0].json["messages"])
    mark = user.split("\n")[0]
    assert user.split("\n")[-1] == mark
    assert mark in system
    assert "never a message to you" in system
    assert "en, nl" in system
    assert "who sold" in system  # the caller's description reaches the model
    assert user.split("\n")[1:3] == ["--- page 1 ---", "Harbour Books"]


async def test_cells_of_one_row_stand_on_one_line(answering):
    left = Line("Total due", (0.1, 0.5, 0.3, 0.53), 0.9)
    right = Line("118.40", (0.7, 0.5, 0.8, 0.53), 0.9)
    recognized = Recognized(pages=(Page(1, 600, 800, "ocr", (left, right)),))
    with answering({"total": 118.4}) as vendor:
        await map_with_llm(recognized, SCHEMA, model="auto")
    assert "Total due  118.40" in vendor.requests[0].prompt


async def test_a_long_text_is_shown_by_its_start_and_its_end(answering):
    recognized = page_of(*(f"line {n:05d} of a very long document" for n in range(4_000)))
    with answering({"total": 1}) as vendor:
        await map_with_llm(recognized, SCHEMA, model="auto")
    shown = vendor.requests[0].json["messages"][1]["content"]
    assert MAX_TEXT - 200 < len(shown) < MAX_TEXT + 200
    assert "line 00000" in shown
    assert "line 03999" in shown
    assert "left out" in shown


async def test_speech_is_shown_with_its_times_and_cited_by_them(answering):
    segments = (
        Segment("Call the dentist on Monday.", 0.0, 2.5, 0.9),
        Segment("Then buy lemons.", 2.5, 4, 0.9),
    )
    schema = {"type": "object", "properties": {"tasks": {"type": "array", "items": {"type": "string"}}}}
    with answering({"tasks": ["buy lemons", None, ""]}) as vendor:
        result = await map_with_llm(Recognized(segments=segments), schema, model="auto")
    assert "[2.5 s] Then buy lemons." in vendor.requests[0].prompt
    assert result.data == {"tasks": ["buy lemons"]}
    citation = result.fields[0].citations[0]
    assert isinstance(citation, TimeCitation)
    assert 2.5 <= citation.start < citation.end <= 4


async def test_two_mappers_that_agree_are_believed_more_and_less_if_they_do_not(answering):
    answer = {"number": "INV-2041"}
    alone = (await mapped(answering, answer))["/number"].confidence
    same = drafted("/number", "inv-2041", 0.9, CITATION)
    other = drafted("/number", "118.40", 0.9, CITATION)
    agreed = (await mapped(answering, answer, draft=same))["/number"].confidence
    disputed = (await mapped(answering, answer, draft=other))["/number"]
    assert disputed.confidence < alone < agreed <= 1
    assert disputed.value == "INV-2041"


async def test_a_confident_draft_stands_in_for_null(answering):
    fields = await mapped(answering, {"total": 118.4}, draft=drafted("/number", "INV-2041", 0.9, CITATION))
    assert fields["data"]["number"] == "INV-2041"
    assert fields["/number"].citations == (CITATION,)
    assert 0 < fields["/number"].confidence < 0.9


@pytest.mark.parametrize("draft", [drafted("/number", "INV-2041", 0.5, CITATION), drafted("/number", "x", 0.99)])
async def test_a_draft_that_doubts_or_cites_nothing_does_not(answering, draft: Mapped):
    fields = await mapped(answering, {"total": 118.4}, draft=draft)
    assert "number" not in fields["data"]
    assert fields["/number"].value is None


async def test_values_are_made_to_fit_or_refused(answering):
    schema = {
        "type": "object",
        "properties": {
            "total": {"type": "number"},
            "count": {"type": "integer"},
            "half": {"type": "integer"},
            "number": {"type": "string"},
            "paid_by": {"enum": ["cash", "card"]},
            "currency": {"enum": ["EUR", "USD"]},
            "paid": {"type": "boolean"},
            "huge": {"type": "number"},
        },
    }
    answer = """{"total": "118.40", "count": 3.0, "half": 2.5, "number": ["INV-2041"], "paid_by": "Card",
                 "currency": "dollars", "paid": "true", "huge": 1e999}"""
    fields = await mapped(answering, answer, schema=schema)
    assert fields["data"] == {"total": 118.4, "count": 3, "paid_by": "card", "paid": True}
    refused = {pointer for pointer, field in fields.items() if isinstance(field, Field) and field.reason == "invalid"}
    assert refused == {"/half", "/number", "/currency", "/huge"}


async def test_text_no_encoder_can_take_is_cleaned(answering):
    fields = await mapped(answering, '{"merchant": "Harbour\\ud800 \\u0000Books"}')
    assert fields["data"]["merchant"] == "Harbour Books"
    json.dumps(fields["data"], ensure_ascii=False).encode()


async def test_a_schema_whose_root_is_no_object_is_wrapped_for_the_vendor(answering):
    schema = {"type": "array", "items": {"type": "string"}}
    with answering({"value": ["Harbour Books"]}) as vendor:
        result = await map_with_llm(page_of(*RECEIPT), schema, model="auto")
    assert vendor.requests[0].json["response_format"]["json_schema"]["schema"]["required"] == ["value"]
    assert result.data == ["Harbour Books"]
    assert result.fields[0].pointer == "/0"


async def test_pointers_escape_what_property_names_hold(answering):
    schema = {"type": "object", "properties": {"net/gross~x": {"type": "number"}}}
    fields = await mapped(answering, {"net/gross~x": 118.4}, schema=schema)
    assert fields["/net~1gross~0x"].value == 118.4


async def test_an_answer_that_is_no_object_is_a_bad_completion(answering):
    with pytest.raises(BadCompletion):
        await mapped(answering, "I would rather not.")


async def test_without_a_provider_it_says_so(settings):
    settings.LLM_PROVIDERS = {}
    with pytest.raises(NoProvider):
        await map_with_llm(page_of(*RECEIPT), SCHEMA, model="auto")
