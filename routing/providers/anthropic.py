"""Anthropic's Messages API, through its official SDK. How requests and answers are translated: `anthropic_*.py`.

Answers are taken from the SDK as bytes and read here, since it checks nothing that it parses.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import anthropic
import httpx2
from anthropic import AsyncStream
from anthropic.resources import AsyncMessages
from django.conf import settings

from routing.contracts import ChatEvent, ChatReply, Completion, CompletionRequest, Endpoint, Room, StopReason
from routing.errors import (
    BadCompletion,
    StreamCut,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from routing.providers.anthropic_reply import Chunker, read_usage, translate_message
from routing.providers.anthropic_request import MAX_UNIONS, count_unions, translate_request
from routing.providers.chunks import parse_object
from routing.providers.failures import from_error_event, from_status
from routing.providers.limits import NO_ROOM, read_room
from routing.providers.transport import TIMEOUT, keep, open_client, tls_context
from routing.structured import ask_enforced, is_schema_refusal, schema_instruction

# At DEBUG the SDK logs whole requests, prompts included, whatever the level of the house; its client, every address.
logging.getLogger("anthropic").setLevel(logging.INFO)
for client in ("httpx2", "httpcore2"):
    logging.getLogger(client).setLevel(logging.WARNING)
tls_context()  # this module is imported in a thread: build it here, not on the event loop

Answer = TypeVar("Answer")
Sent = tuple[bytes, Room]
ODD_SHAPE = (AttributeError, KeyError, TypeError, ValueError)

STOP_REASONS: dict[object, StopReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


async def chat(endpoint: Endpoint, model: str, body: Mapping[str, Any]) -> ChatReply:
    answer, room = await _ask_format(model, body, partial(_create, endpoint))
    message = parse_object(answer)
    try:
        told, usage, finish = translate_message(message or {})
    except ODD_SHAPE:
        pass
    else:
        return ChatReply(told, usage, finish, room)
    raise BadCompletion(endpoint.provider)


async def stream_chat(endpoint: Endpoint, model: str, body: Mapping[str, Any]) -> AsyncGenerator[ChatEvent, None]:
    """Pings count as signs of life: while it thinks, a model of theirs may say nothing for minutes."""
    provider = endpoint.provider
    stream = await _ask_format(model, body, partial(_open_stream, endpoint))
    try:
        if not stream.response.headers.get("content-type", "").startswith("text/event-stream"):
            raise BadCompletion(provider)
        idle, clock = getattr(settings, "GATEWAY_IDLE_SECONDS", 30), asyncio.get_running_loop().time
        room = read_room(stream.response.headers)
        events, chunker = AsyncStream.raw_events(stream.response), Chunker()
        while not chunker.whole:
            # `spoke`: something has gone out; until then the caller's patience decides.
            data = await _next_event(provider, events, chunker.spoke, clock() + idle if chunker.spoke else None)
            spoke_before = chunker.spoke
            for event in _feed(provider, chunker, data):
                yield event if spoke_before or room is NO_ROOM else replace(event, room=room)
                spoke_before = True
    finally:
        await stream.close()


async def complete(endpoint: Endpoint, request: CompletionRequest) -> Completion:
    schema = request.response_schema

    async def ask(enforce: bool) -> Completion:
        answer, _ = await _create(endpoint, _body(request, enforce=enforce))
        return _read(endpoint, request, parse_object(answer))

    return await ask_enforced(ask, enforce=schema is not None and count_unions(schema) <= MAX_UNIONS)


async def _ask_format(
    model: str, body: Mapping[str, Any], ask: Callable[[dict[str, Any]], Awaitable[Answer]]
) -> Answer:
    """A schema that they cannot enforce is asked for in words, unless the caller insists on it."""
    asked = translate_request(body, model)
    try:
        return await ask(asked)
    except UpstreamRefused as refusal:
        enforced = "format" in asked.get("output_config", {})
        if not enforced or body["response_format"]["json_schema"].get("strict") or not is_schema_refusal(refusal):
            raise
    return await ask(translate_request(body, model, enforce=False))


async def _create(endpoint: Endpoint, asked: dict[str, Any]) -> Sent:
    async def create(messages: AsyncMessages) -> Sent:
        response = await messages.with_raw_response.create(**asked)
        return await response.read(), read_room(response.headers)

    return await _call(endpoint, create)


async def _open_stream(endpoint: Endpoint, asked: dict[str, Any]) -> AsyncStream[Any]:
    async def create(messages: AsyncMessages) -> AsyncStream[Any]:
        return await messages.create(**asked, stream=True)

    return await _call(endpoint, create)


async def _call(endpoint: Endpoint, ask: Callable[[AsyncMessages], Awaitable[Answer]]) -> Answer:
    client = await keep(endpoint, partial(_open, endpoint))
    failure: UpstreamError
    try:
        return await ask(client.messages)
    except anthropic.APIError as error:
        failure = _translate(endpoint.provider, error)
    except (httpx2.HTTPError, httpx2.StreamError, ValueError):
        failure = UpstreamUnavailable(endpoint.provider)
    # Raised out here, our error has no __context__: the SDK's holds the body, which may echo the prompt.
    raise failure


def _open(endpoint: Endpoint) -> anthropic.AsyncAnthropic:
    # Key, address and telemetry are always given, or the SDK goes looking for them in the
    # environment and on disk; its spans can hold the content of prompts.
    return anthropic.AsyncAnthropic(
        api_key=endpoint.api_key,
        base_url=endpoint.base_url,
        max_retries=0,
        timeout=TIMEOUT,
        http_client=open_client(),
        open_telemetry=False,
    )


async def _next_event(provider: str, events: Any, delivered: bool, until: float | None) -> dict[str, Any]:
    try:
        async with asyncio.timeout_at(until):
            sent = await anext(events)
    # The last: the stream has ended. Before it: what came is not even text.
    except (httpx2.HTTPError, httpx2.StreamError, TimeoutError, ValueError, StopAsyncIteration):
        sent = None
    if sent and not sent.data:
        return {"type": sent.event}
    data = parse_object(sent.data) if sent else None
    if data is None:
        raise StreamCut(provider, delivered=delivered)
    return data


def _feed(provider: str, chunker: Chunker, data: dict[str, Any]) -> list[ChatEvent]:
    if data.get("type") == "error":
        told = None if chunker.spoke else from_error_event(provider, data.get("error"))
        raise told or StreamCut(provider, delivered=chunker.spoke)
    spoke = chunker.spoke
    try:
        return chunker.feed(data)
    except ODD_SHAPE:
        pass
    raise StreamCut(provider, delivered=spoke)


def _body(request: CompletionRequest, *, enforce: bool) -> dict[str, Any]:
    system = [message.content for message in request.messages if message.role == "system"]
    turns = [{"role": m.role, "content": m.content} for m in request.messages if m.role != "system"]
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_output_tokens,
        "messages": turns,
    }
    if enforce:
        body["output_config"] = {"format": {"type": "json_schema", "schema": request.response_schema}}
    elif request.response_schema is not None:
        system.append(schema_instruction(request.response_schema))
    return body | ({"system": "\n\n".join(system)} if system else {})


def _read(endpoint: Endpoint, request: CompletionRequest, message: Any) -> Completion:
    try:
        usage = read_usage(message["usage"])
        return Completion(
            text="".join(block["text"] for block in message["content"] if block["type"] == "text"),
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            provider=endpoint.provider,
            model=request.model,
            stop_reason=STOP_REASONS.get(message.get("stop_reason"), "other"),
        )
    except ODD_SHAPE:
        pass
    raise BadCompletion(endpoint.provider)


def _translate(provider: str, error: anthropic.APIError) -> UpstreamError:
    if isinstance(error, anthropic.APITimeoutError):
        return UpstreamTimeout(provider)
    if isinstance(error, anthropic.APIStatusError):
        return from_status(provider, error.status_code, error.response.headers, error.response.content)
    if isinstance(error, anthropic.APIResponseValidationError):
        return BadCompletion(provider)
    return UpstreamUnavailable(provider)
