"""The adapters against the rehearsed providers, through the real SDKs; the rehearsal against the SDKs' own types."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from billing.providers import dodo, paddle
from billing.providers.contracts import CheckoutOrder
from billing.providers.errors import (
    BadSignature,
    MalformedEvent,
    NotConfigured,
    NotOffered,
    ProviderRefused,
    ProviderUnavailable,
)
from billing.providers.words import EventKind
from billing.rehearsal.deliveries import Told

ADAPTERS = {"dodo": dodo, "paddle": paddle}
PERSONAL = ("Ada", "Lovelace", "VISA", "visa", "St James", "@example.com")
OF_A_CARD = ("4242", "2031")


def order(product: str = "p", **changes) -> CheckoutOrder:
    told = {
        "order_id": "pay_1", "product_ref": product, "quantity": 1, "amount_minor": None, "currency": "USD",
        "email": "ada@example.com", "return_url": "https://x.example", "cancel_url": "https://x.example",
        "recurring": False, "on_demand": False,
    }  # fmt: skip
    return CheckoutOrder(**{**told, **changes})


def bought(providers, name: str) -> str:
    """The payment's id there."""
    checkout = ADAPTERS[name].open_checkout(order())
    providers.pay(checkout.ref)
    return providers.books.sales[checkout.ref].ref


def every_event(providers) -> list[Told]:
    """One of each kind, of both providers."""
    for name in ADAPTERS:
        ref = bought(providers, name)
        providers.refund(ref, 100)
        providers.open_dispute(ref, 50)
        providers.win_dispute(ref)
        providers.lose_dispute(ref)
        providers.fail(ADAPTERS[name].open_checkout(order()).ref)
    plan = paddle.open_checkout(order("paddle-starter", recurring=True))
    providers.pay(plan.ref)
    mandate = dodo.open_checkout(order(recurring=True, on_demand=True))
    providers.pay(mandate.ref)
    for ref in list(providers.books.plans):
        providers.change(ref, "paused")
        providers.renew(ref)
    return providers.told


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_true_delivery_is_believed_and_every_other_is_not(providers, name, settings):
    bought(providers, name)
    told = providers.told[-1]
    verify, true = ADAPTERS[name].verify, providers.sign(told)
    verify(true.headers, true.body)
    secret = providers.secrets[name]
    for wrong in (true.changed(), told.forged(), told.stale(secret), told.sign(secret, age=-400)):
        with pytest.raises(BadSignature):
            verify(wrong.headers, wrong.body)
    for headers in ({}, {"webhook-signature": "v1"}, {"paddle-signature": "ts=;h1="}, {"paddle-signature": "\u00e9"}):
        with pytest.raises(BadSignature):
            verify({**headers, "webhook-id": "x", "webhook-timestamp": "no"}, b"\xff")
    which = "DODO_PAYMENTS_WEBHOOK_KEY" if name == "dodo" else "PADDLE_WEBHOOK_SECRET"
    setattr(settings, which, f"whsec_b3RoZXI=,{secret}")  # while a secret is rotated
    verify(true.headers, true.body)
    setattr(settings, which, "")
    with pytest.raises(BadSignature):
        verify(true.headers, true.body)


def test_nothing_personal_is_read_of_any_event(providers):
    events = every_event(providers)
    bodies = b"".join(event.body for event in events).decode()
    assert all(word in bodies for word in ("Ada Lovelace", "4242"))  # they do send it
    kinds = set()
    for told in events:
        delivery = providers.sign(told)
        event = ADAPTERS[told.provider].read_event(delivery.headers, delivery.body)
        kinds.add((told.provider, event.kind))
        for field in fields(event):
            value = str(getattr(event, field.name))
            assert value not in OF_A_CARD and not any(word in value for word in PERSONAL), field.name
    wanted = set(EventKind) - {
        EventKind.PAYMENT_PROCESSING,
        EventKind.PAYMENT_CANCELED,
        EventKind.REFUND_FAILED,
        EventKind.OTHER,
    }
    assert {(name, kind) for name in ADAPTERS for kind in wanted} <= kinds


def test_the_rehearsal_speaks_as_the_sdks_expect(providers):
    from dodopayments import DodoPayments
    from paddle_billing.Notifications.Entities import Adjustment, Subscription, Transaction

    entities = {
        "transaction": Transaction.Transaction,
        "subscription": Subscription.Subscription,
        "adjustment": Adjustment.Adjustment,
    }
    client = DodoPayments(bearer_token="x", webhook_key=providers.secrets["dodo"], base_url="http://127.0.0.1:9")
    for told in every_event(providers):
        delivery = providers.sign(told)
        if told.provider == "dodo":
            event = client.webhooks.unwrap(delivery.body.decode(), headers=delivery.headers)
            assert type(event).__name__.lower().startswith(event.type.replace(".", "").replace("_", ""))
            missing = {name for name, field in type(event.data).model_fields.items() if field.is_required()}
            assert missing <= event.data.model_fields_set, event.type
        else:
            body = json.loads(delivery.body)
            assert entities[body["event_type"].partition(".")[0]].from_dict(body["data"]).id == body["data"]["id"]


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_is_asked_arrives(providers, name):
    adapter = ADAPTERS[name]
    checkout = adapter.open_checkout(order())
    assert checkout.url.startswith(providers.base_url)
    sale = providers.books.sales[checkout.ref]
    assert (sale.order_id, sale.product_ref) == ("pay_1", "p")
    providers.pay(checkout.ref)
    assert adapter.refund(sale.ref, amount=200, reason="asked", key="rfd_1") == sale.refunds[0].ref
    assert sale.refunds[0].amount == 200
    adapter.refund(sale.ref, amount=None, reason="asked", key="rfd_2")
    assert sum(back.amount for back in sale.refunds) == sale.amount
    with pytest.raises(ProviderRefused):
        adapter.refund(sale.ref, amount=1, reason="asked", key="rfd_3")
    assert adapter.find_invoice_url(sale.ref).startswith("http")
    assert adapter.open_portal("cus_rehearsal").endswith("/portal")
    plan = adapter.open_checkout(order("paddle-starter", recurring=True))
    providers.pay(plan.ref)
    ref = providers.books.sales[plan.ref].subscription_ref
    adapter.change_plan(ref, "paddle-team")
    assert providers.books.plans[ref].product_ref == "paddle-team"
    adapter.pause(ref)
    assert providers.books.plans[ref].status == "paused"
    adapter.resume(ref)
    adapter.cancel(ref)
    assert providers.books.plans[ref].status == "active"
    assert providers.books.plans[ref].cancels
    adapter.cancel(ref, now=True)
    assert providers.books.plans[ref].status in ("canceled", "cancelled")


def test_a_mandate_is_charged_at_dodo_and_not_offered_by_paddle(providers):
    checkout = dodo.open_checkout(order(recurring=True, on_demand=True))
    (told,) = providers.pay(checkout.ref)
    event = dodo.read_event(providers.sign(told).headers, told.body)
    charge = {"order_id": "pay_2", "amount_minor": 1500, "currency": "USD", "product_ref": "p"}
    ref = dodo.charge_again(event.subscription_ref, **charge)
    (paid,) = providers.charge("pay_2")
    event = dodo.read_event(providers.sign(paid).headers, paid.body)
    assert (event.payment_ref, event.order_id, event.amount) == (ref, "pay_2", 1500)
    with pytest.raises(NotOffered):
        paddle.charge_again("sub_1", **charge)
    with pytest.raises(NotOffered):
        paddle.open_checkout(order(on_demand=True))


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_page_of_a_list_is_read(providers, name):
    refs = [bought(providers, name) for _ in range(120 if name == "dodo" else 40)]
    providers.refund(refs[0], 100)
    now = datetime.now(UTC)
    listed = {one.ref: one for one in ADAPTERS[name].list_payments(now - timedelta(days=1), now + timedelta(hours=1))}
    assert set(listed) == set(refs)
    assert {one.status for one in listed.values()} == {"succeeded"}
    assert (listed[refs[0]].refunded, listed[refs[1]].refunded) == (100, 0)
    assert listed[refs[1]].order_id == "pay_1"
    assert not listed[refs[0]].disputed
    providers.open_dispute(refs[1])
    again = {one.ref: one for one in ADAPTERS[name].list_payments(now - timedelta(days=1), now + timedelta(hours=1))}
    assert [again[ref].disputed for ref in refs[:2]] == [False, True]


@pytest.mark.parametrize("name", ADAPTERS)
def test_their_trouble_becomes_an_error_of_ours(providers, name, settings, caplog):
    sale = bought(providers, name)
    for trouble in (500, 429, "hang"):
        providers.trouble = [trouble] * 5
        with pytest.raises(ProviderUnavailable) as failure:
            ADAPTERS[name].refund(sale, amount=None, reason="asked", key="rfd")
        assert failure.value.__context__ is None
        providers.trouble = []
    settings.DODO_PAYMENTS_API_KEY = settings.PADDLE_API_KEY = ""
    with pytest.raises(NotConfigured):
        ADAPTERS[name].open_checkout(order())


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"type": 1, "event_type": "transaction.completed", "data": null}']
)
def test_a_body_that_cannot_be_read_is_said_to_be_so(name, body):
    with pytest.raises(MalformedEvent):
        ADAPTERS[name].read_event({"webhook-id": "x"}, body)
