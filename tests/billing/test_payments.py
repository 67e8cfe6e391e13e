"""Paying, from the order over the provider's page to the credits: through the API and the webhooks' door."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.api_keys import create_key
from billing import audit, auto_top_up, intake, ledger, payments
from billing.errors import RefundRefused
from billing.models import (
    AutoTopUp,
    Lot,
    Payment,
    PaymentEvent,
    Product,
    Receipt,
    Refund,
    RefusedDelivery,
    Subscription,
    Wallet,
)
from billing.pricing import MICRO
from billing.providers.errors import ProviderUnavailable
from tests.billing.callers import call
from tests.people import make_person

PACK = 500 * MICRO


def wallet_of(person) -> Wallet:
    return Wallet.objects.get(pk=person.wallet.pk)


def buy(person, shop, **headers: str) -> tuple[dict, str]:
    """The order, and the provider's checkout."""
    answer = call(person, "POST", "/v1/payments", {"product": "credits-500"}, **headers)
    assert answer.status_code == 201, answer.content
    return answer.json(), answer.json()["checkout_url"].rpartition("/")[2]


def paid(person, shop) -> Payment:
    order, checkout = buy(person, shop)
    shop.hear(*shop.providers.pay(checkout))
    return Payment.objects.get(pk=order["id"])


def test_an_order_is_paid_and_credited(bob, shop):
    order, checkout = buy(bob, shop)
    assert (order["status"], order["credits"], order["amount"]) == ("created", "500.000000", 500)
    assert wallet_of(bob).available == 0
    shop.hear(*shop.providers.pay(checkout))
    told = call(bob, "GET", f"/v1/payments/{order['id']}").json()
    assert (told["status"], told["paid"], told["receipt_number"], told["checkout_url"]) == ("succeeded", 500, 1, None)
    assert told["reference"] == shop.providers.books.sales[checkout].ref
    assert wallet_of(bob).available == PACK
    assert call(bob, "GET", "/v1/payments").json()["data"] == [told]
    pdf = call(bob, "GET", f"/v1/payments/{order['id']}/receipt")
    assert pdf.content.startswith(b"%PDF")
    page = call(bob, "GET", f"/v1/payments/{order['id']}/receipt?format=html").content.decode()
    assert all(word in page for word in ("Receipt No. 1", "5.00 USD", bob.user.email, "merchant of record"))
    assert not list(audit.find_faults())


def test_an_order_is_nobody_elses(bob, charlie, shop):
    payment = paid(bob, shop)
    for path in (f"/v1/payments/{payment.pk}", f"/v1/payments/{payment.pk}/receipt"):
        assert call(charlie, "GET", path).status_code == 404
    assert call(charlie, "GET", "/v1/payments").json()["data"] == []
    body = {"product": "credits-500", "key_id": bob.key.pk}
    assert call(charlie, "POST", "/v1/payments", body).status_code == 404


def test_a_repeated_order_is_one_order(bob, shop):
    first, _ = buy(bob, shop, idempotency_key="once")
    again, _ = buy(bob, shop, idempotency_key="once")
    assert first == again
    assert (Payment.objects.count(), len(shop.providers.books.sales)) == (1, 1)


def test_what_is_not_sold_cannot_be_bought(bob, shop):
    for product in ("nothing", "starter"):
        answer = call(bob, "POST", "/v1/payments", {"product": product})
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_product")
    test_key = make_person("tess", mode="test")
    assert call(test_key, "POST", "/v1/payments", {"product": "credits-500"}).json()["code"] == "unknown_product"
    Product.objects.update(dodo_ref="")
    assert call(bob, "POST", "/v1/payments", {"product": "credits-500"}).json()["code"] == "unknown_product"
    assert not Payment.objects.exists()


def test_a_provider_that_is_away_is_said_to_be_so_and_the_order_goes_on(bob, shop):
    shop.providers.trouble = [500] * 3
    answer = call(bob, "POST", "/v1/payments", {"product": "credits-500"}, idempotency_key="again")
    assert (answer.status_code, answer.json()["code"]) == (503, "payment_provider_unavailable")
    _, checkout = buy(bob, shop, idempotency_key="again")
    shop.hear(*shop.providers.pay(checkout))
    assert wallet_of(bob).available == PACK
    assert Payment.objects.count() == 1


def test_only_what_is_signed_now_is_believed(bob, shop):
    _, checkout = buy(bob, shop)
    (told,) = shop.providers.pay(checkout)
    true = shop.providers.sign(told)
    for wrong in (true.changed(), told.forged(), told.stale(shop.providers.secrets["dodo"])):
        assert shop.post(wrong) == 401
    intake.process_waiting()
    assert wallet_of(bob).available == 0
    assert not PaymentEvent.objects.exists()
    assert RefusedDelivery.objects.get(provider="dodo", reason="bad_signature").count == 3
    assert [shop.post(true) for _ in range(3)] == [200] * 3
    intake.process_waiting()
    assert wallet_of(bob).available == PACK
    assert PaymentEvent.objects.count() == 1


@pytest.mark.parametrize("provider", ["dodo", "paddle"])
def test_an_order_s_id_on_a_payment_for_something_else_buys_nothing(bob, shop, provider):
    """A payer may write what they like into the metadata of a static link."""
    body = {"product": "credits-10000", "provider": provider}
    order = call(bob, "POST", "/v1/payments", body).json()
    checkout = order["checkout_url"].rpartition("/")[2]
    sale = shop.providers.books.sales[checkout]
    sale.product_ref, sale.amount = f"{provider}-credits-500", 500
    shop.hear(*shop.providers.pay(checkout))
    assert wallet_of(bob).available == 0
    assert PaymentEvent.objects.get().outcome == "unmatched"


def test_a_declined_payment_buys_nothing_and_may_be_tried_again(bob, shop):
    order, checkout = buy(bob, shop)
    shop.hear(*shop.providers.fail(checkout))
    assert call(bob, "GET", f"/v1/payments/{order['id']}").json()["status"] == "failed"
    shop.providers.books.sales[checkout].ref = ""  # another try has another id
    shop.hear(*shop.providers.pay(checkout))
    assert call(bob, "GET", f"/v1/payments/{order['id']}").json()["status"] == "succeeded"
    assert wallet_of(bob).available == PACK


def test_a_fault_of_ours_about_one_payment_keeps_nobody_else_from_their_credits(bob, alice, shop, monkeypatch, caplog):
    apply = intake._apply
    before, unlucky, lucky = wallet_of(alice).available, buy(bob, shop), buy(alice, shop)

    def stumble(event: PaymentEvent) -> PaymentEvent.Outcome:
        if event.order_id == unlucky[0]["id"]:
            raise KeyError
        return apply(event)

    monkeypatch.setattr(intake, "_apply", stumble)
    shop.hear(*shop.providers.pay(unlucky[1]), *shop.providers.pay(lucky[1]))
    assert (wallet_of(bob).available, wallet_of(alice).available) == (0, before + PACK)
    assert "met a fault of ours" in caplog.text
    monkeypatch.setattr(intake, "_apply", apply)
    intake.process_waiting()
    assert wallet_of(bob).available == PACK


def test_an_order_paid_in_two_windows_is_credited_twice(bob, shop):
    _, checkout = buy(bob, shop)
    first = shop.providers.pay(checkout)
    shop.providers.books.sales[checkout].ref = ""
    second = shop.providers.pay(checkout)
    shop.hear(*second, *first, *second)
    assert wallet_of(bob).available == 2 * PACK
    assert Receipt.objects.count() == 2
    assert not list(audit.find_faults())


def test_a_refund_takes_the_credits_back(bob, shop):
    payment = paid(bob, shop)
    refund = payments.request_refund(payment, amount=200, reason="asked", key="r1")
    assert payments.request_refund(payment, amount=200, reason="asked", key="r1") == refund
    assert wallet_of(bob).available == PACK  # until the provider says so
    shop.hear(*shop.providers.confirm_refunds(payment.ref))
    payment.refresh_from_db()
    assert (payment.status, payment.refunded) == ("partly_refunded", 200)
    assert wallet_of(bob).available == 300 * MICRO
    assert Refund.objects.get().status == Refund.Status.SUCCEEDED
    with pytest.raises(RefundRefused):
        payments.request_refund(payment, amount=301, reason="asked", key="r2")
    payments.request_refund(payment, amount=None, reason="asked", key="r3")
    shop.hear(*shop.providers.confirm_refunds(payment.ref))
    assert wallet_of(bob).available == 0
    with pytest.raises(RefundRefused):
        payments.request_refund(Payment.objects.get(pk=payment.pk), amount=None, reason="asked", key="r4")
    assert not list(audit.find_faults())


def test_a_refund_whose_answer_was_lost_is_found_by_its_event(bob, shop):
    payment = paid(bob, shop)
    shop.providers.trouble = [0, "hang"]  # the payment is read, the refund hangs
    with pytest.raises(ProviderUnavailable):
        payments.request_refund(payment, amount=100, reason="asked", key="r1")
    shop.hear(*shop.providers.refund(payment.ref, 100))
    refund = Refund.objects.get()
    assert (refund.status, bool(refund.ref)) == ("succeeded", True)
    assert wallet_of(bob).available == 400 * MICRO


def test_credits_spent_of_a_refunded_payment_are_owed_and_repaid_first(bob, shop):
    payment = paid(bob, shop)
    ledger.settle_hold(ledger.place_hold(bob.wallet, 400 * MICRO, key="job", price_version=1), credits=400 * MICRO)
    shop.hear(*shop.providers.refund(payment.ref))
    wallet = wallet_of(bob)
    assert (wallet.available, wallet.debt, wallet.balance) == (0, 400 * MICRO, -400 * MICRO)
    ledger.grant(wallet, 450 * MICRO, key="gift")
    wallet = wallet_of(bob)
    assert (wallet.available, wallet.debt) == (50 * MICRO, 0)
    assert not list(audit.find_faults())


def test_nothing_is_owed_while_expired_credits_were_not_swept_yet(bob, shop):
    """Between two sweeps they count as available, and a wallet cannot have both."""
    payment = paid(bob, shop)
    ledger.settle_hold(ledger.place_hold(bob.wallet, 400 * MICRO, key="job", price_version=1), credits=400 * MICRO)
    ledger.grant(bob.wallet, 150 * MICRO, key="gift", expires_at=timezone.now() + timedelta(hours=1))
    Lot.objects.filter(kind=Lot.Kind.GIFT).update(expires_at=timezone.now() - timedelta(seconds=1))
    shop.hear(*shop.providers.refund(payment.ref))
    wallet = wallet_of(bob)
    assert (wallet.available, wallet.debt) == (0, 250 * MICRO)
    ledger.expire_lots()
    assert not list(audit.find_faults())


@pytest.mark.parametrize(("end", "left"), [("win_dispute", 600), ("lose_dispute", 100)])
def test_a_dispute_freezes_its_own_payment_and_ends_either_way(bob, shop, end, left):
    ledger.grant(bob.wallet, 100 * MICRO, key="gift")
    payment = paid(bob, shop)
    shop.hear(*shop.providers.open_dispute(payment.ref))
    wallet = wallet_of(bob)
    assert (wallet.available, wallet.frozen) == (100 * MICRO, PACK)
    assert Payment.objects.get(pk=payment.pk).status == "disputed"
    shop.hear(*getattr(shop.providers, end)(payment.ref))
    wallet = wallet_of(bob)
    assert (wallet.available, wallet.frozen, wallet.debt) == (left * MICRO, 0, 0)
    assert not list(audit.find_faults())


def test_a_lost_dispute_reaches_credits_that_were_moved(bob, shop):
    payment = paid(bob, shop)
    other = ledger.get_wallet(create_key(bob.user)[0])
    ledger.transfer(bob.wallet, other, 300 * MICRO, key="move")
    shop.hear(*shop.providers.open_dispute(payment.ref))
    other.refresh_from_db()
    assert (wallet_of(bob).frozen, other.frozen) == (200 * MICRO, 300 * MICRO)
    shop.hear(*shop.providers.lose_dispute(payment.ref))
    other.refresh_from_db()
    assert (wallet_of(bob).balance, other.balance) == (0, 0)
    assert not list(audit.find_faults())


def test_credits_that_come_back_elsewhere_meanwhile_are_left_there(bob, shop, monkeypatch):
    """A hold of a wallet that nobody locked ends in the middle of a refund: as if it had ended after it."""
    payment = paid(bob, shop)
    other = ledger.get_wallet(create_key(bob.user)[0])
    ledger.transfer(bob.wallet, other, 300 * MICRO, key="move")
    hold = ledger.place_hold(other, 300 * MICRO, key="job", price_version=1)
    lock_all_of = payments._lock_all_of

    def lock_and_be_overtaken(payment: Payment) -> dict[int, Wallet]:
        locked = lock_all_of(payment)
        ledger.release_hold(hold)
        return locked

    monkeypatch.setattr(payments, "_lock_all_of", lock_and_be_overtaken)
    shop.hear(*shop.providers.refund(payment.ref))
    other.refresh_from_db()
    assert (wallet_of(bob).debt, other.available) == (300 * MICRO, 300 * MICRO)
    assert not list(audit.find_faults())


def test_events_in_any_order_come_to_the_same(shop, bob, alice):
    """All orders of the five events of one payment."""
    seen = set()
    payment = paid(alice, shop)
    books = shop.providers
    story = [
        *books.told[-1:],
        *books.refund(payment.ref, 100),
        *books.open_dispute(payment.ref, 200),
        *books.win_dispute(payment.ref),
        *books.refund(payment.ref, 50),
    ]
    for order in itertools.permutations(story):
        PaymentEvent.objects.all().delete()
        person = make_person(f"p{len(seen)}{random.random()}")
        seen.add(replay(person, payment, shop, order))
    assert seen == {(350 * MICRO, 0, 0, "partly_refunded", 150)}


def replay(person, original: Payment, shop, order) -> tuple:
    Payment.objects.filter(ref=original.ref).update(ref="")
    row = Payment.objects.create(
        id=f"{original.pk[:-6]}{random.randrange(10**6):06d}",
        user=person.user,
        wallet=person.wallet,
        product=original.product,
        provider="dodo",
        purpose="top_up",
        key="again",
        credits=original.credits,
        amount=original.amount,
        currency="USD",
    )
    for told in order:
        body = told.body.replace(original.pk.encode(), row.pk.encode())
        shop.hear(type(told)("dodo", told.id, body))
    row.refresh_from_db()
    wallet = wallet_of(person)
    return wallet.available, wallet.frozen, wallet.debt, row.status, row.refunded


def test_a_plan_grants_credits_each_period_and_they_end_with_it(bob, shop):
    answer = call(bob, "POST", "/v1/subscriptions", {"product": "starter"})
    assert answer.status_code == 201, answer.content
    checkout = answer.json()["checkout_url"].rpartition("/")[2]
    shop.hear(*reversed(shop.providers.pay(checkout)))  # the payment before the plan
    told = call(bob, "GET", f"/v1/subscriptions/{answer.json()['id']}").json()
    assert (told["status"], told["product"], told["checkout_url"]) == ("active", "starter", None)
    lot = wallet_of(bob).lots.get()
    assert (lot.left, lot.kind) == (1000 * MICRO, "plan")
    assert lot.expires_at is not None
    plan = Subscription.objects.get()
    shop.hear(*shop.providers.renew(plan.ref))
    assert wallet_of(bob).available == 2000 * MICRO
    ledger.expire_lots(now=lot.expires_at)
    assert wallet_of(bob).available == 1000 * MICRO
    assert Payment.objects.filter(purpose="plan", subscription=plan).count() == 2
    assert not list(audit.find_faults())


def test_a_plan_is_changed_paused_resumed_and_canceled(bob, shop):
    answer = call(bob, "POST", "/v1/subscriptions", {"product": "starter"}).json()
    path = f"/v1/subscriptions/{answer['id']}"
    assert call(bob, "POST", f"{path}/pause").json()["code"] == "subscription_not_begun"
    shop.hear(*shop.providers.pay(answer["checkout_url"].rpartition("/")[2]))
    plan = Subscription.objects.get()
    assert call(bob, "POST", f"{path}/change", {"product": "team"}).status_code == 202
    assert call(bob, "POST", f"{path}/pause").status_code == 202
    shop.hear(*shop.providers.change(plan.ref, "paused"))
    told = call(bob, "GET", path).json()
    assert (told["status"], told["product"]) == ("paused", "team")
    assert call(bob, "POST", f"{path}/resume").status_code == 202
    shop.hear(*shop.providers.change(plan.ref, "past_due"))
    assert call(bob, "GET", path).json()["status"] == "past_due"
    assert call(bob, "POST", f"{path}/cancel", {}).status_code == 202
    shop.hear(*shop.providers.change(plan.ref, "active"))
    assert call(bob, "GET", path).json()["cancels_at"] is not None
    shop.hear(*shop.providers.change(plan.ref, "canceled"))
    assert call(bob, "GET", path).json()["status"] == "canceled"
    assert call(bob, "GET", f"{path}/portal").json()["url"].endswith("/portal")
    assert [row["id"] for row in call(bob, "GET", "/v1/subscriptions").json()["data"]] == [plan.pk]


@pytest.fixture
def low(bob, shop):
    """Bob with 40 credits, a mandate, and a rule to buy below 100."""
    ledger.grant(bob.wallet, 40 * MICRO, key="gift")
    body = {"product": "credits-500", "threshold": "100"}
    told = call(bob, "PUT", "/v1/auto-top-up", body).json()
    assert (told["ready"], told["enabled"]) == (False, True)
    assert auto_top_up.top_up_where_low() == 0
    shop.hear(*shop.providers.pay(told["checkout_url"].rpartition("/")[2]))
    assert call(bob, "GET", "/v1/auto-top-up").json()["ready"]
    return bob


def test_credits_are_bought_again_when_few_are_left(low, shop):
    assert [auto_top_up.top_up_where_low() for _ in range(3)] == [1, 0, 0]  # one at a time
    payment = Payment.objects.get(purpose="auto_top_up")
    shop.hear(*shop.providers.charge(payment.pk))
    assert wallet_of(low).available == 540 * MICRO
    assert auto_top_up.top_up_where_low() == 0
    assert not list(audit.find_faults())


def test_a_target_buys_as_many_packs_as_it_takes(low, shop):
    AutoTopUp.objects.update(target=1100 * MICRO)
    auto_top_up.top_up_where_low()
    payment = Payment.objects.get(purpose="auto_top_up")
    assert (payment.credits, payment.amount) == (3 * PACK, 1500)


def test_after_a_decline_it_waits_an_hour_and_says_so(low, shop, mailoutbox, django_capture_on_commit_callbacks):
    auto_top_up.top_up_where_low()
    payment = Payment.objects.get(purpose="auto_top_up")
    with django_capture_on_commit_callbacks(execute=True):
        shop.hear(*shop.providers.charge(payment.pk, declined=True))
    assert auto_top_up.top_up_where_low() == 0
    assert AutoTopUp.objects.get().failures == 1
    assert [mail.to for mail in mailoutbox] == [[low.user.email]]
    AutoTopUp.objects.update(not_before=None)
    assert auto_top_up.top_up_where_low() == 1


def test_three_within_ten_minutes_switch_it_off(low, shop, mailoutbox, django_capture_on_commit_callbacks):
    for number in range(3):
        assert auto_top_up.top_up_where_low() == 1
        shop.hear(*shop.providers.charge(Payment.objects.filter(purpose="auto_top_up").latest("created_at").pk))
        wallet = wallet_of(low)
        hold = ledger.place_hold(wallet, wallet.available, key=f"spend{number}", price_version=1)
        ledger.settle_hold(hold, credits=hold.credits)
    with django_capture_on_commit_callbacks(execute=True):
        assert auto_top_up.top_up_where_low() == 0
    assert not AutoTopUp.objects.get().enabled
    assert "switched off" in mailoutbox[0].subject
