"""Customers' servers: they listen on 127.0.0.1, keep what they are sent, and verify it as the specification says.

    with Receiver(500, 204) as receiver:
        ...create an endpoint at receiver.url...
        receiver.wait_for(2)

Answers are given in order, the last one again and again: a status, a status with headers, or seconds of silence.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Message:
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def is_signed_with(self, secret: str) -> bool:
        """Written from the specification (standardwebhooks.com), not from our code."""
        if abs(time.time() - int(self.headers["webhook-timestamp"])) > 300:
            return False
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = b".".join([self.id.encode(), self.headers["webhook-timestamp"].encode(), self.body])
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return expected in self.headers["webhook-signature"].split(" ")


@dataclass(frozen=True)
class Answers:
    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0


class Receiver:
    def __init__(self, *answers: int | Answers, tls: ssl.SSLContext | None = None) -> None:
        self.answers = [Answers(answer) if isinstance(answer, int) else answer for answer in answers] or [Answers()]
        self.tls = tls
        self.messages: list[Message] = []
        self.closing = threading.Event()
        self._arrived = threading.Condition()

    def __enter__(self) -> Self:
        self._server = ReceiverServer(self)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        """By its name, which tests trust; by its number it is nobody's."""
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}/hooks"

    def take(self, message: Message) -> Answers:
        with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()
            return self.answers[min(len(self.messages), len(self.answers)) - 1]

    def wait_for(self, count: int, *, seconds: float = 20) -> list[Message]:
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.messages) >= count, seconds), (
                f"{len(self.messages)} of {count} messages arrived in {seconds} s"
            )
        return self.messages


class ReceiverServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, *_: object) -> None:
        """Clients that hang up, or do not like our certificate, are what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: ReceiverServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.receiver.take(Message(self.path, headers, body))
        self.server.receiver.closing.wait(answer.after)
        self.send_response(answer.status)
        for name, value in {**answer.headers, "content-length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        return
