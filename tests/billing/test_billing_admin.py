"""Money in the admin: the books to read and not to change, acts by permission, once, and with a name to them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing import audit, intake, ledger
from billing.models import (
    Payment,
    PaymentEvent,
    Price,
    Product,
    ReconciliationDay,
    ReconciliationDifference,
    Refund,
    SpendingCap,
    Transaction,
    Wallet,
)
from billing.prices import current_prices, prices_of
from billing.pricing import MICRO
from tests.billing.test_payments import paid, wallet_of

pytestmark = pytest.mark.django_db
WHY = {"audit_reason": "asked for by its owner"}
READ_ONLY = (
    "wallet", "lot", "hold", "transaction", "spending", "payment", "refund", "subscription", "paymentevent",
    "refuseddelivery", "receipt", "reconciliationdifference",
)  # fmt: skip


def page(model: str, name: str = "changelist", *args: object) -> str:
    return reverse(f"admin:billing_{model}_{name}", args=[quote(one) for one in args])


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("staff@example.com", "correct horse battery"))
    return client


@pytest.fixture
def clerk(client):
    """Reads everything about money, and may act by the permissions that a test gives."""
    user = User.objects.create_user("clerk@example.com", "correct horse battery", is_staff=True)
    views = Permission.objects.filter(content_type__app_label="billing", codename__startswith="view_")
    user.user_permissions.set(views)
    client.force_login(user)
    return client


def allow(codename: str) -> None:
    User.objects.get(email="clerk@example.com").user_permissions.add(
        Permission.objects.get(content_type__app_label="billing", codename=codename)
    )


def key_on(answer) -> str:
    return re.search(r'name="key" value="([0-9a-f-]{36})"', answer.content.decode())[1]


def adjustment(client, wallet: Wallet, **changes: str) -> dict[str, str]:
    form = {"credits": "25.5", "reason": "goodwill", "note": "Sorry for the wait"}
    return form | {"key": key_on(client.get(page("wallet", "adjust", wallet.pk)))} | changes


@pytest.mark.parametrize("model", READ_ONLY)
def test_what_verbs_write_can_be_read_and_nothing_else(staff, alice, shop, model):
    payment = paid(alice, shop)
    hold = ledger.place_hold(alice.wallet, MICRO, key="h", price_version=1)
    shop.providers.refund(payment.ref, 10)
    payment.refunds.create(key="k", amount=10, reason="r")
    intake.count_refused("dodo", "bad_signature")
    ReconciliationDifference.objects.create(provider="dodo", kind="not_listed")
    assert staff.get(page(model)).status_code == 200
    assert staff.get(page(model, "add")).status_code == 403
    row = {"wallet": wallet_of(alice), "payment": payment, "hold": hold}.get(model)
    row = row or Product._meta.apps.get_model("billing", model).objects.first()
    if row is not None:
        assert staff.get(page(model, "change", row.pk)).status_code == 200
        assert staff.post(page(model, "change", row.pk), {}).status_code == 403
        assert staff.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_a_wallet_is_adjusted_once_however_often_the_form_is_sent(staff, bob):
    form = adjustment(staff, bob.wallet)
    for _ in range(3):
        assert staff.post(page("wallet", "adjust", bob.wallet.pk), form).status_code == 302
    written = Transaction.objects.get(kind="adjustment")
    assert wallet_of(bob).available == 25_500_000
    assert (written.reason, written.note, written.actor.email) == (
        "goodwill",
        "Sorry for the wait",
        "staff@example.com",
    )
    assert LogEntry.objects.filter(change_message__contains=written.pk).exists()
    assert not list(audit.find_faults())
    changed = staff.post(page("wallet", "adjust", bob.wallet.pk), form | {"credits": "99"}, follow=True)
    assert "nothing was done now" in changed.content.decode()
    assert wallet_of(bob).available == 25_500_000
    assert staff.post(page("wallet", "adjust", bob.wallet.pk), adjustment(staff, bob.wallet)).status_code == 302
    assert wallet_of(bob).available == 51_000_000, "another page is another adjustment"


def test_credits_are_taken_as_far_as_they_are_free(staff, alice):
    answer = staff.post(
        page("wallet", "adjust", alice.wallet.pk), adjustment(staff, alice.wallet, credits="-100.000001")
    )
    assert answer.status_code == 200 and "Only 100 credits" in answer.content.decode()
    staff.post(
        page("wallet", "adjust", alice.wallet.pk), adjustment(staff, alice.wallet, credits="-100", reason="abuse")
    )
    assert wallet_of(alice).available == 0


@pytest.mark.parametrize(
    "wrong",
    [{"credits": "0"}, {"credits": "1.0000001"}, {"credits": "1e3"}, {"credits": "9999999999"}, {"credits": ""},
     {"note": "  "}, {"note": "x" * 201}, {"reason": "because"}, {"key": "start"}, {"key": ""}],
)  # fmt: skip
def test_an_adjustment_that_is_not_whole_is_refused(staff, bob, wrong):
    answer = staff.post(page("wallet", "adjust", bob.wallet.pk), adjustment(staff, bob.wallet, **wrong))
    assert answer.status_code == 200
    assert not Transaction.objects.filter(kind="adjustment").exists()


def test_adjusting_has_a_permission_of_its_own(clerk, bob):
    form = {"key": "3f2f6f0e-0000-4000-8000-000000000000", "credits": "5", "reason": "goodwill", "note": "n"}
    where = page("wallet", "adjust", bob.wallet.pk)
    assert clerk.get(where).status_code == clerk.post(where, form).status_code == 403
    assert "Adjust credits" not in clerk.get(page("wallet", "change", bob.wallet.pk)).content.decode()
    allow("adjust_wallet")
    assert where in clerk.get(page("wallet", "change", bob.wallet.pk)).content.decode()
    assert clerk.post(where, form).status_code == 302
    assert wallet_of(bob).available == 5 * MICRO
    assert clerk.get(page("wallet", "adjust", 0)).status_code == 404


def test_from_a_list_one_wallet_at_a_time_is_adjusted(staff, alice, bob):
    chosen = {"action": "adjust_one", "_selected_action": [alice.wallet.pk]}
    assert staff.post(page("wallet"), chosen).url == page("wallet", "adjust", alice.wallet.pk)
    both = chosen | {"_selected_action": [alice.wallet.pk, bob.wallet.pk]}
    assert "one by one" in staff.post(page("wallet"), both, follow=True).content.decode()


def refunding(client, payment: Payment, amount: str = "") -> dict[str, str]:
    return {"key": key_on(client.get(page("payment", "refund", payment.pk))), "amount": amount, "reason": "as asked"}


@pytest.mark.parametrize(("amount", "minor", "left"), [("2", 200, 300), ("", 500, 0), ("5.00", 500, 0)])
def test_a_payment_is_refunded_once_and_the_credits_go_when_it_is_confirmed(staff, bob, shop, amount, minor, left):
    payment = paid(bob, shop)
    form = refunding(staff, payment, amount)
    for _ in range(3):
        assert staff.post(page("payment", "refund", payment.pk), form).status_code == 302
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.actor.email) == (minor, "as asked", "staff@example.com")
    assert wallet_of(bob).available == 500 * MICRO
    shop.hear(*shop.providers.confirm_refunds(payment.ref))
    assert wallet_of(bob).available == left * MICRO
    assert Refund.objects.get().status == "succeeded"
    shown = staff.get(page("payment", "change", payment.pk)).content.decode()
    assert f"{minor // 100}.00 USD" in shown


@pytest.mark.parametrize("amount", ["5.01", "0", "-1", "1.001", "many"])
def test_no_more_than_was_paid_is_refunded(staff, bob, shop, amount):
    payment = paid(bob, shop)
    answer = staff.post(page("payment", "refund", payment.pk), refunding(staff, payment, amount))
    assert answer.status_code == 200 and "errorlist" in answer.content.decode()
    assert not Refund.objects.exists()


def test_two_refunds_are_together_no_more_than_was_paid(staff, bob, shop):
    payment = paid(bob, shop)
    staff.post(page("payment", "refund", payment.pk), refunding(staff, payment, "3"))
    answer = staff.post(page("payment", "refund", payment.pk), refunding(staff, payment, "3"))
    assert answer.status_code == 200 and "not given back yet" in answer.content.decode()
    assert Refund.objects.count() == 1


def test_a_refund_that_gets_no_answer_is_said_to_be_open_and_can_be_asked_for_again(staff, bob, shop):
    payment = paid(bob, shop)
    form = refunding(staff, payment, "2")
    shop.providers.trouble.extend([500] * 4)
    answer = staff.post(page("payment", "refund", payment.pk), form, follow=True)
    assert "whether it has refunded is open" in answer.content.decode()
    refund = Refund.objects.get()
    assert (refund.status, refund.ref) == ("requested", "")
    Refund.objects.update(created_at=timezone.now() - timedelta(days=3))
    assert "not confirmed" in staff.get(page("payment", "attention")).content.decode()
    shop.providers.trouble.clear()
    staff.post(page("refund"), {"action": "ask_again", "_selected_action": [refund.pk]} | WHY)
    assert Refund.objects.get().ref
    assert Refund.objects.get().actor.email == "staff@example.com"


def test_refunding_has_a_permission_of_its_own(clerk, bob, shop):
    payment = paid(bob, shop)
    form = {"key": "3f2f6f0e-0000-4000-8000-000000000000", "amount": "1", "reason": "r"}
    where = page("payment", "refund", payment.pk)
    assert clerk.get(where).status_code == clerk.post(where, form).status_code == 403
    again = {"action": "ask_again", "_selected_action": ["x"]} | WHY
    clerk.post(page("refund"), again)
    assert not Refund.objects.exists()
    allow("refund_payment")
    assert where in clerk.get(page("payment", "change", payment.pk)).content.decode()
    assert clerk.post(where, form).status_code == 302
    assert Refund.objects.get().amount == 100


def test_a_cap_is_set_in_credits(staff, bob):
    staff.post(page("spendingcap", "add"), {"api_key": bob.key.pk, "credits": "12.5", **WHY})
    assert SpendingCap.objects.get(api_key=bob.key).credits == 12_500_000
    shown = staff.get(page("spendingcap", "change", bob.key.pk)).content.decode()
    assert 'value="12.5"' in shown
    staff.post(page("spendingcap", "change", bob.key.pk), {"credits": "0", **WHY})
    assert SpendingCap.objects.get(api_key=bob.key).credits == 0
    assert staff.post(page("spendingcap", "change", bob.key.pk), {"credits": "-1", **WHY}).status_code == 200


def test_setting_a_cap_has_a_permission_of_its_own(clerk, bob):
    assert clerk.post(page("spendingcap", "add"), {"api_key": bob.key.pk, "credits": "1", **WHY}).status_code == 403
    allow("add_spendingcap")
    assert clerk.post(page("spendingcap", "add"), {"api_key": bob.key.pk, "credits": "1", **WHY}).status_code == 302


def test_a_product_is_edited_in_credits(staff):
    form = {
        "name": "Many", "credits": "1234.5", "amount": "999", "currency": "USD", "dodo_ref": "pdt_1",
        "paddle_ref": "", "active": "on", **WHY,
    }  # fmt: skip
    assert staff.post(page("product", "change", "credits-500"), form).status_code == 302
    product = Product.objects.get(pk="credits-500")
    assert (product.credits, product.amount, product.dodo_ref) == (1_234_500_000, 999, "pdt_1")
    assert staff.post(page("product", "delete", "credits-500"), {"post": "yes"}).status_code == 403


def test_prices_change_by_a_new_version_alone(staff):
    before = current_prices()
    form = {"page": "1.5", "audio_second": "0.01", "llm_mapping": "1", "gateway_margin": "5.5"}
    later = f"{timezone.now() + timedelta(days=2):%Y-%m-%d %H:%M}"
    assert staff.post(page("price", "add"), form | {"effective_at": later}).status_code == 302
    assert current_prices() == before, "it is not in effect yet"
    assert prices_of(2).credits["page"] == 1_500_000
    now = f"{timezone.now():%Y-%m-%d %H:%M}"
    assert staff.post(page("price", "add"), form | {"effective_at": now}).status_code == 302
    assert current_prices().version == 3
    assert current_prices().with_margin(1_000_001) == 1_055_002
    assert prices_of(1) == before
    for wrong in ({"page": "-1"}, {"page": ""}, {"effective_at": "2020-01-01 00:00"}, {"gateway_margin": "-5"}):
        assert staff.post(page("price", "add"), form | {"effective_at": now} | wrong).status_code == 200
    assert not Price.objects.filter(version=4).exists()
    row = Price.objects.filter(version=1).first()
    assert staff.post(page("price", "change", row.pk), form).status_code == 403


def test_whoever_may_only_read_prices_publishes_none(clerk):
    assert clerk.get(page("price")).status_code == 200
    assert clerk.get(page("price", "add")).status_code == 403


def attention(client) -> str:
    answer = client.get(page("payment", "attention"))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_where_all_is_well_nothing_needs_a_look(staff, bob, shop):
    paid(bob, shop)
    assert "Nothing needs a look" in attention(staff)
    assert page("payment", "attention") in staff.get(page("payment")).content.decode()


def test_what_needs_a_look_is_on_one_page(staff, bob, alice, shop):
    disputed, lost = paid(alice, shop), paid(bob, shop)
    ledger.settle_hold(ledger.place_hold(bob.wallet, 200 * MICRO, key="w", price_version=1), credits=200 * MICRO)
    shop.hear(*shop.providers.open_dispute(disputed.ref), *shop.providers.open_dispute(lost.ref))
    shop.hear(*shop.providers.lose_dispute(lost.ref))
    PaymentEvent.objects.create(
        provider="paddle", event_id="evt_1", type="transaction.completed", kind="payment_succeeded",
        occurred_at=timezone.now(), outcome="unmatched", payment_ref="txn_unknown", amount=700, currency="USD",
    )  # fmt: skip
    intake.count_refused("dodo", "bad_signature")
    intake.count_refused("dodo", "bad_signature")
    difference = ReconciliationDifference.objects.create(
        provider="dodo", kind="unknown_here", payment_ref="pay_strange", there="9.00 USD"
    )
    Payment.objects.create(
        user=bob.user, wallet=bob.wallet, product_id="credits-500", provider="dodo", purpose="top_up", key="f",
        credits=1, amount=500, currency="USD", status="failed",
    )  # fmt: skip
    told = attention(staff)
    for words in (
        "Disputed payments", "Payments lost in a dispute", "Failed payments", "Wallets that owe credits",
        "owes 200.000000 credits", "txn_unknown 7.00 USD", "2 deliveries", "9.00 USD paid there, for no order of ours",
        page("payment", "change", disputed.pk), page("wallet", "change", bob.wallet.pk),
        page("reconciliationdifference", "change", difference.pk),
    ):  # fmt: skip
        assert words in told, words
    ReconciliationDifference.objects.update(resolved_at=timezone.now())
    assert "for no order of ours" not in attention(staff)


def test_a_difference_is_closed_by_those_who_may(clerk):
    row = ReconciliationDifference.objects.create(provider="dodo", kind="unknown_here", payment_ref="pay_other")
    chosen = {"action": "close", "_selected_action": [row.pk]} | WHY
    clerk.post(page("reconciliationdifference"), chosen)
    assert "pay_other" in attention(clerk)
    allow("change_reconciliationdifference")
    clerk.post(page("reconciliationdifference"), chosen)
    assert "pay_other" not in attention(clerk)
    assert "pay_other" in clerk.get(page("reconciliationdifference") + "?state=over").content.decode()
    assert "pay_other" not in clerk.get(page("reconciliationdifference") + "?state=open").content.decode()


def test_many_of_a_kind_are_counted_and_the_oldest_shown(staff, bob, django_assert_max_num_queries):
    facts = {"user": bob.user, "wallet": bob.wallet, "product_id": "credits-500", "provider": "dodo"}
    facts |= {"purpose": "top_up", "credits": 1, "amount": 500, "currency": "USD", "status": "failed"}
    Payment.objects.bulk_create(Payment(key=str(number), **facts) for number in range(60))
    with django_assert_max_num_queries(25):
        told = attention(staff)
    assert '<span class="count">60</span>' in told and "and 10 more." in told


def test_a_night_without_a_comparison_is_said(staff, bob, shop):
    payment = paid(bob, shop)
    Payment.objects.filter(pk=payment.pk).update(paid_at=timezone.now() - timedelta(days=3))
    assert "were not compared" in attention(staff)
    now = timezone.now()
    ReconciliationDay.objects.create(day=now.date(), finished_at=now)
    assert "were not compared" not in attention(staff)


def test_what_waits_for_a_worker_is_said(staff, bob, shop):
    PaymentEvent.objects.create(
        provider="dodo", event_id="1", type="payment.succeeded", kind="payment_succeeded",
        occurred_at=timezone.now(), received_at=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    assert "nobody has looked at yet" in attention(staff)


def test_the_page_is_for_those_who_may_see_payments(client, clerk, bob):
    assert "Nothing needs a look" in attention(clerk)
    User.objects.get(email="clerk@example.com").user_permissions.clear()
    assert clerk.get(page("payment", "attention")).status_code == 403
    client.logout()
    assert client.get(page("payment", "attention")).status_code == 302
