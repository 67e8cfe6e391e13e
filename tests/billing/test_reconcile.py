"""manage.py reconcile: our payments and the providers' lists, against the rehearsed providers, both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from billing import reconciliation
from billing.models import Payment, PaymentEvent, ReconciliationDay, ReconciliationDifference
from billing.providers import dodo, paddle
from billing.providers.contracts import CheckoutOrder
from billing.rehearsal.books import Sale
from tests.billing.callers import call
from tests.billing.test_payments import wallet_of

EARLIER = timedelta(hours=6)
ADAPTERS = {"dodo": dodo, "paddle": paddle}


@pytest.fixture(autouse=True)
def only_what_is_asked_for(monkeypatch):
    """The providers list the time that is asked for; the rehearsal lists all there is."""
    for adapter in ADAPTERS.values():

        def within(since, until, list_all=adapter.list_payments):
            return (one for one in list_all(since, until) if since <= one.created_at <= until)

        monkeypatch.setattr(adapter, "list_payments", within)


def bought(person, shop, provider: str = "dodo") -> tuple[Payment, Sale]:
    """Six hours ago."""
    answer = call(person, "POST", "/v1/payments", {"product": "credits-500", "provider": provider}).json()
    sale = shop.providers.books.sales[answer["checkout_url"].rpartition("/")[2]]
    shop.hear(*shop.providers.pay(sale.checkout_ref))
    return aged(Payment.objects.get(pk=answer["id"])), grown_old(sale)


def aged(payment: Payment) -> Payment:
    then = timezone.now() - EARLIER
    Payment.objects.filter(pk=payment.pk).update(created_at=then, paid_at=then)
    return Payment.objects.get(pk=payment.pk)


def grown_old(sale: Sale) -> Sale:
    sale.created_at -= EARLIER
    return sale


def reconcile(capsys, *options: str) -> list[str]:
    """The sentences, of which an error tells how many."""
    capsys.readouterr()
    try:
        call_command("reconcile", *options)
    except CommandError as error:
        lines = capsys.readouterr().out.splitlines()
        assert str(error).startswith(f"{len(lines)} differences")
        return lines
    assert "No difference" in capsys.readouterr().out
    return []


@pytest.mark.parametrize("provider", ADAPTERS)
def test_what_both_sides_know_does_not_differ(bob, shop, provider, capsys):
    payment, _ = bought(bob, shop, provider)
    shop.hear(*shop.providers.refund(payment.ref, 120))
    other, _ = bought(bob, shop, "dodo")
    shop.hear(*shop.providers.open_dispute(other.ref), *shop.providers.lose_dispute(other.ref))
    aged(payment), aged(other)
    assert reconcile(capsys) == []
    assert not ReconciliationDifference.objects.exists()


@pytest.mark.parametrize("provider", ADAPTERS)
def test_a_payment_whose_webhook_never_came_is_found_and_resolved_once_it_did(bob, shop, provider, capsys):
    answer = call(bob, "POST", "/v1/payments", {"product": "credits-500", "provider": provider}).json()
    sale = shop.providers.books.sales[answer["checkout_url"].rpartition("/")[2]]
    told = shop.providers.pay(sale.checkout_ref)
    grown_old(sale)
    line = f"{provider} {sale.ref} (order {answer['id']}): 5.00 USD paid there, and not credited here."
    assert reconcile(capsys) == [line]
    assert reconcile(capsys) == [line]
    assert ReconciliationDifference.objects.count() == 1
    shop.hear(*told)
    aged(Payment.objects.get(pk=answer["id"]))
    assert reconcile(capsys) == []
    assert ReconciliationDifference.objects.get().resolved_at


@pytest.mark.parametrize("provider", ADAPTERS)
def test_a_payment_for_no_order_of_ours_is_found(shop, provider, capsys):
    order = CheckoutOrder(
        "somebody else's", "p", 1, None, "USD", "x@example.com", "https://x.example", "", False, False
    )
    checkout = ADAPTERS[provider].open_checkout(order)
    shop.providers.pay(checkout.ref)
    sale = grown_old(shop.providers.books.sales[checkout.ref])
    [line] = reconcile(capsys)
    assert line.startswith(f"{provider} {sale.ref}") and "for no order of ours" in line


@pytest.mark.parametrize("provider", ADAPTERS)
def test_a_payment_that_is_not_on_their_list_is_found(bob, shop, provider, capsys):
    payment, sale = bought(bob, shop, provider)
    del shop.providers.books.sales[sale.checkout_ref]
    line = f"{provider} {payment.ref} (order {payment.pk}): 5.00 USD paid according to us, and not on their list."
    assert reconcile(capsys) == [line]


def test_whoever_paid_twice_and_was_credited_once_is_found(bob, shop, capsys):
    payment, sale = bought(bob, shop)
    again = Sale("cks_2", sale.product_ref, payment.pk, "", 500, ref="pay_again", status="succeeded")
    shop.providers.books.add(grown_old(again))
    assert reconcile(capsys) == [f"dodo pay_again (order {payment.pk}): 5.00 USD paid there, and not credited here."]


def test_other_amounts_refunds_and_disputes_are_found(bob, shop, capsys):
    payments = [bought(bob, shop) for _ in range(4)]
    for (payment, _), changes in zip(
        payments, ({"paid": 400}, {"paid_currency": "EUR"}, {"refunded": 100}, {}), strict=True
    ):
        Payment.objects.filter(pk=payment.pk).update(**changes)
    shop.providers.open_dispute(payments[3][0].ref)  # nobody was told
    assert [line.partition(": ")[2] for line in sorted(reconcile(capsys))] == [
        "4.00 USD paid according to us, 5.00 USD according to them.",
        "5.00 EUR paid according to us, 5.00 USD according to them.",
        "1.00 USD refunded according to us, 0.00 USD according to them.",
        "never disputed according to us, disputed according to them.",
    ]
    assert set(ReconciliationDifference.objects.values_list("kind", flat=True)) == {
        "amount", "currency", "refunded", "dispute",
    }  # fmt: skip


def test_a_refund_made_at_the_provider_alone_is_found(bob, shop, capsys):
    payment, _ = bought(bob, shop, "paddle")
    shop.providers.refund(payment.ref, 200)
    [line] = reconcile(capsys)
    assert line.endswith("0.00 USD refunded according to us, 2.00 USD according to them.")


def test_what_failed_there_and_counts_as_paid_here_is_found(bob, shop, capsys):
    _, sale = bought(bob, shop)
    sale.status = "failed"
    [line] = reconcile(capsys)
    assert line.endswith("5.00 USD paid according to us, failed according to them.")


def test_what_is_a_few_minutes_old_may_still_be_on_its_way(bob, shop, capsys):
    answer = call(bob, "POST", "/v1/payments", {"product": "credits-500"}).json()
    shop.providers.pay(answer["checkout_url"].rpartition("/")[2])
    assert reconcile(capsys) == []


def test_what_was_ordered_long_before_it_was_paid_is_looked_for_when_it_was_ordered(bob, shop, capsys):
    payment, sale = bought(bob, shop)
    long_ago = timezone.now() - timedelta(days=9)
    Payment.objects.filter(pk=payment.pk).update(created_at=long_ago)
    sale.created_at = long_ago + timedelta(minutes=1)
    assert reconcile(capsys) == []
    del shop.providers.books.sales[sale.checkout_ref]
    assert len(reconcile(capsys)) == 1


def test_what_may_be_older_than_the_list_goes_back_is_not_missed_there(bob, shop, capsys):
    payment, sale = bought(bob, shop)
    sale.created_at -= timedelta(days=80)
    Payment.objects.filter(pk=payment.pk).update(created_at=sale.created_at)
    assert reconcile(capsys) == []


def test_a_period_that_was_paid_days_after_it_was_billed_is_looked_for_when_it_was_billed(bob, shop, capsys):
    answer = call(bob, "POST", "/v1/subscriptions", {"product": "starter"})
    sale = shop.providers.books.sales[answer.json()["checkout_url"].rpartition("/")[2]]
    shop.hear(*shop.providers.pay(sale.checkout_ref))
    aged(Payment.objects.get(purpose="plan"))
    sale.created_at -= timedelta(days=8)
    PaymentEvent.objects.filter(payment_ref=sale.ref).update(period_start=sale.created_at)
    assert reconcile(capsys) == []


def test_only_the_days_that_are_named_are_looked_at(bob, shop, capsys):
    payment, sale = bought(bob, shop)
    Payment.objects.filter(pk=payment.pk).update(paid=400)
    then = datetime(2026, 3, 5, 12, tzinfo=UTC)
    Payment.objects.filter(pk=payment.pk).update(created_at=then, paid_at=then)
    sale.created_at = then
    assert reconcile(capsys) == []
    assert reconcile(capsys, "--since", "2026-03-06", "--until", "2026-03-07") == []
    assert len(reconcile(capsys, "--since", "2026-03-01", "--until", "2026-03-05")) == 1
    Payment.objects.filter(pk=payment.pk).update(paid=500)
    assert reconcile(capsys) == []
    assert ReconciliationDifference.objects.get().resolved_at is None, "nobody has looked at that day again"
    assert reconcile(capsys, "--since", "2026-03-01", "--until", "2026-03-05") == []
    assert ReconciliationDifference.objects.get().resolved_at


@pytest.mark.parametrize("options", [("--since", "soon"), ("--since", "2026-03-02", "--until", "2026-03-01")])
def test_nonsense_is_refused(db, options):
    with pytest.raises(CommandError):
        call_command("reconcile", *options)


def test_a_provider_that_does_not_answer_is_a_difference_until_it_does(bob, shop, capsys):
    bought(bob, shop)
    shop.providers.trouble.extend([500] * 12)
    today = timezone.now().date()
    assert reconciliation.claim_day(today)
    lines = reconcile(capsys)
    assert "dodo: the list of payments could not be read." in lines
    assert ReconciliationDay.objects.get().finished_at is None
    shop.providers.trouble.clear()
    assert reconcile(capsys) == []
    assert ReconciliationDay.objects.get().finished_at
    assert not ReconciliationDifference.objects.filter(resolved_at=None).exists()


def test_a_list_that_makes_no_sense_is_a_difference_and_ends_nothing(bob, shop, capsys, monkeypatch):
    bought(bob, shop)
    monkeypatch.setattr("billing.rehearsal.dodo.stamp", lambda moment: "yesterday")
    assert reconcile(capsys) == ["dodo: the list of payments could not be read."]


def test_a_provider_without_a_key_is_left_out(bob, shop, capsys, settings):
    _, sale = bought(bob, shop)
    del shop.providers.books.sales[sale.checkout_ref]
    settings.DODO_PAYMENTS_API_KEY = ""
    assert reconcile(capsys) == []


def test_nothing_is_mended_by_it(bob, shop, capsys):
    payment, _ = bought(bob, shop)
    shop.providers.refund(payment.ref)
    before = wallet_of(bob).available, PaymentEvent.objects.count()
    assert len(reconcile(capsys)) == 1
    assert (wallet_of(bob).available, PaymentEvent.objects.count()) == before


def test_a_period_of_a_plan_is_compared_too(bob, shop, capsys):
    answer = call(bob, "POST", "/v1/subscriptions", {"product": "starter"})
    sale = shop.providers.books.sales[answer.json()["checkout_url"].rpartition("/")[2]]
    shop.hear(*shop.providers.pay(sale.checkout_ref))
    payment = aged(Payment.objects.get(purpose="plan"))
    grown_old(sale)
    assert reconcile(capsys) == []
    shop.providers.renew(sale.subscription_ref)  # nobody was told
    renewal = next(one for one in shop.providers.books.sales.values() if one.ref != payment.ref)
    grown_old(renewal)
    [line] = reconcile(capsys)
    assert "not credited here" in line and renewal.ref in line


def test_one_worker_compares_once_a_day_and_another_where_it_did_not_end(db):
    today = date(2026, 11, 23)
    assert [reconciliation.claim_day(today) for _ in range(3)] == [True, False, False]
    ReconciliationDay.objects.update(claimed_at=timezone.now() - timedelta(hours=2))
    assert [reconciliation.claim_day(today) for _ in range(2)] == [True, False]
    ReconciliationDay.objects.update(finished_at=timezone.now(), claimed_at=timezone.now() - timedelta(hours=2))
    assert not reconciliation.claim_day(today)
    assert reconciliation.claim_day(date(2026, 11, 24))
