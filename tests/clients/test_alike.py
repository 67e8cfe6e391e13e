"""The two clients have the same operations, and each says how it is used."""

from __future__ import annotations

import inspect

import pytest

import littlepull_client
from littlepull_client import AsyncLittlePull, LittlePull
from littlepull_client.pointers import find_value
from littlepull_client.refusals import read_delay
from littlepull_client.sse import Lines, Messages


def operations(client: object) -> dict[str, inspect.Signature]:
    found = {}
    for name in dir(client):
        if not name.startswith("_") and name not in ("hands", "close"):
            one = getattr(client, name)
            inner = {} if callable(one) else operations(one)
            found |= {f"{name}.{path}": signature for path, signature in inner.items()}
            found |= {name: inspect.signature(one)} if callable(one) else {}
    return found


def test_both_clients_have_the_same_operations_with_the_same_arguments():
    blocking, asynchronous = operations(LittlePull("k")), operations(AsyncLittlePull("k"))
    assert blocking.keys() == asynchronous.keys() >= {"extract", "schemas.list", "chat.completions.create"}
    for name, signature in blocking.items():
        assert signature.parameters == asynchronous[name].parameters, name
    assert all(getattr(LittlePull, name).__doc__ for name in blocking if "." not in name)


def test_help_says_what_comes_back():
    returns = [one["extract"].return_annotation for one in map(operations, (LittlePull("k"), AsyncLittlePull("k")))]
    assert returns == ["Extraction", "Awaitable[Extraction]"]
    assert operations(LittlePull("k"))["schemas.list"].return_annotation == "Iterator[SavedSchema]"


def test_everything_that_is_promised_is_there():
    assert all(hasattr(littlepull_client, name) for name in littlepull_client.__all__)
    assert sorted(littlepull_client.__all__, key=str) == sorted(set(littlepull_client.__all__), key=str)


def test_json_pointers_are_those_of_the_rfc():
    document = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8}
    found = {pointer: find_value(document, pointer) for pointer in ("", "/foo/0", "/", "/a~1b", "/m~0n")}
    assert found == {"": document, "/foo/0": "bar", "/": 0, "/a~1b": 1, "/m~0n": 8}
    for nowhere in ("/x", "/foo/2", "/foo/-1", "/foo/-", "foo", "/foo/0/1"):
        with pytest.raises(LookupError):
            find_value(document, nowhere)


def test_events_survive_any_cut_and_separators_of_unicode():
    told = 'id: 1\r\ndata: {"a": "\u2028\u0085x"}\r\n\r\n: still here\n\ndata: one\ndata: two\n\n'.encode()
    for size in (1, 2, 7, len(told)):
        lines, messages = Lines(), Messages()
        cut = [line for start in range(0, len(told), size) for line in lines.feed(told[start : start + size])]
        whole = [message for line in cut if (message := messages.feed(line)) is not None]
        assert whole == ['{"a": "\u2028\u0085x"}', "one\ntwo"]


def test_a_retry_after_that_says_nothing_is_none():
    assert [read_delay(told) for told in ("", "soon", "-1", "1.5")] == [None] * 4
    assert read_delay("7") == 7
    assert read_delay("Wed, 21 Oct 2015 07:28:00 GMT") == 0
