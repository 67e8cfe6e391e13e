"""The scripted provider: any client of OpenAI's can talk to it, it says the same each time, and fails when asked to."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from time import monotonic

import jsonschema_rs
import openai
import pytest

from routing.contracts import Endpoint
from routing.errors import RateLimited, StreamCut, UpstreamError
from routing.providers import openai_compatible, scripted
from routing.providers.example import make_example
from routing.providers.scripted_trouble import TROUBLE

ROOT = Path(__file__).parents[2]
CANARY = "canary-0b7d"
USER = {"role": "user", "content": f"What is {CANARY}?"}
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 2},
        "count": {"type": "integer", "minimum": 3, "multipleOf": 2},
        "kind": {"enum": ["a", "b"]},
        "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        "lines": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/line"}},
        "left_out": {"type": "string"},
    },
    "required": ["name", "count", "kind", "note", "lines"],
    "$defs": {"line": {"type": "object", "properties": {"paid": {"type": "boolean"}}, "required": ["paid"]}},
}
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": SCHEMA if name == "file" else {"type": "object"}}}
    for name in ("file", "find")
]


async def talk(call):
    """`call` gets the official client of OpenAI, pointed at a fresh server."""
    server = await scripted.start()
    try:
        async with openai.AsyncOpenAI(api_key="any", base_url=server.base_url, max_retries=0) as client:
            return await call(client.chat.completions.create)
    finally:
        await server.close()


async def say(**options):
    return await talk(lambda create: create(model="echo", messages=[USER], **options))


async def stream(**options):
    async def collect(create):
        return [chunk async for chunk in await create(model="echo", messages=[USER], stream=True, **options)]

    return await talk(collect)


async def test_it_answers_the_official_client_and_always_the_same():
    first, second = await say(), await say()
    assert first == second
    assert first.choices[0].message.content == scripted.ANSWER
    assert first.choices[0].finish_reason == "stop"
    assert first.usage.total_tokens == first.usage.prompt_tokens + first.usage.completion_tokens > 10
    assert CANARY not in first.model_dump_json()


async def test_a_stream_says_what_the_whole_says():
    chunks = await stream(stream_options={"include_usage": True})
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == scripted.ANSWER
    assert chunks[-1].usage == (await say()).usage
    assert all(chunk.usage is None for chunk in await stream())


async def test_it_stops_at_the_limit():
    answer = await say(max_tokens=2)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (scripted.ANSWER[:8], "length")
    assert answer.usage.completion_tokens == 2
    assert (await stream(max_completion_tokens=2))[-1].choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    ("choice", "name"), [("required", "file"), ({"type": "function", "function": {"name": "find"}}, "find")]
)
async def test_it_calls_a_tool_when_it_has_to(choice, name: str):
    answer = await say(tools=TOOLS, tool_choice=choice)
    call = answer.choices[0].message.tool_calls[0]
    assert (call.function.name, answer.choices[0].finish_reason) == (name, "tool_calls")
    jsonschema_rs.validate(SCHEMA if name == "file" else {}, json.loads(call.function.arguments))
    chunks = await stream(tools=TOOLS, tool_choice=choice)
    deltas = [c.choices[0].delta.tool_calls[0] for c in chunks if c.choices[0].delta.tool_calls]
    assert (deltas[0].id, deltas[0].function.name) == (call.id, name)
    assert "".join(delta.function.arguments or "" for delta in deltas) == call.function.arguments


async def test_it_calls_none_when_it_need_not():
    assert (await say(tools=TOOLS, tool_choice="auto")).choices[0].message.tool_calls is None


async def test_it_fills_a_schema():
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    filled = json.loads((await say(response_format=wanted)).choices[0].message.content)
    jsonschema_rs.validate(SCHEMA, filled)
    assert "left_out" not in filled
    assert (await say(response_format={"type": "json_object"})).choices[0].message.content == "{}"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["null", "string"]},
        {"const": 5},
        {"type": "number", "exclusiveMinimum": 2},
        {"type": "integer", "maximum": -7},
        {"type": "string", "format": "date"},
        {"oneOf": [{"type": "array", "items": {}}]},
        {"properties": {"a": {}}, "required": ["a"]},
        {},
    ],
)
def test_examples_satisfy_their_schema(schema: dict):
    jsonschema_rs.validate(schema, make_example(schema))


def test_a_schema_that_holds_itself_comes_to_an_end():
    node = {"type": "object", "properties": {"child": {"$ref": "#"}}, "required": ["child"]}
    assert "child" in make_example(node)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"messages": 5}', b'{"messages": [], "tools": 5, "tool_choice": "required"}']
)
async def test_nonsense_is_refused(body: bytes, caplog):
    server = await scripted.start()
    request = urllib.request.Request(f"{server.base_url}/chat/completions", data=body)
    try:
        with pytest.raises(urllib.error.HTTPError) as raised:
            await asyncio.to_thread(urllib.request.urlopen, request)
    finally:
        await server.close()
    assert raised.value.code == 400
    assert caplog.text == ""


OUTCOMES = {
    "refuses": ("upstream_refused", "upstream_refused"),
    "too-long": ("upstream_refused", "upstream_refused"),
    "fails-500": ("upstream_unavailable", "upstream_unavailable"),
    "fails-502": ("upstream_unavailable", "upstream_unavailable"),
    "fails-503": ("upstream_unavailable", "upstream_unavailable"),
    "busy": ("rate_limited", "rate_limited"),
    "busy-seconds": ("rate_limited", "rate_limited"),
    "busy-date": ("rate_limited", "rate_limited"),
    "busy-ms": ("rate_limited", "rate_limited"),
    "busy-azure-ms": ("rate_limited", "rate_limited"),
    "busy-reset": ("rate_limited", "rate_limited"),
    "hangs": ("timeout", "timeout"),
    "drops": ("upstream_unavailable", "upstream_unavailable"),
    "cut": ("upstream_unavailable", "cut after 1"),
    "no-done": ("upstream_unavailable", "cut after 1"),
    "error-event": ("upstream_unavailable", "cut after 1"),
    "error-first": ("upstream_unavailable", "upstream_unavailable"),
    "malformed": ("bad_completion", "cut after 0"),
    "other-shape": ("bad_completion", "cut after 0"),
    "empty": ("bad_completion", "cut after 0"),
    "html": ("bad_completion", "bad_completion"),
    "drips": ("timeout", "cut after 1"),
}


def test_each_trouble_is_tried():
    assert set(OUTCOMES) == set(TROUBLE)


@pytest.mark.parametrize("model", OUTCOMES)
async def test_each_trouble_is_what_its_name_says(settings, model: str):
    settings.GATEWAY_IDLE_SECONDS = 0.3
    server = await scripted.start()
    endpoint = Endpoint("scripted", server.base_url, "")
    body = {"messages": [USER]}
    came = 0

    async def listen() -> None:
        nonlocal came
        async for _ in openai_compatible.stream_chat(endpoint, f"scripted/{model}", body):
            came += 1

    outcomes = []
    for attempt in (lambda: openai_compatible.chat(endpoint, model, body), listen):
        try:
            async with asyncio.timeout(0.6):
                await attempt()
        except TimeoutError:
            outcomes.append("timeout")
        except StreamCut as error:
            assert error.delivered is bool(came)
            outcomes.append(f"cut after {came}")
        except UpstreamError as error:
            outcomes.append(error.code)
            if isinstance(error, RateLimited) and model != "busy":
                assert error.retry_after == pytest.approx(2, abs=1.1)
    started = monotonic()
    await server.close()
    assert monotonic() - started < 2
    assert tuple(outcomes) == OUTCOMES[model]


def test_developers_run_it_by_a_command():
    command = [sys.executable, "manage.py", "scripted_provider", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            url = process.stdout.readline().partition("=")[2].strip()
            with urllib.request.urlopen(f"{url}/models", timeout=10) as answer:
                names = {model["id"] for model in json.load(answer)["data"]}
        finally:
            process.terminate()
    assert "echo" in names
    assert "hangs" in names
