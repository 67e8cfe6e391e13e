"""The rehearsed providers over HTTP: Dodo's API under /dodo, the page to pay on under /pay, Paddle's API elsewhere."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from billing.rehearsal import dodo, paddle
from billing.rehearsal.books import MONTH, Back, Books, Plan, Sale, new_ref
from billing.rehearsal.deliveries import Delivery, Told

PROVIDERS = {"dodo": dodo, "paddle": paddle}
DODO_SECRET = "whsec_cmVoZWFyc2FsLXJlaGVhcnNhbC0wMDAw"  # noqa: S105 (nobody else's)
PADDLE_SECRET = "pdl_ntfset_rehearsal"  # noqa: S105 (nobody else's)
HANG_SECONDS = 30.0
PAID = {"dodo": "succeeded", "paddle": "completed"}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Rehearsal</title><h1>A rehearsal of {provider}</h1><p>{order}: {amount} USD. No money moves.</p>
<form method="post"><button name="act" value="pay">Pay</button>
<button name="act" value="fail">Decline</button></form>"""


@dataclass(slots=True)
class Rehearsal:
    """`told`: every event so far. With a `webhook_url` each is delivered as it happens, under …/{provider}.

    `trouble`: what the API's next requests meet, in order: 500, 429, or "hang".
    """

    base_url: str
    webhook_url: str | None
    secrets: dict[str, str]
    books: Books = field(default_factory=Books)
    told: list[Told] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    trouble: list[int | str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    close: Callable[[], None] = lambda: None

    @property
    def settings(self) -> dict[str, str]:
        """What points a LittlePull at it."""
        return {
            "DODO_PAYMENTS_API_KEY": "rehearsal",
            "DODO_PAYMENTS_WEBHOOK_KEY": self.secrets["dodo"],
            "DODO_PAYMENTS_BASE_URL": f"{self.base_url}/dodo",
            "PADDLE_API_KEY": "rehearsal",
            "PADDLE_WEBHOOK_SECRET": self.secrets["paddle"],
            "PADDLE_BASE_URL": self.base_url,  # its SDK drops a path
        }

    def pay(self, checkout_ref: str) -> list[Told]:
        """A mandate alone costs nothing: of it there is a subscription, and no payment."""
        sale = self.books.sales[checkout_ref]
        provider = _provider(sale)
        sale.ref, sale.status = sale.ref or new_ref("pay"), PAID[provider]
        events = []
        if sale.recurring and not sale.subscription_ref:
            plan = Plan(new_ref("sub"), sale.product_ref, sale.order_id, sale.email, sale.amount, sale.on_demand)
            self.books.plans[plan.ref] = plan
            sale.subscription_ref = plan.ref
            events.append(_of(provider).tell_subscription(plan, {"dodo": "active", "paddle": "activated"}[provider]))
        if not sale.on_demand:
            events.append(_of(provider).tell_payment(sale, PAID[provider]))
        return self._tell(*events)

    def fail(self, checkout_ref: str) -> list[Told]:
        sale = self.books.sales[checkout_ref]
        provider = _provider(sale)
        sale.ref, sale.status = sale.ref or new_ref("pay"), "failed"
        return self._tell(_of(provider).tell_payment(sale, {"dodo": "failed", "paddle": "payment_failed"}[provider]))

    def charge(self, order_id: str, *, declined: bool = False) -> list[Told]:
        """What became of a payment that was asked for under a mandate."""
        sale = next(one for one in self.books.sales.values() if one.order_id == order_id and one.status == "processing")
        sale.status = "failed" if declined else "succeeded"
        return self._tell(dodo.tell_payment(sale, sale.status))

    def refund(self, payment_ref: str, amount: int | None = None, *, status: str = "succeeded") -> list[Told]:
        """One that was asked for through the API and is still open, or another."""
        sale = self.books.paid(payment_ref)
        asked = next((one for one in sale.refunds if one.status == "pending_approval"), None)
        if asked is None:
            asked = Back(new_ref("ref"), sale.amount if amount is None else amount)
            sale.refunds.append(asked)
        asked.status = status
        return self._tell(_of(_provider(sale)).tell_refund(sale, asked))

    def confirm_refunds(self, payment_ref: str) -> list[Told]:
        """Tells of all that were asked for through the API."""
        sale = self.books.paid(payment_ref)
        for back in sale.refunds:
            back.status = "succeeded"
        return self._tell(*(_of(_provider(sale)).tell_refund(sale, back) for back in sale.refunds))

    def open_dispute(self, payment_ref: str, amount: int | None = None) -> list[Told]:
        sale = self.books.paid(payment_ref)
        sale.dispute_ref = sale.dispute_ref or new_ref("dsp")
        sale.disputed = sale.amount if amount is None else amount
        return self._dispute(sale, "opened", "chargeback_warning")

    def win_dispute(self, payment_ref: str) -> list[Told]:
        return self._dispute(self.books.paid(payment_ref), "won", "chargeback_warning_reverse")

    def lose_dispute(self, payment_ref: str) -> list[Told]:
        return self._dispute(self.books.paid(payment_ref), "lost", "chargeback")

    def _dispute(self, sale: Sale, word: str, action: str) -> list[Told]:
        sale.dispute = word
        told = dodo.tell_dispute(sale) if _provider(sale) == "dodo" else paddle.tell_dispute(sale, action)
        return self._tell(told)

    def renew(self, subscription_ref: str) -> list[Told]:
        """The next period: its payment, and the plan with its new end."""
        plan = self.books.plans[subscription_ref]
        provider = "paddle" if any(s.ref.startswith("txn_") for s in self._sales_of(plan)) else "dodo"
        plan.starts_at += MONTH
        ref = new_ref("txn" if provider == "paddle" else "pay")
        sale = Sale(ref, plan.product_ref, plan.order_id, plan.email, plan.amount, ref=ref, status=PAID[provider])
        sale.recurring, sale.subscription_ref, sale.starts_at = True, plan.ref, plan.starts_at
        self.books.add(sale)
        word = {"dodo": "renewed", "paddle": "updated"}[provider]
        return self._tell(_of(provider).tell_payment(sale, PAID[provider]), _of(provider).tell_subscription(plan, word))

    def change(self, subscription_ref: str, status: str) -> list[Told]:
        """In the provider's own word for the status."""
        plan = self.books.plans[subscription_ref]
        plan.status = status
        provider = "paddle" if any(s.ref.startswith("txn_") for s in self._sales_of(plan)) else "dodo"
        return self._tell(_of(provider).tell_subscription(plan, status if provider == "dodo" else "updated"))

    def _sales_of(self, plan: Plan) -> list[Sale]:
        return [sale for sale in self.books.sales.values() if sale.subscription_ref == plan.ref]

    def sign(self, told: Told) -> Delivery:
        return told.sign(self.secrets[told.provider])

    def deliver(self, delivery: Delivery) -> int:
        """The status that the webhook's receiver answers."""
        assert self.webhook_url is not None
        address = urlsplit(f"{self.webhook_url}/{delivery.provider}")
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        try:
            connection.request("POST", address.path, delivery.body, delivery.headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def _tell(self, *events: Told) -> list[Told]:
        self.told.extend(events)
        if self.webhook_url is not None:
            self.statuses.extend(self.deliver(self.sign(event)) for event in events)
        return list(events)


def _provider(sale: Sale) -> str:
    return "paddle" if sale.checkout_ref.startswith("txn_") else "dodo"


def _of(provider: str) -> Any:
    return PROVIDERS[provider]


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
        if rehearsal.trouble and (trouble := rehearsal.trouble.pop(0)):
            if trouble == "hang":
                time.sleep(HANG_SECONDS)
                return
            self._send(int(trouble), json.dumps(paddle.error(int(trouble), "internal_error", "Later.")[1]).encode())
            return
        if not self.headers.get("Authorization", "").startswith("Bearer "):
            self._send(401, b'{"code": "UNAUTHORIZED", "message": "Who is there?"}')
            return
        body = json.loads(content) if content else {}
        with rehearsal.lock:
            try:
                status, told = _of(provider).answer(rehearsal.books, method, path, query, body, rehearsal.base_url)
            except (KeyError, StopIteration):
                status, told = _of(provider).answer(rehearsal.books, "GET", "nothing", {}, {}, "")
        self._send(status, json.dumps(told).encode())

    def _show_page(self, method: str, ref: str, content: bytes) -> None:
        sale = self.rehearsal.books.sales.get(ref)
        if sale is None:
            self._send(404, b"No such checkout.", "text/plain")
        elif method == "GET":
            amount = f"{sale.amount // 100}.{sale.amount % 100:02d}"
            page = PAGE.format(provider=_provider(sale).title(), order=sale.order_id, amount=amount)
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
