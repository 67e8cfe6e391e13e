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
import threading
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
        contents = [message["content"] for message in self.json["messages"]]
        return "\n".join([self.json.get("system", ""), *contents])


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
class Fails:
    """An error. The body repeats the request, as real vendors' messages may: nobody must pass it on."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, handler: Handler) -> None:
        echo = handler.received.body.decode(errors="replace")
        error = {"type": "api_error", "code": "scripted", "message": f"cannot serve: {echo}"}
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
            if readable and not handler.connection.recv(1):
                vendor.hung_up.set()
                break
        handler.close_connection = True


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


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or a kept connection waits 40 ms between head and body
    server: VendorServer
    received: Received

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.received = Received(self.path, headers, body)
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


COMPLETIONS: dict[Dialect, Callable[[str, str | None, tuple[int, int]], dict[str, Any]]] = {
    "anthropic": _anthropic_message,
    "openai": _openai_chat,
}
