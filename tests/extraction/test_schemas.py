"""What a JSON Schema may say here, and what becomes of one that was made to do harm."""

from __future__ import annotations

import http.server
import json
import threading
from typing import Any

import pytest

from extraction.errors import SchemaError
from extraction.schemas import built_in_names, find_built_in, find_violations, parse_schema

OLD = "http://json-schema.org/draft-07/schema#"


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def chain(length: int, *, wide: int = 2, word: str = "anyOf") -> dict[str, Any]:
    """Definitions that each lead to the next, several times: 2 to the power of `length` schemas in the end."""
    links = {f"d{i}": {word: [{"$ref": f"#/$defs/d{i + 1}"}] * wide} for i in range(length)}
    return {"$defs": {**links, f"d{length}": {"type": "string"}}, "$ref": "#/$defs/d0"}


CIRCLE = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
BY_REFERENCE = {"$defs": {"a": nested(5)}, "items": {"items": {"items": {"$ref": "#/$defs/a"}}}}
REFUSED = [
    ("nested brackets", "[" * 1_000_000, "schema_too_large"),
    ("a string that never ends", '"' + "[" * 400_000, "schema_invalid"),
    ("deep negations", '{"not":' * 10_000 + "{}" + "}" * 10_000, "schema_invalid"),
    ("eight levels", json.dumps(nested(8)), "schema_too_deep"),
    ("eight levels by reference", json.dumps(BY_REFERENCE), "schema_too_deep"),
    ("duplicate keys", '{"type": "object", "type": "string"}', "schema_invalid"),
    ("NaN", '{"const": NaN}', "schema_invalid"),
    ("a number beyond a double", '{"maximum": 1e999}', "schema_invalid"),
    ("a number of 5,000 digits", '{"maximum": ' + "9" * 5_000 + "}", "schema_invalid"),
    ("half a character", '{"title": "\\ud800"}', "schema_invalid"),
    ("half a character as name", '{"properties": {"\\ud800": {}}}', "schema_invalid"),
    ("a reference to itself", '{"$ref": "#"}', "schema_invalid"),
    ("references in a circle", json.dumps(CIRCLE), "schema_invalid"),
    ("a schema that is not itself", '{"not": {"$ref": "#"}}', "schema_invalid"),
    ("a billion branches", json.dumps(chain(30)), "schema_too_large"),
    ("a billion conditions", json.dumps(chain(30, word="allOf")), "schema_too_large"),
    ("a long chain", json.dumps(chain(2_000, wide=1)), "schema_too_deep"),
    (
        "branches that branch again inside",
        json.dumps({"anyOf": [{"properties": {"a": {"$ref": "#"}}}] * 20}),
        "schema_too_large",
    ),
    ("no pattern", '{"properties": {"a": {"pattern": "("}}}', "schema_invalid"),
    ("a pattern of a million states", '{"pattern": "(?:a{1,1000}){1,1000}"}', "schema_invalid"),
    ("a file", '{"$ref": "file:///etc/passwd"}', "schema_invalid"),
    ("an address", '{"properties": {"a": {"$ref": "http://127.0.0.1:9/x"}}}', "schema_invalid"),
    ("no address", '{"$ref": "http://["}', "schema_invalid"),
    ("a place that is not there", '{"$ref": "#/$defs/nobody"}', "schema_invalid"),
    ("a meta-schema elsewhere", '{"$schema": "http://127.0.0.1:9/meta"}', "schema_invalid"),
    ("5,001 properties", json.dumps({"properties": {f"p{i}": {} for i in range(5_001)}}), "schema_too_large"),
    ("120,001 characters", json.dumps({"title": "x" * 119_990}, separators=(",", ":")), "schema_too_large"),
    ("a list", "[]", "schema_invalid"),
    ("a tuple of another draft", '{"items": [{}]}', "schema_invalid"),
    ("a pointer for a type", '{"properties": {"a": {"type": "strin"}}}', "schema_invalid"),
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("text", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_hostile_schema_is_refused_at_once(text: str, code: str):
    """F12: without working itself to death, with a code, and without a word of the schema."""
    with pytest.raises(SchemaError) as refusal:
        parse_schema(text)
    assert refusal.value.code == code
    assert "passwd" not in str(refusal.value) and "127.0.0.1" not in str(refusal.value)


def test_nothing_is_fetched():
    """F12: neither `$ref` nor `$schema` nor `$id` makes this server call another."""
    asked = []

    class Bait(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    bait = http.server.HTTPServer(("127.0.0.1", 0), Bait)
    threading.Thread(target=bait.serve_forever, args=(0.02,), daemon=True).start()
    address = f"http://127.0.0.1:{bait.server_port}/x"
    for schema in (
        {"$ref": address},
        {"$schema": address},
        {"$dynamicRef": address},
        {"properties": {"a": {"$ref": address}}},
    ):
        with pytest.raises(SchemaError):
            parse_schema(json.dumps(schema))
    assert parse_schema(json.dumps({"$id": address, "type": "object"}))
    bait.shutdown()
    bait.server_close()
    assert not asked


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"properties": {"a/b": {"type": "strin"}}}, "/properties/a~1b/type"),
        ({"properties": {"a": {"$ref": "#/nowhere"}}}, "/properties/a/$ref"),
        ({"properties": {"a": {"pattern": "("}}}, "/properties/a/pattern"),
        ({"$schema": "https://example.com/own"}, "/$schema"),
        ({"$defs": {"a": {"$schema": OLD}}}, "/$defs/a/$schema"),
        ({"properties": {"a": {"allOf": [{"$ref": "#/properties/a"}]}}}, "/properties/a"),
    ],
)
def test_a_refusal_says_where(schema: dict[str, Any], pointer: str):
    """F12: with a JSON Pointer into the schema."""
    with pytest.raises(SchemaError) as refusal:
        parse_schema(json.dumps(schema))
    assert refusal.value.pointer == pointer


REC = {"type": "object", "properties": {"name": {"type": "string"}, "kids": {"type": "array", "items": {"$ref": "#"}}}}
HOLDS = [
    (
        "$ref and $defs",
        {"$defs": {"n": {"type": "integer"}}, "properties": {"a": {"$ref": "#/$defs/n"}}},
        {"a": 1},
        {"a": "x"},
    ),
    (
        "$anchor",
        {"$defs": {"n": {"$anchor": "n", "type": "integer"}}, "properties": {"a": {"$ref": "#n"}}},
        {"a": 1},
        {"a": "x"},
    ),
    (
        "$dynamicRef",
        {"$defs": {"n": {"$dynamicAnchor": "n", "type": "integer"}}, "properties": {"a": {"$dynamicRef": "#n"}}},
        {"a": 1},
        {"a": "x"},
    ),
    (
        "$id inside",
        {
            "$id": "https://example.com/s",
            "$defs": {"n": {"$id": "n", "type": "integer"}},
            "properties": {"a": {"$ref": "n"}},
        },
        {"a": 1},
        {"a": "x"},
    ),
    ("recursion", REC, {"name": "a", "kids": [{"name": "b", "kids": []}]}, {"kids": [{"kids": [{"name": 1}]}]}),
    ("oneOf", {"oneOf": [{"type": "integer"}, {"minimum": 5}]}, 3, 7),
    (
        "if, then, else",
        {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}},
        {"a": 1, "b": 1},
        {"a": 1, "c": 1},
    ),
    ("prefixItems", {"prefixItems": [{"type": "string"}, {"type": "number"}], "items": False}, ["a", 1], ["a", 1, 2]),
    ("contains", {"contains": {"const": "x"}, "minContains": 2}, ["x", "x"], ["x"]),
    ("dependentRequired", {"dependentRequired": {"a": ["b"]}}, {"a": 1, "b": 2}, {"a": 1}),
    (
        "unevaluatedProperties",
        {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False},
        {"a": 1},
        {"b": 1},
    ),
    ("patternProperties", {"patternProperties": {"^n_": {"type": "number"}}}, {"n_a": 1}, {"n_a": "x"}),
    ("a boolean schema", {"properties": {"a": False}}, {"b": 1}, {"a": 1}),
    ("null in a list of types", {"type": ["string", "null"]}, None, 1),
    ("null by anyOf", {"anyOf": [{"type": "string"}, {"type": "null"}]}, None, 1),
    ("a format, asserted", {"format": "date"}, "2026-02-28", "2026-02-30"),
    ("enum and const", {"enum": [1, "a", None]}, None, 2),
    (
        "a name of prototypes",
        {"properties": {"__proto__": {"type": "string"}, "constructor": {"type": "number"}}},
        {"__proto__": "a"},
        {"__proto__": 1},
    ),
    (
        "draft 07",
        {
            "$schema": OLD,
            "definitions": {"n": {"$id": "#n", "type": "integer"}},
            "properties": {"a": {"$ref": "#n"}, "t": {"items": [{"type": "string"}], "additionalItems": False}},
        },
        {"a": 1, "t": ["x"]},
        {"t": ["x", 1]},
    ),
    ("draft 04", {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True}, 2, 1),
    (
        "draft 2019-09",
        {
            "$schema": "https://json-schema.org/draft/2019-09/schema",
            "properties": {"a": {"$recursiveRef": "#"}, "b": {"type": "string"}},
        },
        {"a": {"b": "x"}},
        {"a": {"b": 1}},
    ),
]


@pytest.mark.parametrize(("schema", "good", "bad"), [row[1:] for row in HOLDS], ids=[row[0] for row in HOLDS])
def test_a_keyword_is_enforced(schema: dict[str, Any], good: Any, bad: Any):
    """F12: whatever a model or a mapper made of it, the server checks it itself."""
    parsed = parse_schema(json.dumps(schema))
    assert find_violations(good, parsed) == []
    assert find_violations(bad, parsed)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", ["(a+)+$", r"^(\w+\s?)*$", r"(a*)*\1b", "^(?=(a+)+$)b"])
def test_a_catastrophic_pattern_holds_nobody_up(pattern: str):
    """F12: a text made for the pattern would keep a backtracking engine busy for ever."""
    schema = parse_schema(json.dumps({"properties": {"a": {"pattern": pattern}}}))
    find_violations({"a": "a" * 5_000 + "!"}, schema)


@pytest.mark.timeout(60)
def test_the_largest_schema_is_judged():
    """F12: 5,000 properties, seven levels, what unfolding allows."""
    many = {"$defs": {"m": {"type": ["number", "null"]}}, "properties": {f"p{i}": {} for i in range(4_999)}}
    for schema in (many, nested(7), chain(13)):
        parse_schema(json.dumps(schema))


@pytest.mark.timeout(60)
def test_a_tree_that_unfolds_is_judged_without_end_of_memory():
    """F12: the most that is let through, against data that fits none of its 8,192 branches."""
    schema = parse_schema(json.dumps(chain(13)))
    assert find_violations(1, schema)


@pytest.mark.parametrize("name", sorted(built_in_names()))
def test_a_built_in_schema_keeps_its_own_rules(name: str):
    """F11: within the limits, every property described by a type, every leaf open to null."""
    schema = find_built_in(name)
    assert parse_schema(json.dumps(schema)) == schema == find_built_in(f"{name}@1")
    assert find_built_in(f"{name}@2") is None
