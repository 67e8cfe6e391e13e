"""What is read of a chat request, and what is refused with which parameter named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from routing.errors import InvalidRequest, MalformedRequest, UnknownModel
from routing.request import TOKENS_OF_AN_IMAGE, ChatRequest, parse
from routing.words import Policy, Task

MESSAGES = [{"role": "user", "content": "Guten Morgen, schöne Welt ☀"}]


def read(headers: dict[str, str] | None = None, **body: Any) -> ChatRequest:
    return parse(json.dumps({"model": "auto", "messages": MESSAGES, **body}).encode(), headers or {})


@pytest.mark.parametrize(
    ("named", "policy", "model"),
    [
        ("auto", Policy.AUTO, None),
        ("auto:", Policy.AUTO, None),
        ("auto:cheapest", Policy.CHEAPEST, None),
        ("auto:best", Policy.BEST, None),
        ("groq/openai/gpt-oss-20b", Policy.NAMED, "groq/openai/gpt-oss-20b"),
    ],
)
def test_a_model_is_a_policy_or_a_name(named, policy, model):
    request = read(model=named)
    assert (request.policy, request.model) == (policy, model)
    assert "model" not in request.body


@pytest.mark.parametrize("named", ["gpt-4", "auto:named", "AUTO", "auto:auto"])
def test_other_names_are_unknown(named):
    with pytest.raises(UnknownModel):
        read(model=named)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"role": "boss", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content"),
        ({"model": None}, "model"),
        ({"stream": "yes"}, "stream"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"max_completion_tokens": 1.5}, "max_completion_tokens"),
        ({"n": 9}, "n"),
        ({"tools": {"a": 1}}, "tools"),
        ({"response_format": {"type": "yaml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.schema"),
        ({"stream": True, "stream_options": 1}, "stream_options"),
        ({"models": "groq/x"}, "models"),
        ({"provider": {"sort": "beauty"}}, "provider.sort"),
        ({"provider": {"zdr": 1}}, "provider.zdr"),
        ({"provider": {"max_price": {"input": "much"}}}, "provider.max_price.input"),
        ({"provider": {"max_price": {"input": -1}}}, "provider.max_price.input"),
    ],
)
def test_what_cannot_be_is_refused_by_name(body, param):
    with pytest.raises(InvalidRequest) as refused:
        read(**body)
    assert refused.value.param == param


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"model": "auto", "messages": ['])
def test_what_is_no_object_is_malformed_and_not_repeated(content):
    with pytest.raises(MalformedRequest) as refused:
        parse(content, {})
    assert refused.value.__context__ is None


def test_the_bound_of_its_tokens_is_never_too_low():
    """A token is at least a byte of the text; of an image sent along, its letters do not count."""
    request = read()
    assert request.input_bound >= len(MESSAGES[0]["content"].encode())
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 50_000}}
    seen = read(messages=[{"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]}])
    assert seen.vision
    assert TOKENS_OF_AN_IMAGE < seen.input_bound < TOKENS_OF_AN_IMAGE + 1000


def test_a_request_can_tighten_what_its_key_allows_and_not_loosen_it():
    """F53."""
    told = {"task": Task.OPEN_QA, "difficulty": 0.5, "confidence": 1.0}
    standing = {"deny_training": True, "max_retention_days": 7, "regions": ("eu",)}
    loose = read(provider={"data_collection": "allow"}).need(standing=standing, **told)
    assert (loose.deny_training, loose.max_retention_days, loose.regions) == (True, 7, ("eu",))
    tight = read(provider={"zdr": True, "only": ["groq"]}).need(standing=standing, **told)
    assert (tight.max_retention_days, tight.only) == (0, ("groq",))
    capped = read(provider={"max_price": {"prompt": 0.5, "completion": "2"}}).need(standing={}, **told)
    assert (capped.max_price_input, capped.max_price_output) == (50_000_000, 200_000_000)


def test_nothing_that_was_said_to_us_goes_on_to_a_provider():
    request = read({"x-littlepull-session": "s-1"}, provider={"only": ["groq"]}, models=["groq/a"], temperature=0.2)
    assert request.body.keys() == {"messages", "temperature"}
    assert request.session == "s-1"
    assert "schöne" not in repr(request) and "s-1" not in repr(request)
