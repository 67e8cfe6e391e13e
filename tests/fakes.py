"""Real servers at the outer edge: they listen on 127.0.0.1 and speak a vendor's wire format.

    with FakeVendor("anthropic", Says({"total": 12.5})) as vendor:
        ...point base_url at vendor.base_url...
        vendor.requests[0].json["model"]

Answers are given in order, the last one again and again. They are asked the way a vendor
is, over a socket, so that the SDK, its headers and its parsing are part of what is tested.
"""

from __future__ import annotations

import json
import select
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Protocol, Self

Dialect = Literal["anthropic", "openai"]
PATHS = {"anthropic": "/v1/messages", "openai": "/v1/chat/completions"}


@dataclass(frozen=True)
class Received:
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def prompt(self) -> str:
        """Everything the model would read: the system text and all messages."""
        contents = [_spoken(message["content"]) for message in self.json["messages"]]
        return "\n".join([self.json.get("system", ""), *contents])


def _spoken(content: Any) -> str:
    parts = content if isinstance(content, list) else [{"text": content or ""}]
    return "".join(part.get("text", "") for part in parts)


class Answer(Protocol):
    def send(self, handler: Handler) -> None: ...


@dataclass(frozen=True)
class Says:
    """A completion. An object is sent as JSON text, a string as it is. `stop` is in the vendor's words."""

    content: object
    stop: str | None = None
    usage: tuple[int, int] = (11, 7)

    def send(self, handler: Handler) -> None:
        text = self.content if isinstance(self.content, str) else json.dumps(self.content)
        handler.reply(200, COMPLETIONS[handler.server.vendor.dialect](text, self.stop, self.usage))


@dataclass(frozen=True)
class Calls:
    """A completion that calls one tool."""

    name: str
    arguments: Mapping[str, Any]
    text: str = ""

    def send(self, handler: Handler) -> None:
        completion = COMPLETIONS[handler.server.vendor.dialect](self.text, None, (11, 7))
        handler.reply(200, WITH_CALL[handler.server.vendor.dialect](completion, self))


@dataclass(frozen=True)
class Streams:
    """A stream of the given events. An object is one event in the vendor's dialect, bytes go out as they are.

    `then`: how it ends after them. `gap`: seconds before each.
    """

    events: tuple[object, ...]
    then: Literal["end", "cut", "hang"] = "end"
    gap: float = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, handler: Handler) -> None:
        handler.begin({"content-type": "text/event-stream"} | dict(self.headers))
        for event in self.events:
            time.sleep(self.gap)
            handler.continue_with(event if isinstance(event, bytes) else _as_event(event))
        if self.then == "end":
            handler.wfile.write(b"0\r\n\r\n")
        elif self.then == "hang":
            Hangs().send(handler)
        else:
            handler.close_connection = True


@dataclass(frozen=True)
class Fails:
    """An error. The body repeats the request, as real vendors' messages may: nobody must pass it on."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Mapping[str, Any] = field(default_factory=dict)  # what the vendor says besides

    def send(self, handler: Handler) -> None:
        echo = handler.received.body.decode(errors="replace")
        error = {"type": "api_error", "code": "scripted", "message": f"cannot serve: {echo}"} | dict(self.error)
        handler.reply(self.status, {"type": "error", "error": error}, headers=self.headers)


@dataclass(frozen=True)
class Raw:
    """Any bytes with status 200: broken JSON, JSON of another shape, a page of HTML."""

    body: bytes
    content_type: str = "application/json"

    def send(self, handler: Handler) -> None:
        handler.reply(200, self.body, headers={"content-type": self.content_type})


@dataclass(frozen=True)
class Hangs:
    """No answer. `vendor.hung_up` is set when the client closes the connection."""

    def send(self, handler: Handler) -> None:
        vendor = handler.server.vendor
        while not vendor.closing.is_set():
            readable, _, _ = select.select([handler.connection], [], [], 0.02)
            if readable and not _receive(handler):
                vendor.hung_up.set()
                break
        handler.close_connection = True


def _receive(handler: Handler) -> bytes:
    try:
        return handler.connection.recv(1)
    except ConnectionError:  # whoever closes with something unread resets
        return b""


@dataclass(frozen=True)
class Drops:
    """The connection breaks without a word."""

    def send(self, handler: Handler) -> None:
        handler.close_connection = True


class FakeVendor:
    def __init__(self, dialect: Dialect, *answers: Answer) -> None:
        self.dialect = dialect
        self.answers = answers
        self.requests: list[Received] = []
        self.asked = threading.Event()
        self.hung_up = threading.Event()
        self.connections: set[Any] = set()  # the addresses that requests came from
        self.closing = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server = VendorServer(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def will(self, *answers: Answer) -> None:
        """From now on; what was asked before is forgotten."""
        with self._lock:
            self.answers, self.requests = answers, []
            self.asked.clear()
            self.hung_up.clear()

    @property
    def base_url(self) -> str:
        root = f"http://127.0.0.1:{self._server.server_port}"
        return root if self.dialect == "anthropic" else f"{root}/v1"

    def settings(self) -> dict[str, str]:
        """An entry of LLM_PROVIDERS that leads here."""
        return {"api_key": f"key-of-{self.dialect}", "base_url": self.base_url}

    def take(self, received: Received) -> Answer:
        with self._lock:
            self.requests.append(received)
            self.asked.set()
            return self.answers[min(len(self.requests), len(self.answers)) - 1]

    def objection(self, received: Received) -> int | None:
        """The status a real vendor would answer to a request it could not even read."""
        if received.path != PATHS[self.dialect]:
            return 404
        if received.headers.get("authorization") != f"Bearer key-of-{self.dialect}":
            return 401
        if self.dialect == "anthropic" and "anthropic-version" not in received.headers:
            return 400
        return None


class VendorServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # of the standard five, a burst of callers would find the door shut

    def __init__(self, vendor: FakeVendor) -> None:
        self.vendor = vendor
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up in the middle here, and that is no news."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or a kept connection waits 40 ms between head and body
    server: VendorServer
    received: Received

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.received = Received(self.path, headers, body)
        self.server.vendor.connections.add(self.client_address)
        answer = self.server.vendor.take(self.received)
        status = self.server.vendor.objection(self.received)
        (Fails(status) if status else answer).send(self)

    def reply(self, status: int, body: object, *, headers: Mapping[str, str] | None = None) -> None:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in ({"content-type": "application/json"} | dict(headers or {})).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def begin(self, headers: Mapping[str, str]) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def continue_with(self, piece: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    def log_message(self, format: str, *args: object) -> None:
        """Requests are kept for assertions; stderr stays quiet."""


def _anthropic_message(text: str, stop: str | None, usage: tuple[int, int]) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "served",
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop or "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": usage[0], "output_tokens": usage[1], "cache_read_input_tokens": 5},
    }


def _openai_chat(text: str, stop: str | None, usage: tuple[int, int]) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "served",
        "choices": [{"index": 0, "message": message, "finish_reason": stop or "stop"}],
        "usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)},
    }


def _anthropic_call(message: dict[str, Any], call: Calls) -> dict[str, Any]:
    block = {"type": "tool_use", "id": "toolu_1", "name": call.name, "input": dict(call.arguments)}
    spoken = [part for part in message["content"] if part["text"]]
    return message | {"content": [*spoken, block], "stop_reason": "tool_use"}


def _openai_call(chat: dict[str, Any], call: Calls) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(call.arguments)}
    message = {"role": "assistant", "content": call.text or None}
    message |= {"tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
    return chat | {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}


WITH_CALL: dict[Dialect, Callable[[dict[str, Any], Calls], dict[str, Any]]] = {
    "anthropic": _anthropic_call,
    "openai": _openai_call,
}


def _as_event(event: Any) -> bytes:
    """Anthropic names the kind of an event twice, OpenAI never."""
    name = f"event: {event['type']}\n" if "type" in event else ""
    return f"{name}data: {json.dumps(event)}\n\n".encode()


def anthropic_events(*blocks: Any, stop: str = "end_turn", usage: Mapping[str, int] | None = None) -> tuple[Any, ...]:
    """A whole stream of theirs. A block is the pieces of a text, or the call of a tool: (name, pieces of its input)."""
    counted = {"input_tokens": 11, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 2, "output_tokens": 1}
    message = _anthropic_message("", None, (0, 0)) | {"content": [], "stop_reason": None, "usage": counted}
    events: list[Any] = [{"type": "message_start", "message": message}, {"type": "ping"}]
    for index, block in enumerate(blocks):
        events += _anthropic_block(index, block)
    ended = {"delta": {"stop_reason": stop, "stop_sequence": None}, "usage": dict(usage or {"output_tokens": 7})}
    return (*events, {"type": "message_delta"} | ended, {"type": "message_stop"})


def _anthropic_block(index: int, block: Any) -> list[Any]:
    if isinstance(block, tuple):
        name, pieces = block
        start = {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    else:
        start = {"type": "text", "text": ""}
        deltas = [{"type": "text_delta", "text": piece} for piece in block]
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def openai_chunks(*pieces: str, stop: str = "stop") -> tuple[Any, ...]:
    """A whole stream of OpenAI's, up to and with the last event."""
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "served"}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
    spoken = [head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    usage_details = {"prompt_tokens_details": {"cached_tokens": 4}}
    return (
        *spoken,
        head | {"choices": [{"index": 0, "delta": {}, "finish_reason": stop}]},
        head | {"choices": [], "usage": usage | usage_details},
        b"data: [DONE]\n\n",
    )


COMPLETIONS: dict[Dialect, Callable[[str, str | None, tuple[int, int]], dict[str, Any]]] = {
    "anthropic": _anthropic_message,
    "openai": _openai_chat,
}
