"""What is asked of the rehearsed providers, through the real SDKs."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest
import requests

from billing.providers import dodo, paddle
from billing.providers.errors import NotConfigured, NotOffered, ProviderRefused, ProviderUnavailable
from tests.billing.sales import ADAPTERS, bought, many_bought, order, subscribed

EVERYWHERE = pytest.mark.parametrize("name", ADAPTERS)


def calls(providers, path: str) -> list[tuple[str, dict]]:
    return [(method, body) for method, asked, body in providers.asked if asked == path]


@EVERYWHERE
def test_a_checkout_carries_our_order_and_no_more_of_the_customer_than_it_must(providers, name):
    checkout = ADAPTERS[name].open_checkout(order(quantity=2))
    assert checkout.url == f"{providers.base_url}/pay/{checkout.ref}"
    sale = providers.books.sales[checkout.ref]
    assert (sale.order_id, sale.product_ref, sale.amount) == ("pay_1", "p", 1000)
    ((_, _, body),) = providers.asked
    if name == "dodo":
        assert body["customer"] == {"email": "ada@example.com"}
        assert body["metadata"] == {"order_id": "pay_1"}
        assert (body["return_url"], body["cancel_url"]) == ("https://x.example", "https://x.example")
    else:
        assert body == {"items": [{"price_id": "p", "quantity": 2}], "custom_data": {"order_id": "pay_1"}}


def test_an_amount_of_ones_own_is_asked_of_dodo_alone(providers):
    checkout = dodo.open_checkout(order(amount_minor=1234))
    assert providers.books.sales[checkout.ref].amount == 1234
    with pytest.raises(NotOffered):
        paddle.open_checkout(order(amount_minor=1234))


@EVERYWHERE
def test_a_part_and_then_the_rest_is_given_back(providers, name):
    refund, ref = ADAPTERS[name].refund, bought(providers, name)
    sale = providers.books.paid(ref)
    assert refund(ref, amount=200, reason="asked", key="rfd_1") == sale.refunds[0].ref
    ((_, body),) = calls(providers, {"dodo": "refunds", "paddle": "adjustments"}[name])
    if name == "dodo":  # in the currency that was paid in: otherwise it would be that of the settlement
        assert body["currency"] == "USD"
        assert body["items"] == [{"item_id": "p", "amount": 200, "tax_inclusive": True}]
        assert body["metadata"] == {"refund_id": "rfd_1"}
    else:
        assert (body["type"], body["tax_mode"], body["action"]) == ("partial", "internal", "refund")
        assert [(item["type"], item["amount"]) for item in body["items"]] == [("partial", "200")]
    refund(ref, amount=None, reason="asked", key="rfd_2")
    assert [back.amount for back in sale.refunds] == [200, 300]
    with pytest.raises(ProviderRefused):
        refund(ref, amount=1, reason="asked", key="rfd_3")


@EVERYWHERE
def test_all_of_it_is_given_back_as_a_whole(providers, name):
    """Its fees and taxes too, and not as a part that happens to be all."""
    ref = bought(providers, name)
    ADAPTERS[name].refund(ref, amount=500, reason="asked", key="rfd_1")
    ((_, body),) = calls(providers, {"dodo": "refunds", "paddle": "adjustments"}[name])
    assert not body.get("items")
    assert body.get("type", "full") == "full"
    assert [back.amount for back in providers.books.paid(ref).refunds] == [500]


@EVERYWHERE
def test_a_plan_is_changed_from_the_next_period_on(providers, name):
    """A part of a price, charged at once, would bring a period's credits."""
    ref = subscribed(providers, name)
    ADAPTERS[name].change_plan(ref, "paddle-team")
    assert providers.books.plans[ref].product_ref == "paddle-team"
    assert providers.asked[-1][2]["proration_billing_mode"] == "do_not_bill"


@EVERYWHERE
def test_a_plan_is_paused_and_goes_on(providers, name):
    adapter, ref = ADAPTERS[name], subscribed(providers, name)
    plan = providers.books.plans[ref]
    with pytest.raises(ProviderRefused):
        adapter.resume(ref)
    adapter.pause(ref)
    if name == "paddle":  # it is to pause with its period
        assert (plan.status, plan.pauses) == ("active", True)
        adapter.resume(ref)
        assert not plan.pauses
        plan.status = "paused"
    assert plan.status == "paused"
    adapter.resume(ref)
    assert plan.status == "active"


@EVERYWHERE
def test_a_plan_ends_with_its_period_or_at_once(providers, name):
    adapter, ref = ADAPTERS[name], subscribed(providers, name)
    plan = providers.books.plans[ref]
    adapter.cancel(ref)
    assert (plan.status, plan.cancels) == ("active", True)
    adapter.resume(ref)
    assert not plan.cancels
    adapter.cancel(ref, now=True)
    assert plan.status in ("canceled", "cancelled")


@EVERYWHERE
def test_pages_of_theirs_are_found(providers, name):
    ref = bought(providers, name)
    assert ADAPTERS[name].find_invoice_url(ref).startswith("http")
    assert ADAPTERS[name].open_portal("cus_rehearsal", "sub_1").endswith("/portal")
    with pytest.raises(ProviderRefused):
        ADAPTERS[name].find_invoice_url("nothing_of_theirs") if name == "dodo" else paddle.pause("sub_none")


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


@EVERYWHERE
def test_every_page_of_a_list_is_read(providers, name):
    refs = many_bought(providers, name, {"dodo": 220, "paddle": 70}[name])
    providers.refund(refs[0], 100)
    now = datetime.now(UTC)
    times = now - timedelta(days=1), now + timedelta(hours=1)
    listed = {one.ref: one for one in ADAPTERS[name].list_payments(*times)}
    assert list(listed) == refs
    assert {one.status for one in listed.values()} == {"succeeded"}
    assert (listed[refs[0]].refunded, listed[refs[1]].refunded) == (100, 0)
    assert listed[refs[1]].order_id == "pay_1"
    assert (listed[refs[1]].amount, listed[refs[1]].currency) == (500, "USD")
    assert not listed[refs[0]].disputed
    providers.open_dispute(refs[1])
    again = {one.ref: one for one in ADAPTERS[name].list_payments(*times)}
    assert [again[ref].disputed for ref in refs[:2]] == [False, True]


def test_exactly_one_full_page_is_one_page_and_an_empty_one(providers):
    refs = many_bought(providers, "dodo", dodo.PAGE)
    now = datetime.now(UTC)
    assert [one.ref for one in dodo.list_payments(now - timedelta(days=1), now + timedelta(days=1))] == refs
    assert len([one for one in providers.asked if one[:2] == ("GET", "payments")]) == 2


def test_a_list_that_breaks_off_is_told_and_no_short_list(providers):
    many_bought(providers, "dodo", dodo.PAGE + 1)
    now = datetime.now(UTC)
    providers.trouble = [0, 0, 500, 500, 500]  # refunds, the first page, and the second with all its repetitions
    with pytest.raises(ProviderUnavailable):
        list(dodo.list_payments(now - timedelta(days=1), now + timedelta(days=1)))
    assert not providers.trouble


def test_a_list_begins_when_it_is_asked_to_wherever_that_is(providers, monkeypatch):
    """Paddle's SDK writes a Z behind any time."""
    asked = []
    send = requests.Session.send
    monkeypatch.setattr(
        requests.Session, "send", lambda self, sent, **more: asked.append(sent.url) or send(self, sent, **more)
    )
    since = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=9)))
    list(paddle.list_payments(since, since + timedelta(days=1)))
    assert "2026-03-01T00%3A30%3A00" in asked[0]


@pytest.mark.timeout(60)
@EVERYWHERE
@pytest.mark.parametrize("trouble", [500, 503, 429, 408, "hang", "garble"])
def test_their_trouble_becomes_an_error_of_ours(providers, name, trouble, caplog):
    caplog.set_level(logging.INFO)
    ref = bought(providers, name)
    providers.asked.clear()
    providers.trouble = [trouble] * 5
    with pytest.raises(ProviderUnavailable) as failure:
        ADAPTERS[name].refund(ref, amount=None, reason="Ada asked", key="rfd")
    assert len(providers.asked) == 1  # money that moves is asked for once
    assert failure.value.retryable and failure.value.provider == name
    assert failure.value.__context__ is None and failure.value.__cause__ is None
    assert str(failure.value) == failure.value.message
    assert not any(word in caplog.text for word in ("Ada", "Later.", "ada@"))


@EVERYWHERE
@pytest.mark.parametrize(("trouble", "error"), [(400, ProviderRefused), (404, ProviderRefused), (422, ProviderRefused)])
def test_a_no_is_a_no(providers, name, trouble, error):
    providers.trouble = [trouble]
    with pytest.raises(error) as failure:
        ADAPTERS[name].open_checkout(order())
    assert not failure.value.retryable and failure.value.__context__ is None


def test_a_checkout_is_asked_for_again_after_a_short_trouble(providers):
    """At Dodo, whose SDK does so: a second page to pay on harms nobody."""
    providers.trouble = [500]
    assert dodo.open_checkout(order()).ref in providers.books.sales
    assert len(providers.asked) == 2


@EVERYWHERE
def test_nobody_there_is_trouble_too(providers, name, settings):
    settings.DODO_PAYMENTS_BASE_URL = settings.PADDLE_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(ProviderUnavailable):
        ADAPTERS[name].refund("x", amount=None, reason="asked", key="rfd")


@EVERYWHERE
def test_without_a_key_nobody_is_asked(providers, name, settings):
    settings.DODO_PAYMENTS_API_KEY = settings.PADDLE_API_KEY = ""
    with pytest.raises(NotConfigured):
        ADAPTERS[name].open_checkout(order())
    assert not providers.asked


@pytest.mark.parametrize(
    ("name", "word", "host"),
    [
        ("dodo", "test_mode", "test.dodopayments.com"),
        ("dodo", "live_mode", "live.dodopayments.com"),
        ("dodo", "Test", "test.dodopayments.com"),
        ("paddle", "sandbox", "sandbox-api.paddle.com"),
        ("paddle", "production", "api.paddle.com"),
        ("paddle", "Sandbox", "sandbox-api.paddle.com"),
    ],
)
def test_only_the_word_for_it_is_live(settings, monkeypatch, name, word, host):
    settings.DODO_PAYMENTS_API_KEY = settings.PADDLE_API_KEY = "key"
    settings.DODO_PAYMENTS_BASE_URL = settings.PADDLE_BASE_URL = ""
    settings.DODO_PAYMENTS_ENVIRONMENT = settings.PADDLE_ENVIRONMENT = word
    monkeypatch.delenv("DODO_PAYMENTS_BASE_URL", raising=False)
    hosts = []

    def send(self, sent, **more):
        hosts.append(httpx.URL(str(sent.url)).host)
        raise (httpx.ConnectError if name == "dodo" else requests.ConnectionError)("nobody is called by a test")

    monkeypatch.setattr(httpx.Client, "send", send)
    monkeypatch.setattr(requests.Session, "send", send)
    with pytest.raises(ProviderUnavailable):
        ADAPTERS[name].refund("x", amount=None, reason="asked", key="rfd")
    assert hosts == [host]
