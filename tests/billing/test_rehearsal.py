"""The rehearsal is worth what it proves: it speaks as the real SDKs' own types say, signs as they check, and lives."""

from __future__ import annotations

import http.client
import json
import typing
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from pydantic import BaseModel

from billing import rehearsal
from billing.providers import dodo
from tests.billing.sales import ADAPTERS, bought, every_event, many_bought, order, subscribed

ONLY_SENT = {"payload_type"}  # by the service, and in no type of its SDK


def strangers(model: BaseModel, at: str = "") -> set[str]:
    """Fields that the SDK's types do not know, however deep."""
    found = {f"{at}.{name}" for name in set(model.model_extra or ()) - ONLY_SENT}
    for name in type(model).model_fields:
        inner = getattr(model, name)
        for one in inner if isinstance(inner, list) else [inner]:
            found |= strangers(one, f"{at}.{name}") if isinstance(one, BaseModel) else set()
    return found


def event_types() -> dict[str, type[BaseModel]]:
    from dodopayments.types.unwrap_webhook_event import UnwrapWebhookEvent

    union = typing.get_args(UnwrapWebhookEvent)[0]
    return {typing.get_args(one.model_fields["type"].annotation)[0]: one for one in typing.get_args(union)}


def ask(providers, method: str, path: str, body: dict | None = None, *, key: str = "k") -> tuple[int, bytes, dict]:
    connection = http.client.HTTPConnection(urlsplit(providers.base_url).netloc, timeout=5)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    told = response.status, response.read(), dict(response.headers)
    connection.close()
    return told


def test_dodos_events_are_of_its_sdks_types(providers):
    """Validated, with every field that is required there and none that is unknown there."""
    known = event_types()
    seen = Counter()
    for told in every_event(providers):
        if told.provider == "dodo":
            body = json.loads(told.body)
            event = known[body["type"]].model_validate(body)
            assert not strangers(event), body["type"]
            assert body["data"]["payload_type"].lower() == body["type"].partition(".")[0]
            seen[body["type"]] += 1
    assert {f"payment.{word}" for word in ("succeeded", "failed", "processing", "cancelled")} <= set(seen)
    assert {f"dispute.{word}" for word in ("opened", "won", "lost")} <= set(seen)
    assert {"refund.succeeded", "refund.failed", "subscription.active", "subscription.renewed"} <= set(seen)


def test_dodos_deliveries_are_unwrapped_by_its_sdk(providers):
    from dodopayments import DodoPayments
    from standardwebhooks import Webhook, WebhookVerificationError

    secret = providers.secrets["dodo"]
    client = DodoPayments(bearer_token="x", webhook_key=secret, base_url="http://127.0.0.1:9")
    for told in [one for one in every_event(providers) if one.provider == "dodo"]:
        sent = providers.sign(told)
        event = client.webhooks.unwrap(sent.body.decode(), headers=sent.headers)
        assert type(event).__name__.lower().startswith(event.type.replace(".", "").replace("_", ""))
        at = datetime.fromtimestamp(int(sent.headers["webhook-timestamp"]), UTC)
        assert Webhook(secret).sign(told.id, at, told.body.decode()) == sent.headers["webhook-signature"]
        for wrong in (sent.changed(), told.forged(), told.stale(secret)):
            with pytest.raises((WebhookVerificationError, ValueError)):
                client.webhooks.unwrap(wrong.body.decode(errors="replace"), headers=wrong.headers)


def test_dodos_answers_are_of_its_sdks_types(providers):
    from dodopayments.types import (
        CheckoutSessionResponse,
        CustomerPortalSession,
        Payment,
        PaymentListResponse,
        Refund,
        RefundListItem,
        Subscription,
        SubscriptionChargeResponse,
    )

    ref, plan = bought(providers, "dodo"), subscribed(providers, "dodo")
    cart = {"product_cart": [{"product_id": "p", "quantity": 1}]}
    charge = {"product_price": 1, "metadata": {"order_id": "pay_9"}}
    for method, path, body, kind in (
        ("POST", "checkouts", cart, CheckoutSessionResponse),
        ("POST", "refunds", {"payment_id": ref, "items": [{"item_id": "p", "amount": 5}]}, Refund),
        ("GET", f"payments/{ref}", None, Payment),
        ("GET", f"subscriptions/{plan}", None, Subscription),
        ("PATCH", f"subscriptions/{plan}", {"cancel_at_next_billing_date": True}, Subscription),
        ("POST", f"subscriptions/{plan}/charge", charge, SubscriptionChargeResponse),
        ("POST", "customers/c/customer-portal/session", {}, CustomerPortalSession),
        ("GET", "payments", None, PaymentListResponse),
        ("GET", "refunds", None, RefundListItem),
    ):
        status, content, _ = ask(providers, method, f"/dodo/{path}", body)
        assert status == 200, path
        told = json.loads(content)
        for one in told.get("items", [told]):
            assert not strangers(kind.model_validate(one)), path


def test_dodos_older_way_to_pause_fails_as_it_does_there(providers):
    plan = subscribed(providers, "dodo")
    for body in ({"pause": True}, {"status": "paused", "metadata": {}}, {"status": "active"}):
        assert ask(providers, "PATCH", f"/dodo/subscriptions/{plan}", body)[0] == 422
    assert providers.books.plans[plan].status == "active"


def test_paddles_events_are_of_its_sdks_types(providers):
    from paddle_billing.Entities.Event import Event

    seen = set()
    for told in every_event(providers):
        if told.provider == "paddle":
            body = json.loads(told.body)
            event = Event.from_dict(body)
            assert is_dataclass(event.data) and event.data.id == body["data"]["id"]
            known = {field.name for field in fields(event.data)}
            assert set(body["data"]) <= known | {"import_meta"}, set(body["data"]) - known
            seen.add(body["event_type"])
    assert {f"transaction.{word}" for word in ("completed", "payment_failed", "canceled")} <= seen
    assert {"adjustment.created", "adjustment.updated", "subscription.activated", "subscription.updated"} <= seen


def test_paddles_deliveries_are_believed_by_its_sdk(providers, monkeypatch):
    from paddle_billing.Notifications import Secret, Verifier

    monkeypatch.delenv("TEST_MODE", raising=False)
    secret = providers.secrets["paddle"]

    def believed(sent) -> bool:
        header = {"Paddle-Signature": sent.headers["paddle-signature"]}
        return Verifier(maximum_variance=5).verify(SimpleNamespace(headers=header, body=sent.body), Secret(secret))

    for told in [one for one in every_event(providers) if one.provider == "paddle"]:
        assert believed(providers.sign(told))
        assert not any(believed(wrong) for wrong in (providers.sign(told).changed(), told.forged(), told.stale(secret)))


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_event_is_the_same_however_often_it_is_delivered(providers, name):
    bought(providers, name)
    told = providers.told[-1]
    read = ADAPTERS[name].read_event
    first, later = told.sign(providers.secrets[name], age=9), providers.sign(told)
    assert first.headers != later.headers and first.body == later.body
    assert read(first.headers, first.body) == read(later.headers, later.body)


def test_no_two_events_or_objects_share_an_id(providers):
    events = every_event(providers)
    assert len({told.id for told in events}) == len(events)
    refs = [sale.ref for sale in providers.books.sales.values()]
    assert len(set(refs)) == len(refs)
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: dodo.open_checkout(order()).ref, range(12)))
    assert len(set(opened)) == 12 and set(opened) <= set(providers.books.sales)


def test_it_delivers_what_happens_to_whom_it_is_told():
    heard = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Silent."""

    door = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    Thread(target=door.serve_forever, args=(0.05,), daemon=True).start()
    running = rehearsal.start(webhook_url=f"http://127.0.0.1:{door.server_port}/webhooks")
    try:
        (ref,) = many_bought(running, "dodo", 1)
        running.open_dispute(ref)
        (ref,) = many_bought(running, "paddle", 1)
        running.refund(ref)
        running.deliver(running.told[0].stale(running.secrets["dodo"]))
    finally:
        running.close()
        door.shutdown()
        door.server_close()
    assert [path for path, _, _ in heard] == ["/webhooks/dodo", "/webhooks/paddle", "/webhooks/dodo"]
    assert running.statuses == [202, 202]
    assert [body for _, _, body in heard] == [running.told[0].body, running.told[1].body, running.told[0].body]
    assert "webhook-signature" in heard[0][1] and "paddle-signature" in heard[1][1]


def test_its_page_to_pay_on_pays_and_declines(providers):
    paid, declined = dodo.open_checkout(order()), dodo.open_checkout(order())
    status, page, _ = ask(providers, "GET", f"/pay/{paid.ref}", key="")
    assert status == 200 and b"5.00 USD" in page and b"No money moves" in page
    for checkout, act in ((paid, "pay"), (declined, "fail")):
        connection = http.client.HTTPConnection(urlsplit(providers.base_url).netloc, timeout=5)
        connection.request("POST", f"/pay/{checkout.ref}", f"act={act}")
        response = connection.getresponse()
        assert (response.status, response.getheader("Location")) == (303, "https://x.example")
        connection.close()
    types = [json.loads(told.body)["type"] for told in providers.told]
    assert types == ["payment.succeeded", "payment.failed"]
    assert ask(providers, "GET", "/pay/nothing", key="")[0] == 404


def test_it_is_as_strict_as_a_stranger(providers):
    assert ask(providers, "GET", "/dodo/payments", key="")[0] == 401
    assert ask(providers, "GET", "/transactions", key="")[0] == 401
    for path in ("/dodo/nothing", "/dodo/payments/pay_none", "/nothing", "/transactions/txn_none", "/subscriptions/s"):
        assert ask(providers, "GET", path)[0] == 404, path


def test_trouble_comes_in_its_turn_and_goes(providers):
    providers.trouble = [503, 0, 429]
    assert [ask(providers, "GET", "/dodo/payments")[0] for _ in range(4)] == [503, 200, 429, 200]
    assert [asked[:2] for asked in providers.asked] == [("GET", "payments")] * 4


def test_its_settings_name_only_settings_that_are_there(providers, settings):
    assert all(hasattr(settings, name) for name in providers.settings)
