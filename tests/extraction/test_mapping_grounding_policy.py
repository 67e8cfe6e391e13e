"""Under strict grounding nothing stays in the data that the media does not bear out, and every pointer points."""

from __future__ import annotations

from typing import Any

import pytest

from extraction.mapping.grounding_policy import drop_ungrounded
from extraction.mapping.values import Field, Mapped

TEXT = {"type": ["string", "null"]}
SCHEMA = {
    "type": "object",
    "properties": {
        "name": TEXT,
        "must": {"type": "string"},
        "a/b": TEXT,
        "party": {"type": "object", "properties": {"city": TEXT, "code": {"type": "string"}}},
        "tags": {"type": "array", "items": {"type": "string"}},
        "notes": {"type": "array", "items": TEXT},
        "perhaps": {"type": ["array", "null"], "items": {"type": "string"}},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": TEXT,
                    "sku": {"type": "string"},
                    "marks": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}


def mapped(data: Any, ungrounded: set[str], missing: tuple[str, ...] = ()) -> Mapped:
    fields = [
        Field(pointer, value, 0.2, (), False, "ungrounded") if pointer in ungrounded else Field(pointer, value, 0.9)
        for pointer, value in leaves(data)
    ]
    return Mapped(data, (*fields, *(Field(one, None, 0.0, reason="not_found") for one in missing)), "groq/some-model")


def leaves(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [one for name, item in value.items() for one in leaves(item, f"{pointer}/{name.replace('/', '~1')}")]
    if isinstance(value, list):
        return [one for index, item in enumerate(value) for one in leaves(item, f"{pointer}/{index}")]
    return [(pointer, value)]


def pointed(data: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        data = data[int(step)] if isinstance(data, list) else data.get(step.replace("~1", "/"))
    return data


@pytest.mark.parametrize(
    ("data", "ungrounded", "left"),
    [
        ({"name": "Lind", "must": "x"}, {"/name"}, {"name": None, "must": "x"}),
        ({"name": "Lind", "must": "x"}, {"/must"}, {"name": "Lind"}),
        ({"a/b": "x"}, {"/a~1b"}, {"a/b": None}),
        ({"party": {"city": "Ayr", "code": "7"}}, {"/party/city", "/party/code"}, {"party": {"city": None}}),
        ({"tags": ["a", "b", "c"]}, {"/tags/0", "/tags/1"}, {"tags": ["c"]}),
        ({"notes": ["a", "b"]}, {"/notes/0"}, {"notes": [None, "b"]}),
        ({"tags": ["a"]}, {"/tags/0"}, {"tags": []}),
        ({"perhaps": ["a"]}, {"/perhaps/0"}, {"perhaps": None}),
        ({"items": [{"name": "a", "sku": "1"}]}, {"/items/0/sku"}, {"items": [{"name": "a"}]}),
        (
            {"items": [{"name": "a"}, {"name": "b", "marks": ["x", "y"]}]},
            {"/items/0/name", "/items/1/marks/0"},
            {"items": [{"name": "b", "marks": ["y"]}]},
        ),
    ],
)
def test_what_is_ungrounded_goes(data: Any, ungrounded: set[str], left: Any):
    strict = drop_ungrounded(mapped(data, ungrounded), SCHEMA)
    assert strict.data == left
    for field in strict.fields:
        assert field.grounded or (field.value, field.confidence, field.reason) == (None, 0.0, "ungrounded")
        if field.value is not None:
            assert pointed(strict.data, field.pointer) == field.value
    assert {pointer for pointer, value in leaves(strict.data) if value is not None} <= {
        field.pointer for field in strict.fields
    }


def test_what_was_taken_out_is_named_where_it_stood():
    strict = drop_ungrounded(mapped({"name": "Lind", "must": "x", "tags": ["a"]}, {"/must", "/tags/0"}), SCHEMA)
    assert [(one.pointer, one.reason) for one in strict.fields if one.value is None] == [
        ("/must", "ungrounded"),
        ("/tags", "ungrounded"),
    ]


def test_a_missing_leaf_of_an_item_moves_up_with_it():
    data = {"items": [{"name": "a"}, {"name": "b"}]}
    strict = drop_ungrounded(mapped(data, {"/items/0/name"}, missing=("/items/0/sku", "/items/1/sku")), SCHEMA)
    assert [(one.pointer, one.value, one.reason) for one in strict.fields] == [
        ("/items/0/name", "b", None),
        ("/items/0/sku", None, "not_found"),
    ]


def test_a_root_that_is_one_value_can_go_too():
    assert drop_ungrounded(mapped("x", {""}), TEXT).data is None
    assert drop_ungrounded(mapped(["x", "y"], {"/0"}), {"type": "array", "items": {"type": "string"}}).data == ["y"]


def test_what_is_borne_out_stays_untouched():
    kept = mapped({"name": "Lind", "tags": ["a"], "items": []}, set())
    assert drop_ungrounded(kept, SCHEMA) is kept
