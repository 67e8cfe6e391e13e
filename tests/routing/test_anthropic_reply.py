"""Anthropic's answers, whole and streamed, as an OpenAI client gets them; through the official SDK, over a socket."""

from __future__ import annotations

import asyncio
import json

import pytest

from routing.contracts import ChatEvent, Endpoint, Room, Usage
from routing.errors import (
    BadCompletion,
    RateLimited,
    StreamCut,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from routing.providers import anthropic
from tests.fakes import Answer, Calls, Drops, Fails, FakeVendor, Raw, Says, Streams, anthropic_events
from tests.routing.test_secrecy import whole_chain

CANARY = "canary-e88b"
BODY = {"messages": [{"role": "user", "content": f"Say {CANARY}."}]}


def endpoint(vendor: FakeVendor) -> Endpoint:
    return Endpoint("anthropic", vendor.base_url, "key-of-anthropic")


async def reply_to(answer: Answer):
    with FakeVendor("anthropic", answer) as vendor:
        return await anthropic.chat(endpoint(vendor), "claude-haiku-5-5", BODY)


async def events_of(answer: Answer) -> list[ChatEvent]:
    with FakeVendor("anthropic", answer) as vendor:
        events = [event async for event in anthropic.stream_chat(endpoint(vendor), "claude-haiku-5-5", BODY)]
    assert vendor.requests[0].json["stream"] is True
    return events


async def breaking(answer: Answer) -> tuple[list[ChatEvent], UpstreamError]:
    events = []
    with FakeVendor("anthropic", answer) as vendor, pytest.raises(UpstreamError) as raised:
        async for event in anthropic.stream_chat(endpoint(vendor), "claude-haiku-5-5", BODY):
            events.append(event)
    assert CANARY not in whole_chain(raised.value)
    assert raised.value.__context__ is None
    return events, raised.value


def chunks(events: list[ChatEvent]) -> list[dict]:
    assert events[-1].data == b"data: [DONE]\n\n"
    assert all(event.data.startswith(b"data: ") and event.data.endswith(b"\n\n") for event in events)
    return [json.loads(event.data[6:]) for event in events[:-1]]


async def test_a_whole_answer():
    reply = await reply_to(Says("hello"))
    body = json.loads(reply.body)
    assert body.pop("created") > 1_700_000_000
    assert body == {
        "id": "msg_1",
        "object": "chat.completion",
        "model": "served",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "hello", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 16,
            "completion_tokens": 7,
            "total_tokens": 23,
            "prompt_tokens_details": {"cached_tokens": 5},
        },
    }
    assert (reply.usage, reply.finish, reply.room) == (Usage(16, 7, 5), "stop", Room())


async def test_a_call_of_a_tool():
    reply = await reply_to(Calls("weather", {"city": "Oslo"}))
    message = json.loads(reply.body)["choices"][0]["message"]
    function = {"name": "weather", "arguments": '{"city":"Oslo"}'}
    assert message["tool_calls"] == [{"id": "toolu_1", "type": "function", "function": function}]
    assert (message["content"], reply.finish) == (None, "tool_calls")
    spoken = await reply_to(Calls("weather", {}, text="Let me see."))
    assert json.loads(spoken.body)["choices"][0]["message"]["content"] == "Let me see."


@pytest.mark.parametrize(
    ("stop", "reason", "finish"),
    [
        ("end_turn", "stop", "stop"),
        ("stop_sequence", "stop", "stop"),
        ("max_tokens", "length", "length"),
        ("model_context_window_exceeded", "length", "length"),
        ("refusal", "content_filter", "refusal"),
        ("pause_turn", "stop", "other"),
    ],
)
async def test_how_it_ended(stop: str, reason: str, finish: str):
    reply = await reply_to(Says("hello", stop=stop))
    assert (json.loads(reply.body)["choices"][0]["finish_reason"], reply.finish) == (reason, finish)
    events = await events_of(Streams(anthropic_events(["hello"], stop=stop)))
    assert [event.finish for event in events if event.finish] == [finish]
    assert [c["choices"][0]["finish_reason"] for c in chunks(events) if c["choices"]][-1] == reason


async def test_a_stream_of_text():
    events = await events_of(Streams(anthropic_events(["Hé", "llo"])))
    told = chunks(events)
    assert {(c["id"], c["object"], c["model"]) for c in told} == {("msg_1", "chat.completion.chunk", "served")}
    assert [c["choices"][0]["delta"] for c in told if c["choices"]] == [
        {"role": "assistant", "content": "Hé"},
        {"content": "llo"},
        {},
    ]
    assert told[-1]["usage"] == {
        "prompt_tokens": 18,
        "completion_tokens": 7,
        "total_tokens": 25,
        "prompt_tokens_details": {"cached_tokens": 5},
    }
    assert [event.letters for event in events] == [2, 3, 0, 0, 0]
    assert [event.usage for event in events] == [None, None, None, Usage(18, 7, 5, 2), None]
    assert [event.bare_usage for event in events] == [False, False, False, True, False]
    assert [event.done for event in events] == [False] * 4 + [True]


async def test_a_stream_of_calls():
    blocks = (["Let me see."], ("weather", ['{"ci', 'ty": "Oslo"}']), ("now", [""]))
    events = await events_of(Streams(anthropic_events(*blocks, stop="tool_use")))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks(events) if chunk["choices"]]
    first = {"index": 0, "id": "toolu_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    second = {"index": 1, "id": "toolu_2", "type": "function", "function": {"name": "now", "arguments": ""}}
    assert deltas == [
        {"role": "assistant", "content": "Let me see."},
        {"tool_calls": [first]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"ci'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": 'ty": "Oslo"}'}}]},
        {"tool_calls": [second]},
        {"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]},
        {},
    ]
    assert [event.letters for event in events] == [11, 7, 4, 12, 3, 2, 0, 0, 0]
    assert [event.finish for event in events if event.finish] == ["tool_calls"]


async def test_thoughts_and_kinds_of_events_yet_unknown_are_passed_over():
    start, ping, *rest = anthropic_events(["hello"])
    thought = {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}
    events = await events_of(Streams((start, ping, thought, {"type": "message_news", "news": 1}, *rest)))
    assert [event.letters for event in events] == [5, 0, 0, 0]


async def test_the_last_count_of_usage_holds():
    usage = {"input_tokens": 20, "cache_read_input_tokens": None, "output_tokens": 9}
    events = await events_of(Streams(anthropic_events(["hello"], usage=usage)))
    assert events[-2].usage == Usage(27, 9, 5, 2)


async def test_the_room_that_is_left():
    headers = {
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-input-tokens-remaining": "30000",
        "anthropic-ratelimit-output-tokens-remaining": "8000",
        "anthropic-ratelimit-requests-reset": "2020-01-01T00:00:00Z",
    }
    events = await events_of(Streams(anthropic_events(["a", "b"]), headers=headers))
    assert [event.room for event in events] == [Room(49, 8000, 0.0)] + [None] * 4


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Fails(400), UpstreamRefused),
        (Fails(401), UpstreamRefused),
        (Fails(429, {"retry-after": "9"}), RateLimited),
        (Fails(500), UpstreamUnavailable),
        (Fails(504), UpstreamTimeout),
        (Fails(529), UpstreamUnavailable),
        (Fails(307, {"location": "http://127.0.0.1:9/"}), UpstreamUnavailable),
        (Drops(), UpstreamUnavailable),
        (Raw(f"<html>{CANARY}".encode(), "text/html"), BadCompletion),
        (Raw(f'{{"content": "{CANARY}"}}'.encode()), BadCompletion),
        (Raw(b'{"id": "1", "model": "m", "content": [{"type": "text"}], "usage": {"input_tokens": 1}}'), BadCompletion),
        (Raw(b'{"id": "1", "content": [{"ty'), BadCompletion),
        (Raw(b""), BadCompletion),
    ],
)
async def test_every_failure_is_one_of_ours_and_tells_nothing(answer: Answer, kind: type, caplog):
    caplog.set_level("DEBUG")
    with pytest.raises(UpstreamError) as raised:
        await reply_to(answer)
    assert type(raised.value) is kind
    assert raised.value.__context__ is None
    assert CANARY not in whole_chain(raised.value) + caplog.text
    events, streamed = await breaking(answer)
    assert (events, type(streamed)) == ([], kind)
    assert CANARY not in caplog.text
    if isinstance(answer, Fails):
        assert raised.value.status == streamed.status == answer.status
        assert raised.value.retry_after == (9 if answer.headers.get("retry-after") else None)


START, PING, BLOCK, DELTA, *REST = anthropic_events(["hello"])


@pytest.mark.parametrize(
    ("events", "then", "delivered"),
    [
        ((START, PING, BLOCK, DELTA), "end", 1),
        ((START, PING, BLOCK, DELTA), "cut", 1),
        ((START, PING), "end", 0),
        ((), "end", 0),
        ((START, BLOCK, DELTA, {"type": "error", "error": {"type": "overloaded_error", "message": CANARY}}), "end", 1),
        ((START, BLOCK, DELTA, b"event: content_block_delta\ndata: {canary-e88b\n\n"), "end", 1),
        ((START, BLOCK, DELTA, b"event: content_block_delta\ndata: 5\n\n"), "end", 1),
        ((START, BLOCK, DELTA, {"type": "content_block_delta", "delta": CANARY}), "end", 1),
        ((START, BLOCK, DELTA, {"type": "message_delta", "delta": {}, "usage": {"output_tokens": "9"}}), "end", 1),
        ((START, {"type": "message_start", "message": {}}), "end", 0),
    ],
)
async def test_a_stream_that_breaks_off(events: tuple, then, delivered: int, caplog):
    caplog.set_level("DEBUG")
    came, error = await breaking(Streams(events, then=then))
    assert (len(came), type(error)) == (delivered, StreamCut)
    assert error.delivered is bool(delivered)
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("told", "kind"),
    [("overloaded_error", UpstreamUnavailable), ("rate_limit_error", RateLimited), ("news", StreamCut)],
)
async def test_an_error_before_the_first_word_leaves_the_choice_of_another(told: str, kind: type):
    error = {"type": "error", "error": {"type": told, "message": CANARY}}
    assert type((await breaking(Streams((START, PING, error))))[1]) is kind


async def test_silence_ends_a_stream_and_pings_are_no_silence(settings):
    settings.GATEWAY_IDLE_SECONDS = 0.3
    events, error = await breaking(Streams((START, BLOCK, DELTA), then="hang"))
    assert (len(events), error.code) == (1, "cut")
    pings = Streams((START, BLOCK, DELTA, PING, PING, PING, PING, *REST), gap=0.12)
    assert (await events_of(pings))[-1].done


async def test_closing_a_stream_hangs_up_at_once():
    with FakeVendor("anthropic", Streams((START, BLOCK, DELTA), then="hang")) as vendor:
        stream = anthropic.stream_chat(endpoint(vendor), "claude-haiku-5-5", BODY)
        await anext(stream)
        await stream.aclose()
        assert await asyncio.to_thread(vendor.hung_up.wait, 5)


async def test_connections_are_kept():
    with FakeVendor("anthropic", Says("hello")) as vendor:
        for _ in range(3):
            await anthropic.chat(endpoint(vendor), "claude-haiku-5-5", BODY)
        assert len(vendor.connections) == 1
