"""Streams of a server of OpenAI's wire format: byte for byte as they came, and one clear error where they break."""

from __future__ import annotations

import asyncio
import json
from time import monotonic

import pytest

from routing.contracts import ChatEvent, Endpoint, Room, Usage
from routing.errors import BadCompletion, RateLimited, StreamCut, UpstreamError, UpstreamUnavailable
from routing.providers import openai_compatible
from tests.fakes import Answer, Fails, FakeVendor, Raw, Streams, _as_event, openai_chunks
from tests.routing.test_secrecy import whole_chain

CANARY = "canary-93be"
BODY = {"messages": [{"role": "user", "content": f"Say {CANARY}."}]}
FIRST, *REST = openai_chunks("Hél", "lo")


def endpoint(vendor: FakeVendor) -> Endpoint:
    return Endpoint("together", vendor.base_url, f"key-of-{vendor.dialect}")


async def read(vendor: FakeVendor, **body) -> list[ChatEvent]:
    return [event async for event in openai_compatible.stream_chat(endpoint(vendor), "served", BODY | body)]


async def breaking(answer: Answer) -> tuple[list[ChatEvent], UpstreamError]:
    events = []
    with FakeVendor("openai", answer) as vendor, pytest.raises(UpstreamError) as raised:
        async for event in openai_compatible.stream_chat(endpoint(vendor), "served", BODY):
            events.append(event)
    assert CANARY not in whole_chain(raised.value)
    assert raised.value.__context__ is None
    return events, raised.value


async def test_events_come_as_they_went_out_and_are_counted():
    sent = openai_chunks("Hél", "lo")
    with FakeVendor("openai", Streams(sent)) as vendor:
        events = await read(vendor, stream_options={"include_usage": False, "other": 1})
    assert [event.data for event in events] == [e if isinstance(e, bytes) else _as_event(e) for e in sent]
    assert [event.letters for event in events] == [0, 3, 2, 0, 0, 0]
    assert [event.finish for event in events] == ["", "", "", "stop", "", ""]
    assert [event.usage for event in events] == [None, None, None, None, Usage(11, 7, 4), None]
    assert [event.bare_usage for event in events] == [False, False, False, False, True, False]
    assert [event.done for event in events] == [False] * 5 + [True]
    assert vendor.requests[0].json["stream"] is True
    assert vendor.requests[0].json["stream_options"] == {"include_usage": True, "other": 1}


async def test_arguments_of_tools_and_thoughts_are_letters_too():
    call = {"index": 0, "function": {"name": "find", "arguments": '{"a"'}}
    deltas = [{"tool_calls": [call]}, {"reasoning_content": "hm"}, {"refusal": "no"}, {"content": None}, None]
    events = tuple({"choices": [{"delta": delta}]} for delta in deltas)
    with FakeVendor("openai", Streams((*events, b"data: [DONE]\n\n"))) as vendor:
        assert [event.letters for event in await read(vendor)] == [8, 2, 2, 0, 0, 0]


@pytest.mark.parametrize("cut", range(1, 12))
async def test_wherever_the_network_cuts_the_events_are_the_same(cut: int):
    whole = b"".join(e if isinstance(e, bytes) else _as_event(e) for e in openai_chunks("Hél", "lo"))
    pieces = tuple(whole[start : start + cut * 7] for start in range(0, len(whole), cut * 7))
    with FakeVendor("openai", Streams(pieces, gap=0.0005)) as vendor:
        events = await read(vendor)
    assert b"".join(event.data for event in events) == whole
    assert sum(event.letters for event in events) == 5
    assert len(events) == 6


@pytest.mark.parametrize("ending", [b"\r\n", b"\r", b"\n"])
async def test_every_line_ending_ends_a_line(ending: bytes):
    whole = b"".join(e if isinstance(e, bytes) else _as_event(e) for e in openai_chunks("Hello")).replace(b"\n", ending)
    with FakeVendor("openai", Streams((whole[:100], whole[100:101], whole[101:]))) as vendor:
        events = await read(vendor)
    assert b"".join(event.data for event in events) == whole
    assert len(events) == 5


async def test_comments_and_other_fields_are_no_answer():
    events = (b": keep-alive\n\n", b"id: 1\nevent: x\ndata: " + json.dumps(FIRST).encode() + b"\nretry: 5\n\n", *REST)
    with FakeVendor("openai", Streams(events)) as vendor:
        assert len(await read(vendor)) == 6


async def test_data_may_stand_on_several_lines():
    lines = b'data: {"choices":\ndata: [{"delta": {"content": "abc"}}]}\n\n'
    with FakeVendor("openai", Streams((lines, b"data:[DONE]\n\n"))) as vendor:
        assert [(event.data, event.letters) for event in await read(vendor)] == [(lines, 3), (b"data:[DONE]\n\n", 0)]


async def test_an_emoji_cut_in_two_is_passed_on():
    halves = tuple(b'data: {"choices": [{"delta": {"content": "\\u%s"}}]}\n\n' % half for half in (b"d83d", b"de00"))
    with FakeVendor("openai", Streams((*halves, b"data: [DONE]\n\n"))) as vendor:
        events = await read(vendor)
    assert ([event.data for event in events[:2]], events[0].letters) == ([*halves], 1)


async def test_the_room_comes_with_the_first_event():
    headers = {"x-ratelimit-remaining-requests": "3", "x-ratelimit-remaining-tokens": "40"}
    with FakeVendor("openai", Streams(openai_chunks("a"), headers=headers)) as vendor:
        events = await read(vendor)
    assert [event.room for event in events] == [Room(3, 40)] + [None] * 4


async def test_after_a_whole_stream_the_connection_is_kept():
    with FakeVendor("openai", Streams(openai_chunks("a"))) as vendor:
        for _ in range(3):
            await read(vendor)
        assert len(vendor.connections) == 1


@pytest.mark.parametrize("then", ["end", "cut"])
async def test_a_stream_that_ends_before_its_end_was_cut(then):
    events, error = await breaking(Streams(openai_chunks("Hel", "lo")[:3], then=then))
    assert len(events) == 3
    assert isinstance(error, StreamCut)
    assert (error.code, error.delivered, error.provider) == ("cut", True, "together")


@pytest.mark.parametrize("then", ["end", "cut"])
async def test_before_the_first_event_nothing_was_delivered(then):
    events, error = await breaking(Streams((b": waiting\n\n",), then=then))
    assert (events, error.delivered) == ([], False)


@pytest.mark.parametrize(
    "event",
    [
        {"error": {"message": CANARY, "type": "server_error"}},
        {"error": CANARY},
        {"said": CANARY},
        {"choices": [CANARY]},
        {"choices": 5},
        b'data: {"choices": [{"delta": {"content": "canary-93be\n\n',
        b"data: canary-93be\n\n",
        b"data: []\n\n",
        b"event: error\ndata: {}\n\n",
    ],
)
async def test_an_error_or_nonsense_in_the_middle_ends_it(event: object):
    events, error = await breaking(Streams((FIRST, event, *REST)))
    assert (len(events), type(error), error.delivered) == (1, StreamCut, True)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": CANARY, "code": 503}, UpstreamUnavailable),
        ({"message": CANARY, "type": "rate_limit_exceeded"}, RateLimited),
        ({"message": CANARY, "code": "odd"}, StreamCut),
    ],
)
async def test_an_error_in_place_of_the_first_event_says_what_it_is(error: dict[str, object], kind: type):
    events, raised = await breaking(Streams(({"error": error},)))
    assert (events, type(raised)) == ([], kind)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Fails(429), RateLimited),
        (Fails(500), UpstreamUnavailable),
        (Raw(f"<html>{CANARY}".encode(), "text/html"), BadCompletion),
        (Raw(b'{"choices": [{"message": {"content": "canary-93be"}}]}'), BadCompletion),
        (Raw(b"", "text/event-stream"), StreamCut),
    ],
)
async def test_what_is_no_stream_is_refused_before_anything_goes_out(answer: Answer, kind: type):
    events, error = await breaking(answer)
    assert (events, type(error)) == ([], kind)


async def test_silence_after_the_first_event_ends_it(settings):
    settings.GATEWAY_IDLE_SECONDS = 0.2
    started = monotonic()
    events, error = await breaking(Streams((FIRST,), then="hang"))
    assert (len(events), type(error), error.delivered) == (1, StreamCut, True)
    assert 0.15 < monotonic() - started < 1.5


async def test_a_drip_that_never_makes_an_event_is_silence(settings):
    settings.GATEWAY_IDLE_SECONDS = 0.3
    drip = tuple(bytes([byte]) for byte in _as_event(FIRST)[:-2])
    started = monotonic()
    events, error = await breaking(Streams((FIRST, *drip), gap=0.05, then="hang"))
    assert (len(events), type(error), error.delivered) == (1, StreamCut, True)
    assert monotonic() - started < 1.5


async def test_events_that_come_slowly_but_come_are_no_silence(settings):
    settings.GATEWAY_IDLE_SECONDS = 0.5
    with FakeVendor("openai", Streams(openai_chunks("a", "b", "c"), gap=0.12)) as vendor:
        assert len(await read(vendor)) == 7


async def test_the_callers_own_slowness_is_no_silence(settings):
    settings.GATEWAY_IDLE_SECONDS = 0.2
    with FakeVendor("openai", Streams(openai_chunks("a", "b"), gap=0.01)) as vendor:
        async for _ in openai_compatible.stream_chat(endpoint(vendor), "served", BODY):
            await asyncio.sleep(0.3)


async def test_closing_hangs_up_at_once():
    with FakeVendor("openai", Streams((FIRST,), then="hang")) as vendor:
        stream = openai_compatible.stream_chat(endpoint(vendor), "served", BODY)
        await anext(stream)
        await stream.aclose()
        assert await asyncio.to_thread(vendor.hung_up.wait, 5)


async def test_cancelling_hangs_up_at_once():
    with FakeVendor("openai", Streams((FIRST,), then="hang")) as vendor:
        task = asyncio.create_task(read(vendor))
        assert await asyncio.to_thread(vendor.asked.wait, 5)
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(vendor.hung_up.wait, 5)
