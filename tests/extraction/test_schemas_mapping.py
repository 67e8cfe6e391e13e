"""Which leaves the mappers are asked for, keyword by keyword."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extraction.mapping.embedded import map_embedded
from extraction.mapping.llm_schema import answer_schema
from extraction.mapping.schema_walk import Want, walk
from extraction.schema_vendors import EVERYWHERE, VENDORS
from extraction.schemas import find_violations, parse_schema
from tests.extraction.paper import paper

SLIP = paper(
    "Harbour Rowing Club",
    "Member no.: HR-2207",
    "Joined on: 3 May 2024",
    "Deposit paid: EUR 1.250,00",
    "Locker count: 2",
    "Payment: card",
    "Card digits: 4411",
)


def read(schema: dict[str, Any]) -> Any:
    """What the embedded mapper makes of the slip, which must satisfy the schema."""
    parsed = parse_schema(json.dumps(schema))
    data = map_embedded(SLIP, parsed).data
    assert find_violations(data, parsed) == []
    return data


def asked(schema: dict[str, Any]) -> dict[str, Any]:
    """The tree of wants, as {name: types or what lies below}."""
    return _plain(walk(parse_schema(json.dumps(schema))))


def _plain(want: Want) -> Any:
    if want.shape == "object":
        return {name: _plain(child) for name, child in want.children.items()}
    if want.shape == "array":
        return [_plain(want.items)] if want.items else []
    return sorted(want.types) + ["null"] * want.nullable


def test_one_of_several_objects_asks_for_what_each_holds():
    """F12: the constant that tells them apart becomes a choice; what the paper lacks leaves no trace."""
    card = {
        "properties": {"payment": {"const": "card"}, "card_digits": {"type": ["string", "null"]}},
        "required": ["payment"],
    }
    transfer = {
        "properties": {"payment": {"const": "transfer"}, "iban": {"type": ["string", "null"]}},
        "required": ["payment"],
    }
    closed = [{"type": "object", **one, "additionalProperties": False} for one in (card, transfer)]
    assert asked({"oneOf": closed}) == {"payment": ["string"], "card_digits": ["string"], "iban": ["string"]}
    assert read({"type": "object", "oneOf": closed}) == {"payment": "card", "card_digits": "4411"}


def test_references_inside_references_are_followed():
    """F12: by pointer, by anchor, through a definition that refers on, with null beside them."""
    schema = {
        "$defs": {
            "sum": {"$anchor": "sum", "type": "object", "properties": {"deposit_paid": {"$ref": "#/$defs/amount"}}},
            "amount": {"type": ["number", "null"]},
        },
        "properties": {
            "member_no": {"type": "string"},
            "money": {"anyOf": [{"$ref": "#sum"}, {"type": "null"}], "description": "What was paid"},
        },
    }
    assert read(schema) == {"member_no": "HR-2207", "money": {"deposit_paid": 1250.0}}


@pytest.mark.timeout(60)
def test_a_schema_inside_itself_is_asked_for_and_comes_to_an_end():
    """F12: recursion hangs neither the walk nor the mapper nor what a model is given."""
    tree = {
        "type": "object",
        "properties": {"member_no": {"type": "string"}, **{f"b{i}": {"$ref": "#"} for i in range(4)}},
    }
    assert asked(tree)["b0"]["member_no"] == ["string"]
    assert len(json.dumps(answer_schema(walk(tree)))) < 20_000
    assert read(tree)["member_no"] == "HR-2207"


def test_conditions_ask_for_what_they_may_require():
    """F12: properties that only then, else or dependentSchemas name are looked for as well."""
    schema = {
        "type": "object",
        "properties": {"payment": {"enum": ["card", "cash", None]}},
        "if": {"properties": {"payment": {"const": "card"}}},
        "then": {"properties": {"card_digits": {"type": "string"}}, "required": ["card_digits"]},
        "dependentSchemas": {"payment": {"properties": {"locker_count": {"type": "integer"}}}},
    }
    assert read(schema) == {"payment": "card", "card_digits": "4411", "locker_count": 2}


def test_all_of_narrows_and_adds():
    """F12: properties of every part, the types that all of them allow."""
    parts = [
        {"properties": {"locker_count": {"type": ["integer", "null"]}}},
        {"properties": {"locker_count": {"type": "integer"}, "member_no": {"type": "string"}}},
    ]
    assert asked({"allOf": parts}) == {"locker_count": ["integer"], "member_no": ["string"]}
    assert read({"allOf": parts}) == {"locker_count": 2, "member_no": "HR-2207"}


@pytest.mark.parametrize(
    ("leaf", "types"),
    [
        ({"enum": [1, 2.5, None]}, ["integer", "number", "null"]),
        ({"const": 3}, ["integer"]),
        ({"type": ["string", "null"], "enum": ["a", "b"]}, ["string"]),  # the choices leave null no room
        ({"anyOf": [{"const": "a"}, {"const": "b"}, {"type": "null"}]}, ["string", "null"]),
        ({"oneOf": [{"type": "string"}, {"type": "number"}]}, ["number", "string"]),
        ({"anyOf": [{"enum": ["a"]}, {"enum": [None]}]}, ["string", "null"]),
        (True, []),
        ({}, []),
        ({"type": "array", "items": {"type": "array", "items": {"type": "number"}}}, [[["number"]]]),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]}, [["number", "string"]]),
        ({"type": "array", "contains": {"type": "string"}}, [["string"]]),
        ({"type": ["object", "null"], "properties": {"a": {"type": "string"}}}, {"a": ["string"]}),
    ],
)
def test_a_leaf_is_asked_for_in_the_types_it_may_have(leaf: Any, types: Any):
    """F12: one property, one row of the table."""
    assert asked({"properties": {"x": leaf}}) == {"x": types}


def test_what_is_forbidden_is_not_asked_for():
    """F12: a property whose schema is false may not be there."""
    assert asked({"properties": {"a": False, "b": {"type": "string"}}}) == {"b": ["string"]}


def test_choices_among_numbers_are_read():
    """F12: an enum of numbers gives a number, not its text."""
    assert read({"properties": {"locker_count": {"enum": [1, 2, 3]}}}) == {"locker_count": 2}


def test_seven_levels_are_filled():
    """F12: the deepest that is allowed, to its leaf."""
    schema: dict[str, Any] = {"properties": {"member_no": {"type": "string"}}}
    for level in range(6):
        schema = {"type": "object", "properties": {f"level_{level}": schema}}
    data = read(schema)
    for level in reversed(range(6)):
        data = data[f"level_{level}"]
    assert data == {"member_no": "HR-2207"}


def test_bounds_of_one_branch_do_not_sift_the_others():
    """F12: a value that fits the second branch only is kept."""
    schema = {
        "properties": {
            "locker_count": {"anyOf": [{"type": "integer", "minimum": 10}, {"type": "integer", "maximum": 5}]}
        }
    }
    assert read(schema) == {"locker_count": 2}


def test_a_model_is_held_by_what_every_vendor_enforces_and_told_the_rest():
    """F12: the schema sent to a vendor and the linter's table are one and the same promise."""
    leaf = {"type": "string", "pattern": "^HR-", "minLength": 3, "format": "date", "description": "As on the card"}
    choice = {"enum": [{"a": 1}, "x"]}
    sent = answer_schema(walk({"properties": {"a": leaf, "b": {"type": "array", "items": leaf}, "c": choice}}))
    assert _keywords(sent) - {"description"} <= EVERYWHERE
    assert all(vendor.enforced >= EVERYWHERE for vendor in VENDORS)
    described = sent["properties"]["a"]["description"]
    assert all(told in described for told in ("As on the card", "^HR-", "format: date"))


def _keywords(schema: Any) -> set[str]:
    below = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return set(schema).union(*map(_keywords, below))


@pytest.mark.timeout(60)
def test_five_thousand_properties_are_walked():
    """F12: the largest schema does not hold a worker up before anything is read."""
    schema = {"properties": {f"p{i}": {} for i in range(5_000)}}
    assert len(walk(schema).children) == 5_000
