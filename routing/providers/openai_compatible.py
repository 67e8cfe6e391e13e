"""Chat completions as OpenAI defined them: Together AI, Fireworks, Groq, and any server of one's own.

They differ in base URL, key and how much of a JSON Schema they enforce. Most hold the model
to it by grammar and never show it the schema, so in `complete` the schema is in the prompt as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings

from routing.contracts import ChatEvent, ChatReply, Completion, CompletionRequest, Endpoint, StopReason
from routing.errors import BadCompletion, StreamCut, UpstreamError
from routing.providers.chunks import Fault, Splitter, parse_object, read_answer_shape, read_event
from routing.providers.exchange import encode, end_stream, post, read_answer, read_piece
from routing.providers.failures import from_error_event
from routing.providers.limits import NO_ROOM, read_room
from routing.providers.transport import tls_context
from routing.structured import ask_enforced, schema_instruction

tls_context()  # this module is imported in a thread: build it here, not on the event loop

NOBODY_ELSES = ("store", "metadata")  # for OpenAI's own dashboard; Groq refuses a request that holds them
STOP_REASONS: dict[str, StopReason] = {"stop": "stop", "length": "length", "refusal": "refusal"}


async def chat(endpoint: Endpoint, model: str, body: Mapping[str, Any]) -> ChatReply:
    response = await post(endpoint, encode(_ask(body, model, stream=False)))
    answer = await read_answer(endpoint.provider, response)
    shape = read_answer_shape(answer)
    if shape is None:
        raise _read_refusal(endpoint.provider, answer)
    usage, finish = shape
    return ChatReply(answer, usage, finish, read_room(response.headers))


async def stream_chat(endpoint: Endpoint, model: str, body: Mapping[str, Any]) -> AsyncGenerator[ChatEvent, None]:
    """Between events of a stream that has begun no more than GATEWAY_IDLE_SECONDS pass; comments are no events."""
    provider = endpoint.provider
    response = await post(endpoint, encode(_ask(body, model, stream=True)))
    whole = delivered = False
    try:
        if response.content_type != "text/event-stream":
            raise BadCompletion(provider)
        idle, clock = getattr(settings, "GATEWAY_IDLE_SECONDS", 30), asyncio.get_running_loop().time
        room = read_room(response.headers)
        splitter, until = Splitter(), None
        while not whole:
            piece = await read_piece(provider, response, until=until, delivered=delivered)
            came = False
            for block in splitter.feed(piece):
                event = read_event(block)
                if event is None:
                    continue
                if isinstance(event, Fault):
                    raise _fail_stream(provider, event, delivered=delivered)
                if not delivered and room is not NO_ROOM:
                    event = replace(event, room=room)
                came, delivered, whole = True, True, event.done
                yield event
                if whole:
                    break
            if came:
                until = clock() + idle
            if not whole and (not piece or splitter.overflows):
                raise StreamCut(provider, delivered=delivered)
    finally:
        await end_stream(response, whole=whole)


def _ask(body: Mapping[str, Any], model: str, *, stream: bool) -> dict[str, Any]:
    asked = {**body, "model": model, "stream": stream}
    # Of the two names of this limit, all of them know the older, and some would pass over the newer.
    if (most := asked.pop("max_completion_tokens", None)) is not None:
        asked["max_tokens"] = most
    for name in NOBODY_ELSES:
        asked.pop(name, None)
    if stream:
        options = body.get("stream_options")
        asked["stream_options"] = (options if isinstance(options, dict) else {}) | {"include_usage": True}
    else:
        asked.pop("stream_options", None)
    # OpenAI's younger name for "system", which no chat template of an open model knows.
    if any(message.get("role") == "developer" for message in asked["messages"]):
        asked["messages"] = [m | {"role": "system"} if m.get("role") == "developer" else m for m in asked["messages"]]
    return asked


def _fail_stream(provider: str, fault: Fault, *, delivered: bool) -> UpstreamError:
    """Before anything was delivered, another may still be asked, and what this one says decides about that."""
    told = None if delivered else from_error_event(provider, fault.error)
    return told or StreamCut(provider, delivered=delivered)


def _read_refusal(provider: str, answer: bytes) -> UpstreamError:
    """Some say with status 200 that something went wrong."""
    return from_error_event(provider, (parse_object(answer) or {}).get("error")) or BadCompletion(provider)


async def complete(endpoint: Endpoint, request: CompletionRequest) -> Completion:
    async def ask(enforce: bool) -> Completion:
        response = await post(endpoint, encode(_body(endpoint, request, enforce=enforce)))
        return _read(endpoint, request, await read_answer(endpoint.provider, response))

    return await ask_enforced(ask, enforce=request.response_schema is not None)


def _body(endpoint: Endpoint, request: CompletionRequest, *, enforce: bool) -> dict[str, Any]:
    # One system message, at the start: chat templates of open models refuse any other arrangement.
    system = [message.content for message in request.messages if message.role == "system"]
    turns = [{"role": m.role, "content": m.content} for m in request.messages if m.role != "system"]
    body: dict[str, Any] = {"model": request.model, "max_tokens": request.max_output_tokens}
    if request.response_schema is not None:
        system.append(schema_instruction(request.response_schema))
        body["response_format"] = (
            _format(request.response_schema) if enforce else _loose(endpoint, request.response_schema)
        )
    first = [{"role": "system", "content": "\n\n".join(system)}] if system else []
    return body | {"messages": first + turns}


def _loose(endpoint: Endpoint, schema: dict[str, Any]) -> dict[str, Any]:
    """llama.cpp's older word for a schema, which vendors might refuse: for servers of one's own."""
    return {"type": "json_object"} | ({"schema": schema} if endpoint.provider == "selfhosted" else {})


def _format(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "result", "strict": True, "schema": schema}}


def _read(endpoint: Endpoint, request: CompletionRequest, answer: bytes) -> Completion:
    if (shape := read_answer_shape(answer)) is None:
        raise _read_refusal(endpoint.provider, answer)
    usage, finish = shape
    text = (parse_object(answer) or {})["choices"][0]["message"].get("content")
    return Completion(
        text=text if isinstance(text, str) else "",
        input_tokens=usage.input_tokens if usage else 0,
        output_tokens=usage.output_tokens if usage else 0,
        provider=endpoint.provider,
        model=request.model,
        stop_reason=STOP_REASONS.get(finish, "other"),
    )
