"""The billing pages as whoever buys uses them: the providers are rehearsed, the ledger is the real one."""

from __future__ import annotations

import csv
import io
import json
import re
from urllib.parse import urlsplit

import pytest
from asgiref.sync import async_to_sync

from accounts import api_keys
from accounts.models import ApiKey
from billing import auto_top_up, intake, ledger
from billing.models import AutoTopUp, BalanceAlert, Payment, Product, SpendingCap, Subscription, Transaction
from billing.pricing import MICRO
from tests.billing import conftest as rehearsed
from tests.billing.conftest import PACK, PLAN, TEAM
from tests.people import make_person
from tests.portal.conftest import enter

BILLING = "/portal/billing"
NOT_THERE = 404
providers, shop = rehearsed.providers, rehearsed.shop


def text(answer) -> str:
    return answer.content.decode()


def overview(portal) -> str:
    return text(portal.get(BILLING))


def section(page: str, id: str) -> str:
    """Of an overview, what stands under this heading."""
    return re.search(rf'<section aria-labelledby="{id}".*?</section>', page, re.S)[0]


def nonce_of(page: str, id: str) -> str:
    return re.search(r'name="nonce" value="(\w+)"', section(page, id))[1]


def fields(portal, person, id="buy", **changes) -> dict:
    """As the form has them, with its own nonce."""
    product, provider = {"buy": (PACK, "dodo"), "plan": (PLAN, "paddle")}[id]
    nonce = nonce_of(overview(portal), id)
    return {"nonce": nonce, "key": person.key.pk, "product": product, "provider": provider, **changes}


def buy(portal, person, **changes):
    return portal.post(f"{BILLING}/orders", fields(portal, person, **changes))


def subscribe(portal, person, **changes):
    return portal.post(f"{BILLING}/plans", fields(portal, person, "plan", **changes))


def placed(answer) -> Payment | Subscription:
    assert answer.status_code == 303, text(answer)
    order = answer["Location"].rsplit("/", 1)[1]
    return (Subscription if order.startswith("sub_") else Payment).objects.get(pk=order)


def pay(shop, order) -> None:
    shop.hear(*shop.providers.pay(order.checkout_ref))
    order.refresh_from_db()


def run_down(person, credits: int) -> None:
    hold = ledger.place_hold(person.wallet, credits * MICRO, key=f"down{credits}", price_version=1)
    ledger.settle_hold(hold, credits=credits * MICRO)


@pytest.fixture
def asked(shop):
    """What the providers were asked for, from now on."""
    shop.providers.asked.clear()
    return shop.providers.asked


# Buying


def test_an_order_leads_to_its_page_and_on_to_the_provider(portal, bob, shop):
    order = placed(buy(portal, bob))
    page = text(portal.get(f"{BILLING}/orders/{order.pk}"))
    assert f'<a class="button primary" href="{order.checkout_url}">Continue to payment</a>' in page
    assert "5.00 USD" in page and f"<strong>{urlsplit(order.checkout_url).hostname}</strong>" in page
    assert 'hx-trigger="every 2s"' in page and "Nothing has been charged" in page


def test_the_provider_leads_back_to_the_order(portal, bob, shop, settings):
    settings.SITE_URL = "https://littlepull.example"
    order = placed(buy(portal, bob))
    sale = shop.providers.books.sales[order.checkout_ref]
    assert sale.return_url == f"https://littlepull.example{BILLING}/orders/{order.pk}"


def test_the_page_is_watched_until_the_credits_are_there(portal, bob, shop):
    ApiKey.objects.update(name="Invoices <b>")
    order = placed(buy(portal, bob, product="credits-2000"))
    state = f"{BILLING}/orders/{order.pk}/state"
    assert "every 2s" in text(portal.get(state))
    assert portal.get(f"{state}?seen=created").status_code == 204
    pay(shop, order)
    told = text(portal.get(f"{state}?seen=created"))
    assert re.search(r"2,000 credits</span> were added to Invoices &lt;b&gt;\.", told)
    assert "every 2s" not in told and f'href="{BILLING}/orders/{order.pk}/receipt"' in told
    assert bob.wallet.available == 2000 * MICRO


def test_a_declined_payment_says_so_and_is_watched_no_more(portal, bob, shop):
    order = placed(buy(portal, bob))
    shop.hear(*shop.providers.fail(order.checkout_ref))
    page = text(portal.get(f"{BILLING}/orders/{order.pk}"))
    assert "Declined." in page and "Nothing was charged" in page and "every 2s" not in page
    assert "Continue to payment" not in page and not bob.wallet.available


def test_a_double_click_buys_once(portal, bob, shop, asked):
    sent = fields(portal, bob)
    first, second = (portal.post(f"{BILLING}/orders", sent) for _ in range(2))
    assert first["Location"] == second["Location"] and Payment.objects.count() == 1
    assert len(asked) == 1


def test_the_same_form_with_another_pack_is_another_order(portal, bob, shop):
    """Back from the provider by the browser's button, and something else chosen."""
    sent = fields(portal, bob)
    first = placed(portal.post(f"{BILLING}/orders", sent))
    second = placed(portal.post(f"{BILLING}/orders", sent | {"product": "credits-2000"}))
    assert (first.product_id, second.product_id) == (PACK, "credits-2000")


def test_each_load_of_the_page_can_buy_again(portal, bob, shop):
    assert placed(buy(portal, bob)) != placed(buy(portal, bob))


def test_a_key_that_shares_credits_is_not_offered_for_buying(portal, bob, shop):
    sharer, _ = api_keys.create_key(bob.user, mode="live", name="Sharer")
    ApiKey.objects.filter(pk=sharer.pk).update(pays_from=bob.key)
    page = overview(portal)
    assert sharer.pk not in section(page, "buy") and "Spends the credits of" in section(page, "keys")
    answer = buy(portal, bob, key=sharer.pk)
    assert "Select a valid choice" in section(text(answer), "buy") and not Payment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"product": "starter"}, "Select a valid choice"),
        ({"product": ""}, "This field is required"),
        ({"provider": "stripe"}, "Select a valid choice"),
        ({"key": ""}, "This field is required"),
    ],
)
def test_what_cannot_be_bought_is_said_beside_the_field(portal, bob, shop, asked, changes, words):
    answer = buy(portal, bob, **changes)
    assert words in section(text(answer), "buy") and 'href="#buy">See why' in text(answer)
    assert not Payment.objects.exists() and not asked


def test_a_pack_that_the_chosen_provider_does_not_sell_is_refused(portal, bob, shop, asked):
    Product.objects.filter(pk=PACK).update(paddle_ref="")
    answer = buy(portal, bob, provider="paddle")
    assert "not sold here, or not by that provider" in section(text(answer), "buy")
    assert not Payment.objects.exists() and not asked


def test_a_provider_that_does_not_answer_is_tried_again_with_the_same_order(portal, bob, shop):
    sent = fields(portal, bob)
    shop.providers.trouble.extend([500] * 3)
    answer = portal.post(f"{BILLING}/orders", sent)
    told = section(text(answer), "buy")
    assert "Dodo Payments does not answer. Nothing was charged" in told and sent["nonce"] in told
    shop.providers.trouble.clear()
    order = placed(portal.post(f"{BILLING}/orders", sent))
    assert Payment.objects.get() == order and order.checkout_url


def test_an_order_without_a_page_to_pay_on_can_ask_again(portal, bob, shop):
    shop.providers.trouble.extend([500] * 6)
    buy(portal, bob)
    order = Payment.objects.get()
    where = f"{BILLING}/orders/{order.pk}"
    assert "Continue to payment" not in text(portal.get(where))
    assert "does not answer" in text(portal.post(f"{where}/checkout"))
    shop.providers.trouble.clear()
    assert portal.post(f"{where}/checkout").status_code == 303
    assert "Continue to payment" in text(portal.get(where))


def test_with_one_provider_there_is_none_to_choose(portal, bob, shop, settings):
    settings.DODO_PAYMENTS_API_KEY = ""
    assert "Pay through" not in section(overview(portal), "buy")
    assert placed(buy(portal, bob, provider="")).provider == "paddle"


def test_where_nobody_sells_that_is_said_and_there_is_no_button(portal, bob):
    page = overview(portal)
    assert "Buying is not switched on here" in page and "DODO_PAYMENTS_API_KEY" in page and "PADDLE_API_KEY" in page
    assert f'action="{BILLING}/orders"' not in page and f'action="{BILLING}/plans"' not in page
    assert f'action="{BILLING}/auto-top-up"' not in page and 'href="#buy"' not in page


def test_where_no_product_is_named_that_is_said(portal, bob, providers):
    page = overview(portal)
    assert "No pack is on sale here" in page and f'action="{BILLING}/orders"' not in page


def test_without_a_live_key_the_page_says_what_to_do(portal, bob, shop):
    ApiKey.objects.update(mode="test")
    page = overview(portal)
    assert "Credits belong to a live key" in page and f'action="{BILLING}/orders"' not in page


# What was bought


def test_a_receipt_is_a_page_and_a_pdf(portal, bob, shop):
    order = placed(buy(portal, bob))
    assert portal.get(f"{BILLING}/orders/{order.pk}/receipt").status_code == NOT_THERE
    pay(shop, order)
    assert f'href="{BILLING}/orders/{order.pk}/receipt.pdf"' in section(overview(portal), "payments")
    assert "Receipt No. 1" in text(portal.get(f"{BILLING}/orders/{order.pk}/receipt"))
    pdf = portal.get(f"{BILLING}/orders/{order.pk}/receipt.pdf")
    assert pdf.content.startswith(b"%PDF-") and "receipt-1.pdf" in pdf["Content-Disposition"]
    assert "no-store" in pdf["Cache-Control"]


def test_an_invoice_is_the_provider_s(portal, bob, shop):
    order = placed(buy(portal, bob, provider="paddle"))
    assert portal.get(f"{BILLING}/orders/{order.pk}/invoice").status_code == NOT_THERE
    pay(shop, order)
    answer = portal.get(f"{BILLING}/orders/{order.pk}/invoice")
    assert answer.status_code == 302 and not answer["Location"].startswith("/")


def test_frozen_and_owed_credits_are_explained(portal, bob, shop):
    order = placed(buy(portal, bob))
    pay(shop, order)
    run_down(bob, 200)
    shop.hear(*shop.providers.open_dispute(order.ref))
    page = overview(portal)
    assert "300 credits" in section(page, "keys") and "until the bank has decided" in page
    assert "disputed" in section(page, "payments")
    shop.hear(*shop.providers.lose_dispute(order.ref))
    page = overview(portal)
    assert "repays it first" in page and "200 credits" in section(page, "keys")


# Plans


def test_a_plan_is_subscribed_to_and_watched_until_its_credits_come(portal, bob, shop):
    order = placed(subscribe(portal, bob))
    where = f"{BILLING}/orders/{order.pk}"
    page = text(portal.get(where))
    assert "9.00 USD" in page and "a month" in page and "every 2s" in page
    pay(shop, order)
    told = text(portal.get(f"{where}/state"))
    assert "1,000 credits</span> were added to" in told and "every 2s" not in told
    listed = section(overview(portal), "plan")
    assert "active" in listed and "Renews" in listed and "Cancel plan" in listed


def test_a_double_click_subscribes_once(portal, bob, shop, asked):
    sent = fields(portal, bob, "plan")
    first, second = (portal.post(f"{BILLING}/plans", sent) for _ in range(2))
    assert first["Location"] == second["Location"] and Subscription.objects.count() == len(asked) == 1


@pytest.fixture
def plan(portal, bob, shop):
    order = placed(subscribe(portal, bob))
    pay(shop, order)
    shop.providers.asked.clear()
    return order


@pytest.mark.parametrize(
    ("act", "sent", "where", "what"),
    [
        ("change", {"product": TEAM}, "", "paddle-team"),
        ("pause", {}, "/pause", ""),
        ("cancel", {"when": "later"}, "/cancel", "next_billing_period"),
        ("cancel", {}, "/cancel", "next_billing_period"),
        ("cancel", {"when": "now"}, "/cancel", "immediately"),
    ],
)
def test_what_is_wanted_of_a_plan_is_asked_of_its_provider(portal, plan, shop, act, sent, where, what):
    answer = portal.post(f"{BILLING}/plans/{plan.pk}/{act}", sent, follow=True)
    _method, path, body = shop.providers.asked[-1]
    assert path.endswith(f"{plan.ref}{where}") and what in json.dumps(body)
    assert "Paddle has been asked" in text(answer)


def test_a_paused_plan_goes_on(portal, plan, shop):
    shop.hear(*shop.providers.change(plan.ref, "paused"))
    listed = section(overview(portal), "plan")
    assert "paused" in listed and f"{BILLING}/plans/{plan.pk}/resume" in listed and "/pause" not in listed
    portal.post(f"{BILLING}/plans/{plan.pk}/resume")
    assert shop.providers.asked[-1][1].endswith(f"{plan.ref}/resume")


def test_past_due_is_explained(portal, plan, shop):
    shop.hear(*shop.providers.change(plan.ref, "past_due"))
    listed = section(overview(portal), "plan")
    assert "past due" in listed and "change the payment method at the provider" in listed
    assert "Past due." in text(portal.get(f"{BILLING}/orders/{plan.pk}"))


def test_a_plan_that_its_provider_will_not_change_says_so_there(portal, plan, shop):
    shop.providers.trouble.extend([500] * 3)
    answer = portal.post(f"{BILLING}/plans/{plan.pk}/pause")
    assert "Paddle does not answer" in section(text(answer), "plan") and 'href="#plan">See why' in text(answer)
    answer = portal.post(f"{BILLING}/plans/{plan.pk}/change", {"product": "nothing"})
    assert "There is no such plan" in section(text(answer), "plan")
    answer = portal.post(f"{BILLING}/plans/{plan.pk}/change", {"product": PACK})
    assert "not sold here" in section(text(answer), "plan")


def test_the_provider_s_portal_is_a_link(portal, plan, shop):
    answer = portal.get(f"{BILLING}/plans/{plan.pk}/portal")
    assert answer.status_code == 302 and not answer["Location"].startswith("/")
    shop.providers.trouble.extend([500] * 3)
    answer = portal.get(f"{BILLING}/plans/{plan.pk}/portal")
    assert "does not answer" in section(text(answer), "plan")


def test_a_plan_that_was_not_paid_can_only_be_paid(portal, bob, shop):
    order = placed(subscribe(portal, bob))
    listed = section(overview(portal), "plan")
    assert f"{BILLING}/orders/{order.pk}" in listed and "Cancel plan" not in listed
    assert portal.post(f"{BILLING}/plans/{order.pk}/cancel").status_code == NOT_THERE


# What happens by itself


def test_alerts_are_added_and_removed(portal, bob):
    asked = {"key": bob.key.pk, "threshold": "50.5", "unit": "credits"}
    assert portal.post(f"{BILLING}/alerts", asked).status_code == 303
    portal.post(f"{BILLING}/alerts", asked | {"threshold": "20", "unit": "percent"})
    portal.post(f"{BILLING}/alerts", asked)  # there already
    assert list(BalanceAlert.objects.order_by("pk").values_list("credits", "percent")) == [
        (50_500_000, None),
        (None, 20),
    ]
    listed = section(overview(portal), "alerts")
    assert "50.5 credits" in listed and "Below 20 % of what came in last" in listed
    for one in BalanceAlert.objects.all():
        portal.post(f"{BILLING}/alerts/{one.pk}/remove")
    assert not BalanceAlert.objects.exists()


@pytest.mark.parametrize(
    ("threshold", "unit", "words"),
    [
        ("", "credits", "This field is required"),
        ("0", "credits", "greater than or equal to"),
        ("-1", "credits", "greater than or equal to"),
        ("1.1234567", "credits", "no more than 6 decimal places"),
        ("NaN", "credits", "Enter a number"),
        ("12.5", "percent", "whole number from 1 to 100"),
        ("101", "percent", "whole number from 1 to 100"),
        ("5", "euros", "Select a valid choice"),
    ],
)
def test_an_alert_that_cannot_be_is_refused_beside_its_field(portal, bob, threshold, unit, words):
    answer = portal.post(f"{BILLING}/alerts", {"key": bob.key.pk, "threshold": threshold, "unit": unit})
    assert words in section(text(answer), "alerts") and not BalanceAlert.objects.exists()


def test_a_key_has_ten_alerts_at_most(portal, bob):
    for credits in range(1, 12):
        answer = portal.post(f"{BILLING}/alerts", {"key": bob.key.pk, "threshold": credits, "unit": "credits"})
    assert "remove one first" in section(text(answer), "alerts") and BalanceAlert.objects.count() == 10


def test_auto_top_up_asks_for_a_payment_method_once_and_then_buys(portal, bob, shop):
    ledger.grant(bob.wallet, 50 * MICRO, key="start")
    rule = {"key": bob.key.pk, "product": PACK, "threshold": "100", "target": ""}
    mandate = placed(portal.post(f"{BILLING}/auto-top-up", rule))
    where = f"{BILLING}/orders/{mandate.pk}"
    assert "nothing is charged now" in text(portal.get(where)) and "not ready" in section(
        overview(portal), "auto-top-up"
    )
    pay(shop, mandate)
    assert "Auto top-up is ready" in text(portal.get(f"{where}/state"))
    assert auto_top_up.top_up_where_low() == 1
    again = portal.post(f"{BILLING}/auto-top-up", rule | {"threshold": "200.25", "target": "1000"})
    assert again["Location"] == f"{BILLING}#auto-top-up" and Subscription.objects.count() == 1
    listed = section(overview(portal), "auto-top-up")
    assert "200.25 credits" in listed and "1,000 credits" in listed and ">on<" in listed
    portal.post(f"{BILLING}/auto-top-up/{bob.key.pk}/off")
    assert not AutoTopUp.objects.exists() and "nothing is ever bought by itself" in overview(portal)


def test_a_mandate_leads_back_to_its_page(portal, bob, shop, settings):
    rule = {"key": bob.key.pk, "product": PACK, "threshold": "100", "target": ""}
    mandate = placed(portal.post(f"{BILLING}/auto-top-up", rule))
    sale = shop.providers.books.sales[mandate.checkout_ref]
    assert sale.return_url == f"{settings.SITE_URL}{BILLING}/orders/{mandate.pk}"


def test_auto_top_up_that_switched_itself_off_or_was_declined_says_so(portal, bob, shop):
    rule = {"key": bob.key.pk, "product": PACK, "threshold": "100", "target": ""}
    pay(shop, placed(portal.post(f"{BILLING}/auto-top-up", rule)))
    auto_top_up.top_up_where_low()
    shop.hear(*shop.providers.charge(Payment.objects.get().pk, declined=True))
    assert "was declined: it is tried again later" in section(overview(portal), "auto-top-up")
    AutoTopUp.objects.update(enabled=False)
    assert "Three purchases within ten minutes" in section(overview(portal), "auto-top-up")
    portal.post(f"{BILLING}/auto-top-up", rule)
    assert ">on<" in section(overview(portal), "auto-top-up")


@pytest.mark.parametrize("changes", [{"threshold": ""}, {"threshold": "0"}, {"product": PLAN}, {"target": "-5"}])
def test_a_rule_that_cannot_be_is_refused_beside_its_field(portal, bob, shop, asked, changes):
    rule = {"key": bob.key.pk, "product": PACK, "threshold": "100", "target": ""}
    answer = portal.post(f"{BILLING}/auto-top-up", rule | changes)
    assert "errorlist" in section(text(answer), "auto-top-up") and not Subscription.objects.exists() and not asked


def test_a_rule_whose_provider_does_not_answer_is_not_saved(portal, bob, shop):
    shop.providers.trouble.extend([500] * 3)
    rule = {"key": bob.key.pk, "product": PACK, "threshold": "100", "target": ""}
    answer = portal.post(f"{BILLING}/auto-top-up", rule)
    assert "does not answer" in section(text(answer), "auto-top-up") and not AutoTopUp.objects.exists()


def test_without_dodo_there_is_no_auto_top_up(portal, bob, shop, settings):
    settings.DODO_PAYMENTS_API_KEY = ""
    page = section(overview(portal), "auto-top-up")
    assert "It needs Dodo Payments" in page and "<form" not in page


def test_a_cap_is_set_shown_and_taken_away(portal, alice_at_home, alice):
    alice_at_home.post(f"{BILLING}/caps", {"key": alice.key.pk, "cap": "80.5"})
    assert SpendingCap.objects.get().credits == 80_500_000
    run_down(alice, 42)
    listed = section(overview(alice_at_home), "caps")
    assert 'value="52"' in listed and "38.5 credits" in listed and "<meter" in listed
    alice_at_home.post(f"{BILLING}/caps/{alice.key.pk}/remove")
    assert not SpendingCap.objects.exists()


@pytest.mark.parametrize("cap", ["", "0", "-3", "1e400", "1.0000001", "9999999999"])
def test_a_cap_that_cannot_be_is_refused_beside_its_field(portal, bob, cap):
    answer = portal.post(f"{BILLING}/caps", {"key": bob.key.pk, "cap": cap})
    assert "errorlist" in section(text(answer), "caps") and not SpendingCap.objects.exists()


# Moving


@pytest.fixture
def alice_at_home(alice):
    return enter(alice)


@pytest.fixture
def second(alice):
    return api_keys.create_key(alice.user, mode="live", name="Second")[0]


def move(client, source, target, credits, **changes):
    sent = {"nonce": nonce_of(overview(client), "move"), "key": source.pk, "to": target.pk, "credits": credits}
    return client.post(f"{BILLING}/moves", sent | changes)


def test_credits_are_moved_once_however_often_it_is_sent(alice_at_home, alice, second):
    sent = {"nonce": nonce_of(overview(alice_at_home), "move"), "key": alice.key.pk, "to": second.pk}
    for _ in range(2):
        alice_at_home.post(f"{BILLING}/moves", sent | {"credits": "12.000001"})
    assert ledger.get_wallet(second).available == 12_000_001
    assert alice.wallet.available == 100 * MICRO - 12_000_001


def test_credits_of_a_revoked_key_can_be_moved_from_it_and_not_to_it(alice_at_home, alice, second):
    api_keys.revoke_key(alice.key)
    assert "ended" in section(overview(alice_at_home), "keys")
    assert move(alice_at_home, alice.key, second, "40").status_code == 303
    answer = move(alice_at_home, second, alice.key, "1")
    assert "Select a valid choice" in section(text(answer), "move")
    assert ledger.get_wallet(second).available == 40 * MICRO


@pytest.mark.parametrize(
    ("credits", "words"),
    [("100.000001", "Only 100 credits are free"), ("0", "greater than"), ("ten", "Enter a number")],
)
def test_a_move_that_cannot_be_is_refused_beside_its_field(alice_at_home, alice, second, credits, words):
    answer = move(alice_at_home, alice.key, second, credits)
    assert words in section(text(answer), "move")
    assert alice.wallet.available == 100 * MICRO and not Transaction.objects.filter(kind="transfer").exists()


def test_a_key_gives_nothing_to_itself(alice_at_home, alice, second):
    answer = move(alice_at_home, alice.key, alice.key, "5")
    assert "Choose another key" in section(text(answer), "move") and alice.wallet.available == 100 * MICRO


# Papers


def test_movements_are_paged_by_cursor(alice_at_home, alice, monkeypatch):
    monkeypatch.setattr("littlepull.portal.billing_papers.PAGE", 3)
    for credits in range(1, 5):
        ledger.grant(alice.wallet, credits * MICRO, key=f"gift{credits}", note=f"gift number {credits}")
    page = text(alice_at_home.get(f"{BILLING}/ledger?key={alice.key.pk}"))
    assert "gift number 4" in page and "110 credits" in page and "gift number 1" not in page
    older = re.search(r'href="(\?key=[^"]+)" rel="next"', page)[1].replace("&amp;", "&")
    page = text(alice_at_home.get(f"{BILLING}/ledger{older}"))
    assert "gift number 1" in page and "gift number 2" not in page and "Newest" in page and "Older" not in page


def test_a_cursor_of_nobody_s_is_not_there(alice_at_home):
    assert alice_at_home.get(f"{BILLING}/ledger?cursor=x' OR 1=1").status_code == NOT_THERE


def statement(client, key, **changes):
    return client.get(f"{BILLING}/statement", {"key": key.pk, "format": "json", **dates(), **changes})


def dates(begin="2026-01-01", end="2199-12-31") -> dict:
    return {"begin": begin, "end": end}


def read(answer) -> str:
    async def every_part():
        return [part async for part in answer]

    return b"".join(async_to_sync(every_part)()).decode()


def test_a_statement_sums_as_json_and_as_csv(alice_at_home, alice):
    run_down(alice, 30)
    answer = statement(alice_at_home, alice.key)
    told = json.loads(read(answer))
    assert (told["opening"], told["closing"]) == ("0.000000", "70.000000") and len(told["lines"]) == 2
    assert re.search(r'filename="statement-2026-01-01-to-\d{4}-\d\d-\d\d\.json"', answer["Content-Disposition"])
    rows = list(csv.DictReader(io.StringIO(read(statement(alice_at_home, alice.key, format="csv")))))
    assert [row["kind"] for row in rows] == ["opening", "grant", "settle", "closing"]


def test_the_last_day_of_a_statement_is_in_it(alice_at_home, alice):
    day = f"{Transaction.objects.get().created_at:%Y-%m-%d}"
    assert json.loads(read(statement(alice_at_home, alice.key, **dates(day, day))))["lines"]


@pytest.mark.parametrize(
    ("begin", "end", "words"),
    [
        ("", "2026-01-01", "This field is required"),
        ("2026-02-30", "2026-03-01", "Enter a valid date"),
        ("2026-02-02", "2026-02-01", "before the first day"),
        ("0001-01-01", "2026-02-01", "between the years 2000 and 2200"),
        ("2026-01-01", "9999-12-31", "between the years 2000 and 2200"),
    ],
)
def test_a_window_that_cannot_be_is_refused_beside_its_field(alice_at_home, alice, begin, end, words):
    answer = statement(alice_at_home, alice.key, **dates(begin, end))
    assert words in section(text(answer), "statement")


# Whose it is


@pytest.mark.parametrize("act", ["", "/state", "/receipt", "/receipt.pdf", "/invoice"])
def test_another_s_order_is_not_there(portal, bob, shop, alice_at_home, act):
    order = placed(buy(portal, bob))
    pay(shop, order)
    assert alice_at_home.get(f"{BILLING}/orders/{order.pk}{act}").status_code == NOT_THERE
    assert portal.get(f"{BILLING}/orders/{order.pk}{act}").status_code in (200, 302)


@pytest.mark.parametrize("act", ["change", "pause", "resume", "cancel", "portal"])
def test_another_s_plan_is_not_there(plan, alice_at_home, shop, act):
    call = alice_at_home.get if act == "portal" else alice_at_home.post
    assert call(f"{BILLING}/plans/{plan.pk}/{act}").status_code == NOT_THERE
    assert alice_at_home.get(f"{BILLING}/orders/{plan.pk}").status_code == NOT_THERE
    assert not shop.providers.asked


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ("orders", {"product": PACK, "provider": "dodo"}),
        ("plans", {"product": PLAN, "provider": "paddle"}),
        ("alerts", {"threshold": "5", "unit": "credits"}),
        ("auto-top-up", {"threshold": "5", "product": PACK}),
        ("caps", {"cap": "5"}),
        ("moves", {"credits": "5"}),
    ],
)
def test_another_s_key_is_not_there(portal, bob, shop, asked, where, sent):
    foreign = make_person("eve", credits=50)
    answer = portal.post(f"{BILLING}/{where}", {"key": foreign.key.pk, "to": bob.key.pk, **sent})
    assert answer.status_code == NOT_THERE and foreign.wallet.available == 50 * MICRO and not asked


def test_nothing_of_another_s_is_read_or_removed(portal, bob):
    foreign = make_person("eve", credits=50)
    alert = foreign.wallet.alerts.create(credits=5)
    for address in (f"alerts/{alert.pk}/remove", f"auto-top-up/{foreign.key.pk}/off", f"caps/{foreign.key.pk}/remove"):
        assert portal.post(f"{BILLING}/{address}").status_code == NOT_THERE
    for address in (f"ledger?key={foreign.key.pk}", f"statement?key={foreign.key.pk}&begin=2026-01-01&end=2026-12-31"):
        assert portal.get(f"{BILLING}/{address}").status_code == NOT_THERE
    assert BalanceAlert.objects.exists()


def test_credits_go_to_no_key_of_another(alice_at_home, alice, bob):
    sent = {"key": alice.key.pk, "to": bob.key.pk, "credits": "5"}
    assert alice_at_home.post(f"{BILLING}/moves", sent).status_code == NOT_THERE
    assert not bob.wallet.available


def test_without_signing_in_there_is_only_the_door(client, bob):
    for address in ("", "/ledger", "/orders/pay_1", "/statement"):
        assert client.get(BILLING + address)["Location"].startswith("/accounts/login/")
    assert client.post(f"{BILLING}/orders")["Location"].startswith("/accounts/login/")


def test_a_form_s_address_opened_by_hand_leads_to_the_overview(portal):
    for address in ("orders", "plans", "alerts", "caps", "moves", "auto-top-up"):
        assert portal.get(f"{BILLING}/{address}")["Location"] == BILLING


def test_the_overview_asks_no_more_of_the_database_for_a_larger_account(
    portal, bob, shop, django_assert_max_num_queries
):
    for number in range(12):
        pay(shop, placed(buy(portal, bob)))
        key, _ = api_keys.create_key(bob.user, mode="live", name=f"Key {number}")
        ledger.grant(ledger.get_wallet(key), number * MICRO + 1, key="gift")
        ledger.get_wallet(key).alerts.create(credits=5)
    intake.process_waiting()
    with django_assert_max_num_queries(40):
        portal.get(BILLING)
