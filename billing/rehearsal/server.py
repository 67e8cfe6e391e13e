"""The rehearsed providers over HTTP: Dodo's API under /dodo, the page to pay on under /pay, Paddle's API elsewhere."""

from __future__ import annotations

import json
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

from billing.rehearsal import paddle
from billing.rehearsal.books import Books
from billing.rehearsal.stage import Rehearsal, provider_of, speaker_of

DODO_SECRET = "whsec_cmVoZWFyc2FsLXJlaGVhcnNhbC0wMDAw"  # noqa: S105 (nobody else's)
PADDLE_SECRET = "pdl_ntfset_rehearsal"  # noqa: S105 (nobody else's)
HANG_SECONDS = 30.0
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Rehearsal</title><h1>A rehearsal of {provider}</h1><p>{order}: {amount} USD. No money moves.</p>
<form method="post"><button name="act" value="pay">Pay</button>
<button name="act" value="fail">Decline</button></form>"""


def start(
    *,
    webhook_url: str | None = None,
    dodo_secret: str = DODO_SECRET,
    paddle_secret: str = PADDLE_SECRET,
    books: Books | None = None,
    port: int = 0,
) -> Rehearsal:
    """Listens on 127.0.0.1, in threads of its own, until `close` is called."""
    secrets = {"dodo": dodo_secret, "paddle": paddle_secret}
    rehearsal = Rehearsal("", webhook_url, secrets, books or Books())
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"rehearsal": rehearsal}))
    server.daemon_threads = True
    rehearsal.base_url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    rehearsal.close = close
    return rehearsal


class _Handler(BaseHTTPRequestHandler):
    rehearsal: Rehearsal
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PATCH(self) -> None:
        self._answer("PATCH")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        address = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        provider, _, path = address.path.lstrip("/").partition("/")
        if provider == "pay":
            self._show_page(method, path, content)
        elif provider == "dodo":
            self._answer_api(method, "dodo", path, dict(parse_qsl(address.query)), content)
        else:
            self._answer_api(method, "paddle", address.path, dict(parse_qsl(address.query)), content)

    def _answer_api(self, method: str, provider: str, path: str, query: dict[str, str], content: bytes) -> None:
        rehearsal = self.rehearsal
        body = json.loads(content) if content else {}
        rehearsal.asked.append((method, path.strip("/"), body))
        if rehearsal.trouble and (trouble := rehearsal.trouble.pop(0)):
            self._make_trouble(trouble)
            return
        if not self.headers.get("Authorization", "").startswith("Bearer "):
            self._send(401, b'{"code": "UNAUTHORIZED", "message": "Who is there?"}')
            return
        with rehearsal.lock:
            try:
                status, told = speaker_of(provider).answer(
                    rehearsal.books, method, path, query, body, rehearsal.base_url
                )
            except (KeyError, StopIteration):
                status, told = speaker_of(provider).answer(rehearsal.books, "GET", "nothing", {}, {}, "")
        self._send(status, b"" if status == 204 else json.dumps(told).encode())

    def _make_trouble(self, trouble: int | str) -> None:
        if trouble == "hang":
            time.sleep(HANG_SECONDS)
        elif trouble == "garble":
            self._send(200, b'{"data": {"id": ')
        else:
            self._send(int(trouble), json.dumps(paddle.error(int(trouble), "internal_error", "Later.")[1]).encode())

    def _show_page(self, method: str, ref: str, content: bytes) -> None:
        sale = self.rehearsal.books.sales.get(ref)
        if sale is None:
            self._send(404, b"No such checkout.", "text/plain")
        elif method == "GET":
            amount = f"{sale.amount // 100}.{sale.amount % 100:02d}"
            page = PAGE.format(provider=provider_of(sale).title(), order=escape(sale.order_id), amount=amount)
            self._send(200, page.encode(), "text/html; charset=utf-8")
        else:
            act = dict(parse_qsl(content.decode())).get("act")
            (self.rehearsal.fail if act == "fail" else self.rehearsal.pay)(ref)
            self.send_response(303)
            self.send_header("Location", sale.return_url or "/")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _send(self, status: int, body: bytes, type: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: what is asked names orders."""
