"""POST /v1/schemas/lint: what is wrong, what only the server enforces, what would read better."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import AsyncClient

from extraction.schema_lint import lint
from extraction.schema_words import ANNOTATIONS, ASSERTED
from extraction.schemas import built_in_names, find_built_in
from tests.people import Person

FINE = {"type": "object", "properties": {"seat": {"type": ["string", "null"]}}, "additionalProperties": False}


async def ask(alice: Person, schema: Any) -> dict[str, Any]:
    body = schema if isinstance(schema, str) else json.dumps({"schema": schema})
    client = AsyncClient()
    answer = await client.generic(
        "POST", "/v1/schemas/lint", body, content_type="application/json", headers=alice.headers
    )
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


async def warnings(alice: Person, **leaf: Any) -> list[dict[str, Any]]:
    schema = {"type": "object", "properties": {"seat": {"type": ["string", "null"], **leaf}}}
    return (await ask(alice, schema))["warnings"]


async def test_a_good_schema_is_praised_by_silence(alice):
    """F12: valid, no warnings, and how much of each limit it uses."""
    assert await ask(alice, FINE) == {
        "valid": True,
        "errors": [],
        "warnings": [],
        "limits": {
            "properties": {"used": 1, "allowed": 5_000},
            "depth": {"used": 1, "allowed": 7},
            "characters": {"used": len(json.dumps(FINE, separators=(",", ":"))), "allowed": 120_000},
        },
    }


async def test_all_mistakes_are_named_at_once(alice):
    """F12: each with its place, in one answer."""
    answer = await ask(alice, {"properties": {"a": {"type": "strin"}, "b": {"minLength": -1}}})
    assert answer["valid"] is False and answer["warnings"] == []
    assert {error["pointer"] for error in answer["errors"]} == {"/properties/a/type", "/properties/b/minLength"}


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"$ref": "#"}, ""),
        ({"$ref": "https://example.com/x"}, "/$ref"),
        ({"$schema": "https://example.com/x"}, "/$schema"),
        ([], ""),
        (7, ""),
    ],
)
async def test_what_is_no_schema_is_an_error_and_not_a_failure(alice, schema: Any, pointer: str):
    """F12: the linter answers 200 and says what is wrong."""
    answer = await ask(alice, schema)
    assert (answer["valid"], [error["pointer"] for error in answer["errors"]]) == (False, [pointer])


async def test_beyond_a_limit_it_says_how_far(alice):
    """F12: eight levels of seven."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(8):
        schema = {"type": "object", "properties": {"level": schema}}
    answer = await ask(alice, schema)
    assert answer["valid"] is False and answer["limits"]["depth"] == {"used": 8, "allowed": 7}


@pytest.mark.parametrize(
    ("keyword", "value", "holds", "lets_go"),
    [
        ("pattern", "^[A-Z]", "openai", "fireworks"),
        ("minLength", 3, None, "openai"),
        ("format", "date", "anthropic", "together"),
        ("not", {"const": "x"}, None, "openai"),
        ("oneOf", [{"minLength": 1}, {"maxLength": 0}], None, "fireworks"),
        ("allOf", [{"minLength": 1}], "anthropic", "openai"),
        ("dependentRequired", {"a": ["b"]}, None, "openai"),
        ("if", {"minLength": 1}, None, "anthropic"),
    ],
)
async def test_what_vendors_cannot_enforce_the_server_does(alice, keyword, value, holds, lets_go):
    """F12: whose grammar holds a model to it, whose does not, and that the result is checked all the same."""
    found = next(one for one in await warnings(alice, **{keyword: value}) if one["keyword"] == keyword)
    assert found["pointer"] == f"/properties/seat/{keyword}"
    assert found["enforced_by"] == "server" and found["vendors"][lets_go] is False
    assert holds is None or found["vendors"][holds] is True
    assert set(found["vendors"]) == {"openai", "anthropic", "together", "fireworks", "groq"}


@pytest.mark.parametrize(
    ("keyword", "value", "hint"),
    [
        ("requried", ["a"], "Did you mean required?"),
        ("propertes", {}, "Did you mean properties?"),
        ("maxLenght", 3, "Did you mean maxLength?"),
        ("nullable", True, '["string", "null"]'),
        ("format", "dat-time", "Did you mean date-time?"),
        ("contentEncoding", "base64", "annotation"),
        ("zzz", 1, "No keyword"),
    ],
)
async def test_what_nobody_enforces_is_said(alice, keyword: str, value: Any, hint: str):
    """F12: a slip of the pen is the mistake no validator notices."""
    (found,) = await warnings(alice, **{keyword: value})
    assert (found["keyword"], found["enforced_by"]) == (keyword, "nobody")
    assert hint in found["message"]


@pytest.mark.parametrize("keyword", ["description", "title", "default", "examples", "$comment", "deprecated", "x-own"])
async def test_an_annotation_is_no_reason_to_warn(alice, keyword: str):
    """F12: words for people and tools are left alone."""
    assert (
        await warnings(alice, **{keyword: [] if keyword == "examples" else True if keyword == "deprecated" else "x"})
        == []
    )


@pytest.mark.parametrize(
    ("schema", "pointer", "keyword"),
    [
        ({"properties": {"seat": {}}}, "/properties/seat", "type"),
        ({"properties": {"field_3": {"type": ["string", "null"]}}}, "/properties/field_3", "properties"),
        ({"properties": {"x": {"type": ["string", "null"]}}}, "/properties/x", "properties"),
        ({"properties": {"seat": {"type": "string"}}, "required": ["seat"]}, "/properties/seat", "required"),
        (
            {"$defs": {"s": {"type": "string"}}, "properties": {"seat": {"$ref": "#/$defs/s"}}, "required": ["seat"]},
            "/properties/seat",
            "required",
        ),
        ({"additionalProperties": {"type": "string"}}, "/additionalProperties", "additionalProperties"),
        (
            {"properties": {"a/b": {"items": {}, "prefixItems": [{"type": "string"}]}}},
            "/properties/a~1b/prefixItems",
            "prefixItems",
        ),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "/$schema", "$schema"),
    ],
)
async def test_a_hint_makes_extraction_better(alice, schema: dict[str, Any], pointer: str, keyword: str):
    """F12: what a mapper has nothing to go by, or a paper cannot satisfy."""
    answer = await ask(alice, schema)
    assert answer["valid"] is True
    assert [(one["pointer"], one["keyword"]) for one in answer["warnings"]] == [(pointer, keyword)]


async def test_a_described_name_needs_not_tell(alice):
    """F12: a description says what a short name does not."""
    schema = {"properties": {"x": {"type": ["string", "null"], "description": "The seat"}}}
    assert (await ask(alice, schema))["warnings"] == []


@pytest.mark.parametrize("name", sorted(built_in_names()))
def test_built_in_schemas_follow_our_own_advice(name: str):
    """F12: nothing but what vendors cannot enforce may be said of them."""
    report = lint(find_built_in(name))
    assert not report.errors
    assert {one.enforced_by for one in report.warnings} <= {"server"}
    assert not [one for one in report.warnings if one.keyword == "required"]


def test_every_keyword_of_2020_12_is_known():
    """F12: a word of the standard is never called a slip of the pen."""
    words = {
        "$id", "$schema", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$comment", "$defs",
        "prefixItems", "items", "contains", "additionalProperties", "properties", "patternProperties",
        "dependentSchemas", "propertyNames", "if", "then", "else", "allOf", "anyOf", "oneOf", "not",
        "unevaluatedItems", "unevaluatedProperties", "type", "const", "enum", "multipleOf", "maximum",
        "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems",
        "minItems", "uniqueItems", "maxContains", "minContains", "maxProperties", "minProperties", "required",
        "dependentRequired", "title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples",
        "format",
    }  # fmt: skip
    assert words <= ANNOTATIONS | ASSERTED


@pytest.mark.timeout(60)
async def test_a_schema_full_of_reasons_is_linted(alice):
    """F12: and not in an answer without end."""
    schema = {"properties": {f"p{i}": {"patern": "x"} for i in range(4_000)}}
    answer = await ask(alice, schema)
    assert len(answer["warnings"]) == 200


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[" * 1_000_000,
        '{"schema": NaN}',
        '{"schema": {}, "schema": {}}',
        '{"schema": "\\ud800"}',
        "\xff",
        '{"schema": {}, "a": 1}',
        "{}",
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(alice, body: str):
    """F12: 422; broken Unicode inside a schema is the linter's to name."""
    answer = await AsyncClient().generic(
        "POST", "/v1/schemas/lint", body.encode("latin-1"), content_type="application/json", headers=alice.headers
    )
    assert answer.status_code == 422 or json.loads(answer.content)["valid"] is False
