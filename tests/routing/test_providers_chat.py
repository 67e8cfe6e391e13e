"""Whole chats with a server of OpenAI's wire format: what it is asked, and what is made of what it answers."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
import trustme

from routing.contracts import Endpoint, Room, Usage
from routing.errors import (
    BadCompletion,
    ContextTooLong,
    RateLimited,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from routing.providers import openai_compatible
from routing.providers.limits import read_wait
from routing.providers.transport import close_connections, keep, open_session, tls_context
from tests.fakes import Answer, Calls, Drops, Fails, FakeVendor, Hangs, Raw, Says
from tests.routing.test_secrecy import whole_chain

CANARY = "canary-41c7"
BODY = {"messages": [{"role": "user", "content": f"Say {CANARY}."}], "temperature": 0.2}
TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}


def endpoint(vendor: FakeVendor) -> Endpoint:
    return Endpoint("groq", vendor.base_url, f"key-of-{vendor.dialect}")


async def chat(vendor: FakeVendor, **body):
    return await openai_compatible.chat(endpoint(vendor), "org/served", BODY | body)


async def failing(answer: Answer) -> UpstreamError:
    with FakeVendor("openai", answer) as vendor, pytest.raises(UpstreamError) as raised:
        await chat(vendor)
    assert CANARY not in whole_chain(raised.value)
    assert raised.value.__context__ is None
    assert raised.value.provider == "groq"
    return raised.value


async def test_the_answer_is_passed_on_as_it_came():
    body = (
        b'{ "choices":[{"index":0,"message":{"content":"h\xc3\xa9","odd": 1},"finish_reason":"stop"}], "extra":[1.50] }'
    )
    with FakeVendor("openai", Raw(body)) as vendor:
        reply = await chat(vendor)
    assert reply.body == body
    assert (reply.usage, reply.finish, reply.room) == (None, "stop", Room())


async def test_the_request_goes_out_under_the_providers_own_id_and_in_its_words():
    body = {
        "model": "auto",
        "max_completion_tokens": 9,
        "stream_options": {"include_usage": True},
        "store": True,
        "messages": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "tools": [TOOL],
    }
    with FakeVendor("openai", Says("hello")) as vendor:
        await openai_compatible.chat(endpoint(vendor), "org/served", body)
    assert vendor.requests[0].json == {
        "model": "org/served",
        "stream": False,
        "max_tokens": 9,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "tools": [TOOL],
    }
    assert body["messages"][0]["role"] == "developer"  # the caller's request is asked again elsewhere


@pytest.mark.parametrize(
    ("stop", "finish"),
    [("stop", "stop"), ("eos", "stop"), ("length", "length"), ("content_filter", "refusal"), ("odd", "other")],
)
async def test_how_it_ended_is_told_in_our_words(stop: str, finish: str):
    with FakeVendor("openai", Says("hello", stop=stop)) as vendor:
        reply = await chat(vendor)
    assert (reply.finish, reply.usage) == (finish, Usage(11, 7))


async def test_a_call_of_a_tool_is_an_answer_too():
    with FakeVendor("openai", Calls("look_up", {"name": "Ada"})) as vendor:
        reply = await chat(vendor, tools=[TOOL])
    assert reply.finish == "tool_calls"
    assert json.loads(reply.body)["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "look_up"


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}, Usage(9, 2, 4)),
        ({"prompt_tokens": 9, "completion_tokens": 2, "cached_tokens": 5}, Usage(9, 2, 5)),
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": None}, Usage(9, 2)),
        ({"prompt_tokens": 9, "completion_tokens": 2, "cached_tokens": 50}, Usage(9, 2, 9)),
        ({"prompt_tokens": 9, "completion_tokens": -1}, None),
        ({"prompt_tokens": "9", "completion_tokens": 2}, None),
        ({"prompt_tokens": True, "completion_tokens": 2}, None),
        ([], None),
        (None, None),
    ],
)
async def test_usage_is_believed_only_where_it_is_one(usage: object, read: Usage | None):
    answer = {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "usage": usage}
    with FakeVendor("openai", Raw(json.dumps(answer).encode())) as vendor:
        assert (await chat(vendor)).usage == read


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Fails(400), UpstreamRefused),
        (Fails(401), UpstreamRefused),
        (Fails(402), UpstreamRefused),
        (Fails(404), UpstreamRefused),
        (Fails(408), UpstreamTimeout),
        (Fails(409), UpstreamUnavailable),
        (Fails(413), ContextTooLong),
        (Fails(422), UpstreamRefused),
        (Fails(429), RateLimited),
        (Fails(498), UpstreamUnavailable),
        (Fails(500), UpstreamUnavailable),
        (Fails(502), UpstreamUnavailable),
        (Fails(503), UpstreamUnavailable),
        (Fails(504), UpstreamTimeout),
        (Fails(529), UpstreamUnavailable),
        (Fails(302, {"location": "http://127.0.0.1:9/"}), UpstreamUnavailable),
        (Drops(), UpstreamUnavailable),
        (Raw(f"<html>{CANARY}".encode(), "text/html"), BadCompletion),
        (Raw(f'{{"choices": [{{"message": {{"content": "{CANARY}'.encode()), BadCompletion),
        (Raw(f'{{"said": "{CANARY}"}}'.encode()), BadCompletion),
        (Raw(f'{{"choices": ["{CANARY}"]}}'.encode()), BadCompletion),
        (Raw(b'{"choices": [{"message": null}]}'), BadCompletion),
        (Raw(b'{"choices": []}'), BadCompletion),
        (Raw(b""), BadCompletion),
        (Raw(b"\xff\xfe"), BadCompletion),
        (Raw(b"[" * 100_000), BadCompletion),
        (Raw(b'{"error": {"message": "busy", "code": 503}}'), UpstreamUnavailable),
        (Raw(b'{"error": {"message": "busy", "type": "rate_limit_error"}}'), RateLimited),
    ],
)
async def test_every_failure_is_one_of_ours_and_tells_nothing(answer: Answer, kind: type[UpstreamError], caplog):
    caplog.set_level("DEBUG")
    error = await failing(answer)
    assert type(error) is kind
    assert error.status == (answer.status if isinstance(answer, Fails) else error.status)
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    "told",
    [
        {"code": "context_length_exceeded"},
        {"type": "exceed_context_size_error"},
        {"message": "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000"},
        {"message": "The prompt is too long: 9000, model maximum context length: 8192"},
        {"message": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193"},
        {"message": "Please reduce the length of the messages or completion."},
        {"message": "the request exceeds the available context size, try increasing it"},
    ],
)
async def test_a_request_too_long_for_one_model_is_told_apart(told: dict[str, str]):
    error = await failing(Fails(400, error=told))
    assert type(error) is ContextTooLong
    assert (error.code, error.status) == ("upstream_refused", 400)
    assert type(await failing(Fails(500, error=told))) is UpstreamUnavailable


async def test_words_that_a_provider_quotes_far_into_its_message_do_not_count():
    quoted = "Bad tool: " + "x" * 300 + " the context length"
    assert type(await failing(Fails(400, error={"message": quoted}))) is UpstreamRefused


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3),
        ({"retry-after-ms": "250"}, 0.25),
        ({"x-ms-retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"x-ratelimit-reset-requests": "1m2.5s"}, 62.5),
        ({"x-ratelimit-reset-tokens": "6ms"}, 0.006),
        ({"x-ratelimit-reset": "4"}, 4),
        (
            {
                "x-ratelimit-remaining-requests": "5",
                "x-ratelimit-reset-requests": "2m59.56s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "7.66s",
            },
            7.66,
        ),
        ({"retry-after": "soon", "x-ratelimit-reset-tokens": "later"}, None),
    ],
)
async def test_each_form_of_a_wait_is_understood(headers: dict[str, str], seconds: float | None):
    assert (await failing(Fails(429, headers))).retry_after == (seconds if seconds is None else pytest.approx(seconds))


async def test_a_reset_is_no_wait_unless_the_limit_was_hit():
    assert (await failing(Fails(500, {"x-ratelimit-reset-tokens": "9s"}))).retry_after is None
    assert (await failing(Fails(503, {"retry-after": "9"}))).retry_after == 9


@pytest.mark.parametrize(
    "value", ["", "-", "9" * 400, "ms", "1x", "Mon, 99 Foo", "2026-13-99T00:00:00Z", "0x10", "nan"]
)
def test_odd_waits_are_none(value: str):
    assert read_wait(value) is None


@pytest.mark.parametrize(
    ("headers", "room"),
    [
        (
            {
                "x-ratelimit-remaining-requests": "14370",
                "x-ratelimit-remaining-tokens": "17997",
                "x-ratelimit-reset-requests": "2m59.56s",
                "x-ratelimit-reset-tokens": "7.66s",
            },
            Room(14370, 17997, 179.56),
        ),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": "2", "x-tokenlimit-remaining": "900"}, Room(5, 900, 2.0)),
        (
            {"x-ratelimit-remaining-tokens-prompt": "70", "x-ratelimit-remaining-tokens-generated": "60"},
            Room(None, 60, None),
        ),
        ({"x-ratelimit-remaining-requests": "many"}, Room()),
    ],
)
async def test_the_room_left_is_read_from_an_answer(headers: dict[str, str], room: Room):
    with FakeVendor("openai", Raw(b'{"choices": [{"message": {}}]}')) as vendor:
        answer = vendor.answers[0]
        object.__setattr__(answer, "send", lambda handler: handler.reply(200, answer.body, headers=headers))
        assert (await chat(vendor)).room == room


async def test_connections_are_kept_until_they_are_closed():
    with FakeVendor("openai", Says("hello")) as vendor:
        for _ in range(3):
            await chat(vendor)
        assert len(vendor.connections) == 1
        await asyncio.gather(*(chat(vendor) for _ in range(10)))
        assert len(vendor.connections) <= 10
        await close_connections()
        await chat(vendor)
        assert len(vendor.requests) == 14


def test_what_is_kept_open_ends_with_its_event_loop():
    async def ask() -> aiohttp.ClientSession:
        with FakeVendor("openai", Says("hello")) as vendor:
            await chat(vendor)
        return await keep("openai_compatible", open_session)

    one, other = asyncio.run(ask()), asyncio.run(ask())
    assert one.closed and other.closed and one is not other


async def test_whoever_comes_while_it_is_being_opened_gets_the_same():
    """Else the first of two would be closed under those who use it already, at the start of every process."""
    opened = []

    @asynccontextmanager
    async def slowly() -> AsyncIterator[object]:
        opened.append(object())
        await asyncio.sleep(0.01)
        yield opened[-1]

    waiting = [asyncio.ensure_future(keep("slow", slowly)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()  # who opened it gives up; the others do not
    assert [await waiting[1], await waiting[2], await keep("slow", slowly)] == 3 * opened


async def test_what_could_not_be_opened_is_tried_again():
    attempts = []

    @asynccontextmanager
    async def the_second_time() -> AsyncIterator[str]:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError
        yield "open"

    with pytest.raises(OSError):
        await keep("at last", the_second_time)
    assert await keep("at last", the_second_time) == "open"


async def test_a_connection_that_the_server_closed_meanwhile_is_not_the_callers_concern():
    with FakeVendor("openai", Says("hello"), Drops(), Says("again")) as vendor:
        await chat(vendor)
        assert b"again" in (await chat(vendor)).body


async def test_cancelling_hangs_up():
    with FakeVendor("openai", Hangs()) as vendor:
        task = asyncio.create_task(chat(vendor))
        assert await asyncio.to_thread(vendor.asked.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(vendor.hung_up.wait, 5)


async def test_the_environment_names_no_proxy(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    with FakeVendor("openai", Says("hello")) as vendor:
        await chat(vendor)


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """A context for a server, and the way to make everybody trust it."""
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")

    def trust() -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        tls_context.cache_clear()

    yield context, trust
    tls_context.cache_clear()


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_certificate_somebody_must_vouch_for(certified, trusted: bool):
    context, trust = certified
    if trusted:
        trust()
    heard = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        body = b'{"choices": [{"message": {"content": "hello"}}]}'
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        asked = openai_compatible.chat(Endpoint("groq", url, "k"), "m", BODY)
        if trusted:
            assert b"hello" in (await asked).body
        else:
            with pytest.raises(UpstreamUnavailable):
                await asked
    assert bool(heard) is trusted
