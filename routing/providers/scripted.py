"""A provider of our own over a real socket, in OpenAI's wire format: for test keys, drills and developers.

It calls no model. Its answers depend on the form of a request alone and repeat nothing of it but names of tools
and of schema keys; models named in `scripted_trouble` fail in the way that their name says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from routing.providers.chunks import parse_object
from routing.providers.example import make_example
from routing.providers.scripted_trouble import TROUBLE

ANSWER = "This is a scripted answer: no model was asked, and nothing was charged for it."
LARGEST_REQUEST = 64 * 1024 * 1024
LETTERS_PER_TOKEN = 4
CREATED = 1_767_225_600  # the first second of 2026; a clock would make two answers differ


@dataclass(frozen=True, slots=True)
class Said:
    """What is answered: text, or the call of a tool. `pieces`: the text as a stream gives it, a token each."""

    pieces: tuple[str, ...] = ()
    tool: str = ""
    arguments: str = field(default="", repr=False)
    finish: str = "stop"


@dataclass(slots=True)
class Server:
    base_url: str
    runner: web.AppRunner = field(repr=False)

    async def close(self) -> None:
        await self.runner.cleanup()


async def start(host: str = "127.0.0.1", port: int = 0) -> Server:
    """Listens when it returns. Port 0: a free one, named in `base_url`."""
    app = web.Application(client_max_size=LARGEST_REQUEST)
    app.router.add_post("/v1/chat/completions", answer)
    app.router.add_get("/v1/models", list_models)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return Server(f"http://{host}:{runner.addresses[0][1]}/v1", runner)


async def list_models(request: web.Request) -> web.Response:
    models = [
        {"id": name, "object": "model", "created": CREATED, "owned_by": "scripted"} for name in ("echo", *TROUBLE)
    ]
    return _json({"object": "list", "data": models})


async def answer(request: web.Request) -> web.StreamResponse:
    asked = parse_object(await request.read()) or {}
    if trouble := TROUBLE.get(str(asked.get("model", "")).rpartition("/")[2]):
        return await trouble(request, bool(asked.get("stream")))
    try:
        asked["messages"][:0]  # a list, or it is no chat
        said = _decide(asked)
        chunks = list(_chunks(asked, said)) if asked.get("stream") else []
        whole = _json(_whole(asked, said))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):  # odd messages, tools or schemas
        error = {"message": "No chat request.", "type": "invalid_request_error", "code": None, "param": None}
        return _json({"error": error}, status=400)
    return await _stream(request, chunks) if chunks else whole


def _decide(asked: Mapping[str, Any]) -> Said:
    if tool := _pick_tool(asked):
        arguments = make_example(tool.get("parameters") or {"type": "object"})
        return Said(tool=str(tool.get("name", "")), arguments=orjson.dumps(arguments).decode(), finish="tool_calls")
    pieces = _cut(_text(asked.get("response_format")))
    limits = (asked.get("max_completion_tokens"), asked.get("max_tokens"))
    limit = next((limit for limit in limits if type(limit) is int), len(pieces))
    return Said(pieces[:limit], finish="stop" if limit >= len(pieces) else "length")


def _pick_tool(asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """The one that the choice names, or the first where it leaves no choice but to call one."""
    tools = [tool.get("function") or {} for tool in asked.get("tools") or () if isinstance(tool, dict)]
    choice = asked.get("tool_choice")
    if choice == "required" and tools:
        return tools[0]
    if isinstance(choice, dict):
        name = (choice.get("function") or {}).get("name")
        return next((tool for tool in tools if tool.get("name") == name), None)
    return None


def _text(wanted: Any) -> str:
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind == "json_schema":
        return orjson.dumps(make_example((wanted.get("json_schema") or {}).get("schema"))).decode()
    return "{}" if kind == "json_object" else ANSWER


def _cut(text: str) -> tuple[str, ...]:
    return tuple(text[start : start + LETTERS_PER_TOKEN] for start in range(0, len(text), LETTERS_PER_TOKEN))


def _whole(asked: Mapping[str, Any], said: Said) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None if said.tool else "".join(said.pieces)}
    if said.tool:
        message["tool_calls"] = [_call(said)]
    choice = {"index": 0, "message": message, "finish_reason": said.finish}
    return _head(asked, "chat.completion") | {"choices": [choice], "usage": _usage(asked, said)}


def _chunks(asked: Mapping[str, Any], said: Said) -> Iterator[dict[str, Any]]:
    head = _head(asked, "chat.completion.chunk")
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None if said.tool else ""}]
    deltas += [{"content": piece} for piece in said.pieces]
    if said.tool:
        deltas.append({"tool_calls": [{"index": 0} | _call(said) | {"function": {"name": said.tool, "arguments": ""}}]})
        pieces = _cut(said.arguments)
        deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces]
    for delta in deltas:
        yield head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield head | {"choices": [{"index": 0, "delta": {}, "finish_reason": said.finish}]}
    if (asked.get("stream_options") or {}).get("include_usage"):
        yield head | {"choices": [], "usage": _usage(asked, said)}


async def _stream(request: web.Request, chunks: list[dict[str, Any]]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "text/event-stream", "cache-control": "no-cache"})
    await response.prepare(request)
    for chunk in chunks:
        await response.write(b"data: " + orjson.dumps(chunk) + b"\n\n")
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def _head(asked: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-scripted", "object": kind, "created": CREATED, "model": str(asked.get("model", ""))}


def _call(said: Said) -> dict[str, Any]:
    return {"id": "call_scripted", "type": "function", "function": {"name": said.tool, "arguments": said.arguments}}


def _usage(asked: Mapping[str, Any], said: Said) -> dict[str, int]:
    heard = -(-len(orjson.dumps(asked["messages"])) // LETTERS_PER_TOKEN)
    spoken = len(_cut(said.tool + said.arguments)) if said.tool else len(said.pieces)
    return {"prompt_tokens": heard, "completion_tokens": spoken, "total_tokens": heard + spoken}


def _json(body: object, *, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
