"""Deliveries: only true ones are believed, and of these nothing but the allow-list is read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import PaymentEvent
from billing.providers.errors import BadSignature, MalformedEvent
from billing.providers.words import EventKind
from tests.billing.sales import ADAPTERS, bought, every_event, order, subscribed

KEYS = {"dodo": "DODO_PAYMENTS_WEBHOOK_KEY", "paddle": "PADDLE_WEBHOOK_SECRET"}
PERSONAL = ("Ada", "Lovelace", "visa", "St James", "London", "ada@example.com")
OF_A_CARD = ("4242", "2031")
ODD = st.text(st.characters(), max_size=40)
ODD_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "webhook-id": ODD,
        "webhook-timestamp": ODD | st.sampled_from(["nan", "inf", "-1", "1e400"]) | st.just(str(int(time.time()))),
        "webhook-signature": ODD | st.sampled_from(["v1", "v1,", "v1,é", "v1,=", "v2,a", "v1,a,b", " ", ","]),
        "paddle-signature": ODD
        | st.builds("ts={};h1={}".format, st.integers(int(time.time()) - 5, int(time.time()) + 5), ODD)
        | st.sampled_from(["ts=;h1=", "ts=²;h1=a", ";;==", "ts=1" + "0" * 5000, "h1=a;ts", "ts=1;ts=2"]),
    },
)


@pytest.fixture
def sent(providers, request):
    """A true delivery, and what it was signed from."""
    bought(providers, request.getfixturevalue("name"))
    return providers.told[-1], providers.sign(providers.told[-1])


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_true_delivery_is_believed_and_every_other_is_not(providers, name, sent):
    told, true = sent
    verify, secret = ADAPTERS[name].verify, providers.secrets[name]
    verify(true.headers, true.body)
    verify(*_parts(told.sign(secret, age=290)))
    wrong = (true.changed(), told.forged(), told.stale(secret), told.sign(secret, age=-400))
    for delivery in wrong:
        with pytest.raises(BadSignature):
            verify(delivery.headers, delivery.body)
    for header in set(true.headers) - {"content-type"}:
        with pytest.raises(BadSignature):
            verify({key: value for key, value in true.headers.items() if key != header}, true.body)


@pytest.mark.parametrize("name", ADAPTERS)
def test_not_one_bit_of_a_delivery_can_be_changed(name, sent):
    _, true = sent
    verify = ADAPTERS[name].verify
    for at in range(0, len(true.body), max(1, len(true.body) // 100)):
        body = bytearray(true.body)
        body[at] ^= 1 << at % 8
        with pytest.raises(BadSignature):
            verify(true.headers, bytes(body))
    for body in (true.body + b" ", true.body[:-1], b"", true.body * 2):
        with pytest.raises(BadSignature):
            verify(true.headers, body)


@pytest.mark.parametrize("name", ADAPTERS)
def test_several_secrets_hold_while_one_is_rotated(providers, name, sent, settings):
    _, true = sent
    secret = providers.secrets[name]
    for secrets in (f"whsec_b3RoZXI=, {secret}", f"{secret},whsec_b3RoZXI=", f",{secret},"):
        setattr(settings, KEYS[name], secrets)
        ADAPTERS[name].verify(true.headers, true.body)
    for secrets in ("", ",", " ", "whsec_", "whsec_é", "whsec_b3RoZXI="):
        setattr(settings, KEYS[name], secrets)
        with pytest.raises(BadSignature):
            ADAPTERS[name].verify(true.headers, true.body)


def test_nobody_can_sign_with_a_secret_that_is_empty(settings):
    """An empty setting between commas is no secret that everybody knows."""
    now, body = str(int(time.time())), b"{}"
    settings.PADDLE_WEBHOOK_SECRET = settings.DODO_PAYMENTS_WEBHOOK_KEY = " , ,"
    signed = hmac.new(b"", f"{now}:".encode() + body, hashlib.sha256).hexdigest()
    with pytest.raises(BadSignature):
        ADAPTERS["paddle"].verify({"paddle-signature": f"ts={now};h1={signed}"}, body)
    signed = base64.b64encode(hmac.new(b"", f"a.{now}.".encode() + body, hashlib.sha256).digest()).decode()
    headers = {"webhook-id": "a", "webhook-timestamp": now, "webhook-signature": f"v1,{signed}"}
    with pytest.raises(BadSignature):
        ADAPTERS["dodo"].verify(headers, body)


def test_one_true_signature_among_several_is_enough(providers):
    """As both send while they rotate a secret themselves."""
    for name in ADAPTERS:
        bought(providers, name)
        true, other = providers.sign(providers.told[-1]), providers.told[-1].forged()
        if name == "dodo":
            both = {
                "webhook-signature": f"v1a,x {other.headers['webhook-signature']} {true.headers['webhook-signature']}"
            }
        else:
            h1 = other.headers["paddle-signature"].partition("h1=")[2]
            both = {"paddle-signature": true.headers["paddle-signature"].replace(";", f";h1={h1};")}
        ADAPTERS[name].verify(true.headers | both, true.body)


def test_paddles_replay_check_cannot_be_switched_off(providers, monkeypatch):
    """As its SDK's can."""
    monkeypatch.setenv("TEST_MODE", "1")
    bought(providers, "paddle")
    with pytest.raises(BadSignature):
        ADAPTERS["paddle"].verify(*_parts(providers.told[-1].stale(providers.secrets["paddle"])))


@pytest.mark.parametrize("name", ADAPTERS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(headers=ODD_HEADERS, body=st.binary(max_size=40))
def test_odd_headers_and_bodies_are_not_believed_and_break_nothing(providers, name, headers, body):
    with pytest.raises(BadSignature):
        ADAPTERS[name].verify(headers, body)


def test_nothing_personal_is_read_of_any_event(providers):
    events = every_event(providers)
    bodies = b"".join(event.body for event in events).decode()
    assert all(word in bodies for word in ("Ada Lovelace", "4242", "visa"))  # they do send it
    kinds = set()
    for told in events:
        event = _read(providers, told)
        kinds.add((told.provider, event.kind))
        for name, value in asdict(event).items():
            assert str(value) not in OF_A_CARD and not any(word in str(value) for word in PERSONAL), name
    wanted = {(name, kind) for name in ADAPTERS for kind in EventKind} - {("paddle", EventKind.PAYMENT_PROCESSING)}
    assert kinds == wanted


def test_every_event_fits_the_columns_that_keep_it(providers):
    limits = {field.name: field.max_length for field in PaymentEvent._meta.concrete_fields if field.max_length}
    limits["id"] = limits["event_id"]
    for told in every_event(providers):
        for name, value in asdict(_read(providers, told)).items():
            assert not isinstance(value, str) or name in limits, name
            assert not isinstance(value, str) or len(value) <= limits[name], name


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_payment_is_read_as_it_was_made(providers, name):
    ref = bought(providers, name)
    event = _read(providers, providers.told[-1])
    assert (event.kind, event.payment_ref, event.order_id) == (EventKind.PAYMENT_SUCCEEDED, ref, "pay_1")
    assert (event.amount, event.currency, event.product_ref, event.provider) == (500, "USD", "p", name)
    assert abs((datetime.now(UTC) - event.occurred_at).total_seconds()) < 60
    (back,) = providers.refund(ref, 120)
    event = _read(providers, back)
    assert (event.kind, event.payment_ref, event.amount) == (EventKind.REFUND_SUCCEEDED, ref, 120)
    assert event.refund_ref == providers.books.paid(ref).refunds[0].ref
    disputes = [*providers.open_dispute(ref), *providers.win_dispute(ref), *providers.lose_dispute(ref)]
    read = [_read(providers, told) for told in disputes]
    assert [one.kind for one in read] == [EventKind.DISPUTE_OPENED, EventKind.DISPUTE_WON, EventKind.DISPUTE_LOST]
    assert len({one.dispute_ref for one in read}) == 1
    assert {(one.payment_ref, one.amount, one.refund_ref) for one in read} == {(ref, 500, "")}


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_plan_is_read_with_its_period(providers, name):
    ref = subscribed(providers, name)
    plan, paid = [_read(providers, told) for told in providers.told[-2:]]
    kept = providers.books.plans[ref]
    assert (plan.kind, plan.subscription_ref, plan.order_id) == (EventKind.SUBSCRIPTION_CHANGED, ref, "sub_1")
    assert (plan.status, plan.product_ref, plan.cancels_at) == ("active", "paddle-starter", None)
    assert (paid.kind, paid.subscription_ref) == (EventKind.PAYMENT_SUCCEEDED, ref)
    assert paid.period_end is not None and abs((paid.period_end - kept.ends_at).total_seconds()) < 5
    kept.pauses = True  # with its period: it does not end then
    (told,) = providers.change(ref, "active")
    assert _read(providers, told).cancels_at is None
    kept.pauses = False
    ADAPTERS[name].cancel(ref)
    (told,) = providers.change(ref, "active")
    assert _read(providers, told).cancels_at == kept.ends_at
    words = {"dodo": ["on_hold", "past_due", "paused", "cancelled", "expired", "failed"]}
    for word in words.get(name, ["trialing", "past_due", "paused", "canceled"]):
        (told,) = providers.change(ref, word)
        status = {"on_hold": "past_due", "cancelled": "canceled", "expired": "canceled"}.get(word, word)
        assert _read(providers, told).status == status


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_pays_for_no_period_brings_no_credits(providers, name):
    """Another card, or the difference to another plan."""
    ref = subscribed(providers, name)
    paid = providers.told[-1]
    (card,) = providers.change_card(ref)
    assert _read(providers, card).kind == EventKind.OTHER
    body = json.loads(paid.body)
    part = {"rate": "0.4", "billing_period": None}
    if name == "dodo":
        body["data"]["charge_type"] = "plan_change"
    else:
        body["data"]["items"] = [item | {"proration": part} for item in body["data"]["items"]]
    assert ADAPTERS[name].read_event({"webhook-id": "x"}, json.dumps(body).encode()).kind == EventKind.OTHER
    if name == "paddle":  # the next period, and the rest of what changed in the last one
        whole = body["data"]["items"][0] | {"proration": None}
        body["data"]["items"].append(whole | {"price": whole["price"] | {"id": "whole"}})
        event = ADAPTERS[name].read_event({}, json.dumps(body).encode())
        assert (event.kind, event.product_ref) == (EventKind.PAYMENT_SUCCEEDED, "whole")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("500", "USD", 500), ("5.00", "USD", 500), ("5.5", "USD", 550), ("500.00", "JPY", 500), ("1.250", "KWD", 1250)],
)
def test_a_disputes_amount_may_have_a_point(providers, amount, currency, minor):
    (told,) = providers.open_dispute(bought(providers, "dodo"))
    body = json.loads(told.body)
    body["data"] |= {"amount": amount, "currency": currency}
    assert ADAPTERS["dodo"].read_event({"webhook-id": "x"}, json.dumps(body).encode()).amount == minor


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize("order_id", ["x" * 33, "a\x00b", 7, None, ["pay_1"], "Pay 1", ""])
def test_an_order_that_cannot_be_ours_is_no_order(providers, name, order_id):
    """Whoever pays can write there, by a link of their own making."""
    bought(providers, name)
    body = json.loads(providers.told[-1].body)
    body["data"][{"dodo": "metadata", "paddle": "custom_data"}[name]] = {"order_id": order_id}
    event = ADAPTERS[name].read_event({"webhook-id": "x"}, json.dumps(body).encode())
    assert (event.order_id, event.kind) == ("", EventKind.PAYMENT_SUCCEEDED)


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"\xff", b"[" * 3000, b'{"type": 1, "event_type": "transaction.completed", "data": null}'],
)
def test_a_body_that_cannot_be_read_is_said_to_be_so(name, body):
    with pytest.raises(MalformedEvent) as failure:
        ADAPTERS[name].read_event({"webhook-id": "x"}, body)
    assert failure.value.__context__ is None and not failure.value.args


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", 1.5), ("amount", True), ("amount", "1e3"), ("amount", 10**30), ("amount", "٣"),
        ("currency", "DOLLAR"), ("status", "x" * 41), ("payment", "x" * 81), ("payment", {"a": 1}),
        ("payment", "a\x00"), ("time", "2026-01-01T00:00:00"), ("time", "yesterday"), ("time", None),
    ],
)  # fmt: skip
def test_a_field_that_no_column_holds_is_not_read(providers, name, field, value):
    bought(providers, name)
    body = json.loads(providers.told[-1].body)
    data = body["data"]
    if field == "time":
        body[{"dodo": "timestamp", "paddle": "occurred_at"}[name]] = value
    elif name == "dodo":
        data[{"amount": "total_amount", "payment": "payment_id"}.get(field, field)] = value
    elif field == "amount":
        data["details"]["totals"]["grand_total"] = value
    else:
        data[{"currency": "currency_code", "payment": "id"}.get(field, field)] = value
    with pytest.raises(MalformedEvent):
        ADAPTERS[name].read_event({"webhook-id": "x"}, json.dumps(body).encode())


def test_what_is_of_no_consequence_is_read_as_such():
    now = datetime.now(UTC).isoformat()
    body = {"type": "payout.success", "timestamp": now, "data": {"name": "Ada"}}
    event = ADAPTERS["dodo"].read_event({"webhook-id": "x"}, json.dumps(body).encode())
    assert (event.kind, event.payment_ref) == (EventKind.OTHER, "")
    body = {"event_id": "e", "event_type": "customer.updated", "occurred_at": now, "data": {"name": "Ada", "id": "c"}}
    event = ADAPTERS["paddle"].read_event({}, json.dumps(body).encode())
    assert event.kind == EventKind.OTHER and "Ada" not in repr(event)


def test_an_orders_mail_is_in_no_repr():
    assert "ada@" not in repr(order())


def _read(providers, told):
    delivery = providers.sign(told)
    ADAPTERS[told.provider].verify(delivery.headers, delivery.body)
    return ADAPTERS[told.provider].read_event(delivery.headers, delivery.body)


def _parts(delivery):
    return delivery.headers, delivery.body
