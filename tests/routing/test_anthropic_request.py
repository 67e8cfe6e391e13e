"""What a chat in OpenAI's words becomes in Anthropic's, as its server receives it from the official SDK."""

from __future__ import annotations

import json

import pytest

from routing.contracts import Endpoint
from routing.errors import ContextTooLong, UnsupportedParameter, UpstreamRefused
from routing.providers import anthropic
from tests.fakes import Fails, FakeVendor, Says
from tests.routing.test_secrecy import whole_chain

CANARY = "canary-5d20"
USER = {"role": "user", "content": "Hi"}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}


async def ask(model: str = "claude-sonnet-5-5", **body) -> dict:
    with FakeVendor("anthropic", Says("hello")) as vendor:
        endpoint = Endpoint("anthropic", vendor.base_url, "key-of-anthropic")
        await anthropic.chat(endpoint, model, {"messages": [USER]} | body)
    return vendor.requests[0].json | {"version": vendor.requests[0].headers["anthropic-version"]}


async def refusal(**body) -> UnsupportedParameter:
    with FakeVendor("anthropic", Says("hello")) as vendor:
        endpoint = Endpoint("anthropic", vendor.base_url, "key-of-anthropic")
        with pytest.raises(UnsupportedParameter) as raised:
            await anthropic.chat(endpoint, "m", {"messages": [USER]} | body)
    assert vendor.requests == []
    assert raised.value.provider == "anthropic"
    assert raised.value.code == "unsupported_parameter"
    assert CANARY not in whole_chain(raised.value)
    return raised.value


def format_of(schema: object, *, strict: bool | None = None) -> dict:
    return {"type": "json_schema", "json_schema": {"name": "bill", "strict": strict, "schema": schema}}


async def test_a_plain_chat(settings):
    settings.GATEWAY_MAX_OUTPUT_TOKENS = 1234
    sent = await ask(model="claude-sonnet-5-5", stream=False, n=1, seed=7, store=True, metadata={"a": "b"})
    sent.pop("version")
    assert sent == {
        "model": "claude-sonnet-5-5",
        "max_tokens": 1234,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }


async def test_limits_stops_user_and_effort():
    sent = await ask(max_tokens=50, stop="END", user="u-1", reasoning_effort="minimal")
    assert (sent["max_tokens"], sent["stop_sequences"], sent["metadata"]) == (50, ["END"], {"user_id": "u-1"})
    assert sent["output_config"] == {"effort": "low"}
    sent = await ask(max_tokens=50, max_completion_tokens=60, stop=["A", "B"])
    assert (sent["max_tokens"], sent["stop_sequences"]) == (60, ["A", "B"])


async def test_whoever_speaks_for_the_system_is_put_first_and_turns_alternate():
    sent = await ask(
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "One"},
            {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
            {"role": "user", "content": [{"type": "text", "text": "Two"}, {"type": "text", "text": "  "}]},
            {"role": "assistant", "content": "Three  ", "name": "x"},
        ]
    )
    assert sent["system"] == "Be brief.\n\nBe kind."
    assert sent["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "Two"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Three"}]},
    ]


async def test_if_only_the_system_speaks_it_is_heard():
    sent = await ask(messages=[{"role": "system", "content": "Say hello."}])
    assert sent["messages"] == [{"role": "user", "content": [{"type": "text", "text": "Say hello."}]}]
    assert "system" not in sent


async def test_images_and_documents():
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.jpg"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"}},
    ]
    sent = await ask(messages=[{"role": "user", "content": parts}])
    assert sent["messages"][0]["content"][1:] == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
        {"type": "image", "source": {"type": "url", "url": "https://example.org/a.jpg"}},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}},
    ]


async def test_calls_of_tools_and_their_results():
    calls = [
        {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}},
        {"id": "c2", "type": "function", "function": {"name": "now", "arguments": ""}},
    ]
    sent = await ask(
        tools=[WEATHER, {"type": "function", "function": {"name": "now"}}],
        messages=[
            USER,
            {"role": "assistant", "content": "Let me look.", "tool_calls": calls},
            {"role": "tool", "tool_call_id": "c1", "content": "rain"},
            {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "noon"}]},
            {"role": "user", "content": "And?"},
        ],
    )
    assert sent["messages"][1:] == [
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Oslo"}},
                {"type": "tool_use", "id": "c2", "name": "now", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "c1", "content": "rain"},
                {"type": "tool_result", "tool_use_id": "c2", "content": "noon"},
                {"type": "text", "text": "And?"},
            ],
        },
    ]
    assert sent["tools"] == [
        {"name": "weather", "description": "of a city", "input_schema": WEATHER["function"]["parameters"]},
        {"name": "now", "input_schema": {"type": "object", "properties": {}}},
    ]
    assert "tool_choice" not in sent


@pytest.mark.parametrize(
    ("choice", "parallel", "sent"),
    [
        ("auto", None, {"type": "auto"}),
        ("none", False, {"type": "none"}),
        ("required", None, {"type": "any"}),
        ("required", False, {"type": "any", "disable_parallel_tool_use": True}),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        (None, True, None),
        ({"type": "function", "function": {"name": "weather"}}, None, {"type": "tool", "name": "weather"}),
    ],
)
async def test_the_choice_of_tools(choice: object, parallel: bool | None, sent: dict | None):
    asked = await ask(tools=[WEATHER], tool_choice=choice, parallel_tool_calls=parallel)
    assert asked.get("tool_choice") == sent


async def test_a_strict_tool_is_closed():
    strict = {"type": "function", "function": WEATHER["function"] | {"strict": True}}
    tool = (await ask(tools=[strict]))["tools"][0]
    assert (tool["strict"], tool["input_schema"]["additionalProperties"]) == (True, False)


async def test_a_schema_is_enforced_and_closed():
    sent = await ask(response_format=format_of(SCHEMA))
    assert sent["output_config"] == {
        "format": {"type": "json_schema", "schema": SCHEMA | {"additionalProperties": False}}
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        SCHEMA | {"additionalProperties": {"type": "number"}},
        {"type": "object", "properties": {f"p{n}": {"type": ["string", "null"]} for n in range(17)}},
    ],
)
async def test_a_schema_they_could_not_enforce_as_it_is_meant_is_put_in_words(schema: dict):
    sent = await ask(response_format=format_of(schema))
    assert "output_config" not in sent
    assert json.dumps(schema, separators=(",", ":")) in sent["system"]


async def test_an_object_without_a_schema_is_asked_for_in_words():
    sent = await ask(response_format={"type": "json_object"}, messages=[{"role": "system", "content": "S."}, USER])
    assert sent["system"] == "S.\n\nAnswer with one JSON object and nothing else."
    assert "system" not in await ask(response_format={"type": "text"})


async def test_a_schema_that_is_refused_is_put_in_words_unless_the_caller_insists():
    with FakeVendor("anthropic", Fails(400), Says({"total": 1})) as vendor:
        endpoint = Endpoint("anthropic", vendor.base_url, "key-of-anthropic")
        await anthropic.chat(endpoint, "m", {"messages": [USER], "response_format": format_of(SCHEMA)})
    assert ["output_config" in request.json for request in vendor.requests] == [True, False]
    for answer, kind, strict in (
        (Fails(400), UpstreamRefused, True),
        (Fails(400, error={"message": "prompt is too long: 300000 tokens > 200000 maximum"}), ContextTooLong, None),
        (Fails(404), UpstreamRefused, None),
    ):
        with FakeVendor("anthropic", answer) as vendor:
            endpoint = Endpoint("anthropic", vendor.base_url, "key-of-anthropic")
            body = {"messages": [USER], "response_format": format_of(SCHEMA, strict=strict)}
            with pytest.raises(kind):
                await anthropic.chat(endpoint, "m", body)
        assert len(vendor.requests) == 1


@pytest.mark.parametrize(
    ("model", "body", "sampling", "version"),
    [
        ("claude-sonnet-4-6", {"temperature": 0.4}, {"temperature": 0.4}, "2023-06-01"),
        ("claude-haiku-4-5-20251001", {"temperature": 1.8, "top_p": 0.5}, {"temperature": 1}, "2023-06-01"),
        ("claude-opus-4-5", {"top_p": 0.5}, {"top_p": 0.5}, "2023-06-01"),
        ("claude-opus-4-5", {}, {}, "2026-10-21"),
        ("claude-opus-4-7", {"temperature": 0.4}, {}, "2026-10-21"),
        ("claude-haiku-5-5", {"temperature": 0.4, "top_p": 0.5}, {}, "2026-10-21"),
    ],
)
async def test_a_temperature_goes_to_models_that_take_one(model: str, body: dict, sampling: dict, version: str):
    sent = await ask(model=model, **body)
    assert {name: sent[name] for name in ("temperature", "top_p") if name in sent} == sampling
    assert sent["version"] == version


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"logit_bias": {"1": 5}}, "logit_bias"),
        ({"frequency_penalty": 0.5}, "frequency_penalty"),
        ({"presence_penalty": -0.5}, "presence_penalty"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"audio": {"voice": CANARY}}, "audio"),
        ({"functions": [{"name": CANARY}]}, "functions"),
        ({"web_search_options": {}}, "web_search_options"),
        ({CANARY: 1}, "unknown"),
        ({"stop": "\n"}, "stop"),
        ({"tools": [{"type": "custom", "custom": {"name": CANARY}}]}, "tools"),
        ({"tools": [WEATHER], "tool_choice": {"type": "allowed_tools"}}, "tool_choice"),
        ({"response_format": {"type": "grammar", "grammar": CANARY}}, "response_format"),
        ({"messages": [{"role": "function", "content": CANARY}]}, "messages.role"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio", "data": CANARY}]}]}, "messages.content"),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": f"http://{CANARY}"}}]}
                ]
            },
            "messages.image_url",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": CANARY}}]}]},
            "messages.file",
        ),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": f'{{"{CANARY}'}}]}]},
            "messages.tool_calls.function.arguments",
        ),
    ],
)
async def test_what_has_no_counterpart_is_refused_and_said_to_be(body: dict, parameter: str):
    error = await refusal(**body)
    assert error.parameter == parameter
    assert parameter in str(error)


async def test_what_says_nothing_is_nothing_to_refuse():
    harmless = {"n": 1, "logprobs": False, "logit_bias": {}, "frequency_penalty": 0, "presence_penalty": 0.0}
    await ask(**harmless, modalities=["text"], audio=None, functions=None, tools=[], tool_choice="auto")
