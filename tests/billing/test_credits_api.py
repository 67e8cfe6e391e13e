"""The ledger as its customer sees it: lines, statements that sum, transfers, alerts."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from accounts.api_keys import create_key
from accounts.models import WebhookDelivery
from accounts.webhooks import create_endpoint
from billing import alerts, ledger
from billing.models import BalanceAlert, Transaction, Wallet
from billing.pricing import MICRO, format_credits
from tests.billing.callers import call

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(alice):
    """Alice after some work: 100 granted, 30 spent, 20 held, 10 moved away, 5 given by staff."""
    ledger.settle_hold(ledger.place_hold(alice.wallet, 50 * MICRO, key="job1", price_version=1), credits=30 * MICRO)
    ledger.place_hold(alice.wallet, 20 * MICRO, key="job2", price_version=1)
    other = ledger.get_wallet(create_key(alice.user)[0])
    ledger.transfer(alice.wallet, other, 10 * MICRO, key="move")
    reason = Transaction.Reason.GOODWILL
    ledger.adjust(alice.wallet, 5 * MICRO, key="sorry", reason=reason, note="=1+1", actor=alice.user)
    return alice


def balance(person) -> str:
    return format_credits(Wallet.objects.get(pk=person.wallet.pk).balance)


def test_every_move_is_listed_with_the_balance_after_it(busy):
    first = call(busy, "GET", "/v1/credits/ledger?limit=4").json()
    rest = call(busy, "GET", f"/v1/credits/ledger?limit=4&cursor={first['next_cursor']}").json()
    rows = first["data"] + rest["data"]
    assert [(row["kind"], row["credits"], row["balance"], row["set_aside"]) for row in rows] == [
        ("adjustment", "5.000000", "65.000000", "0.000000"),
        ("transfer", "-10.000000", "60.000000", "0.000000"),
        ("hold", "0.000000", "70.000000", "20.000000"),
        ("settle", "-30.000000", "70.000000", "-50.000000"),
        ("hold", "0.000000", "100.000000", "50.000000"),
        ("grant", "100.000000", "100.000000", "0.000000"),
    ]
    assert rows[0]["balance"] == balance(busy)
    assert rest["next_cursor"] is None


def test_nobody_reads_anothers_ledger(busy, charlie):
    assert len(call(charlie, "GET", "/v1/credits/ledger").json()["data"]) == 1


def stated(person, format: str, **window: str):
    query = "".join(f"&{name}={value}" for name, value in window.items())
    answer = call(person, "GET", f"/v1/credits/statement?format={format}{query}")
    content = b"".join(_all(answer)).decode()
    return content


def _all(answer):
    async def read():
        return [piece async for piece in answer.streaming_content]

    return async_to_sync(read)()


def test_a_statement_sums_and_its_chain_can_be_checked(busy):
    """As docs/credits.md tells a customer to."""
    told = json.loads(stated(busy, "json"))
    credits = sum(round(float(line["credits"]) * MICRO) for line in told["lines"])
    assert round(float(told["opening"]) * MICRO) + credits == round(float(told["closing"]) * MICRO)
    assert told["closing"] == balance(busy)
    start = "|".join([told["key_id"], told["from"], told["opening"]])
    digest = hashlib.sha256(start.encode()).hexdigest()
    for line in told["lines"]:
        cells = "|".join(line[name] for name in ("id", "at", "kind", "credits", "balance"))
        digest = hashlib.sha256(f"{digest}\n{cells}".encode()).hexdigest()
        assert line["digest"] == digest
    assert told["chain_end"] == digest


def test_a_statement_as_csv_holds_no_formula(busy):
    rows = list(csv.DictReader(io.StringIO(stated(busy, "csv"))))
    assert [row["kind"] for row in rows] == ["opening", "grant", "settle", "transfer", "adjustment", "closing"]
    assert rows[-1]["balance"] == balance(busy)
    assert rows[-2]["note"] == "'=1+1"
    assert rows[2]["credits"] == "-30.000000"
    assert not rows[1]["note"]


def test_statements_of_neighbouring_windows_meet(busy):
    middle = Transaction.objects.filter(wallet=busy.wallet, kind="transfer").get().created_at
    cut = middle.isoformat().replace("+00:00", "Z")
    earlier, later = json.loads(stated(busy, "json", to=cut)), json.loads(stated(busy, "json", **{"from": cut}))
    assert earlier["closing"] == later["opening"] == "70.000000"
    assert (len(earlier["lines"]), len(later["lines"])) == (2, 2)


def test_credits_move_between_keys_of_one_owner(alice, charlie):
    other, _ = create_key(alice.user)
    body = {"from_key": alice.key.pk, "to_key": other.pk, "credits": "40.5"}
    first = call(alice, "POST", "/v1/credits/transfers", body, idempotency_key="m")
    again = call(alice, "POST", "/v1/credits/transfers", body, idempotency_key="m")
    assert (first.status_code, first.json()) == (201, again.json())
    assert (balance(alice), format_credits(ledger.get_wallet(other).balance)) == ("59.500000", "40.500000")
    short = call(alice, "POST", "/v1/credits/transfers", body | {"credits": "60"})
    assert (short.status_code, short.json()["available"]) == (402, "59.500000")
    for ends in ({"to_key": charlie.key.pk}, {"from_key": charlie.key.pk}):
        assert call(alice, "POST", "/v1/credits/transfers", body | ends).status_code == 404
    itself = call(alice, "POST", "/v1/credits/transfers", body | {"to_key": alice.key.pk})
    assert itself.json()["code"] == "transfer_refused"
    test_key, _ = create_key(alice.user, mode="test")
    assert (
        call(alice, "POST", "/v1/credits/transfers", body | {"to_key": test_key.pk}).json()["code"]
        == "transfer_refused"
    )


def test_an_owner_is_told_once_each_time_credits_run_low(alice, mailoutbox, django_capture_on_commit_callbacks):
    create_endpoint(alice.user, "https://example.com/hook", event_types=["credits.low"])
    made = call(alice, "POST", "/v1/credits/alerts", {"credits": "50"}).json()
    assert call(alice, "POST", "/v1/credits/alerts", {"credits": "50"}).json() == made

    def look() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return alerts.tell_crossings()

    def spend(credits: int) -> None:
        ledger.settle_hold(
            ledger.place_hold(alice.wallet, credits, key=f"j{credits}", price_version=1), credits=credits
        )

    assert look() == 0
    spend(60 * MICRO)
    assert [look(), look()] == [1, 0]
    ledger.grant(alice.wallet, 100 * MICRO, key="more")
    assert look() == 0
    spend(100 * MICRO)
    assert look() == 1
    assert [mail.to for mail in mailoutbox] == [[alice.user.email]] * 2
    assert "40.000000 credits left" in mailoutbox[0].body
    data = [row.payload["data"] for row in WebhookDelivery.objects.order_by("pk")]
    assert [row["available"] for row in data] == ["40.000000", "40.000000"]
    assert data[0]["key_id"] == alice.key.pk


def test_an_alert_may_be_a_share_of_what_came_in_last(alice):
    call(alice, "POST", "/v1/credits/alerts", {"percent": 20})
    assert alerts.threshold_of(BalanceAlert.objects.get()) == 20 * MICRO
    ledger.grant(alice.wallet, 300 * MICRO, key="more")
    assert alerts.threshold_of(BalanceAlert.objects.get()) == 60 * MICRO


@pytest.mark.parametrize(
    "body", [{}, {"credits": "5", "percent": 5}, {"credits": "0"}, {"percent": 0}, {"credits": "-5"}]
)
def test_an_alert_has_one_threshold(alice, body):
    assert call(alice, "POST", "/v1/credits/alerts", body).status_code == 422


def test_alerts_are_listed_bounded_and_taken_away(alice, charlie):
    ids = [call(alice, "POST", "/v1/credits/alerts", {"credits": str(n)}).json()["id"] for n in range(1, 11)]
    assert call(alice, "POST", "/v1/credits/alerts", {"credits": "11"}).json()["code"] == "too_many_alerts"
    assert call(charlie, "DELETE", f"/v1/credits/alerts/{ids[0]}").status_code == 404
    assert call(alice, "DELETE", f"/v1/credits/alerts/{ids[0]}").status_code == 204
    assert [row["id"] for row in call(alice, "GET", "/v1/credits/alerts").json()["data"]] == ids[1:]


def test_what_has_expired_is_a_line_like_any_other(bob):
    ledger.grant(bob.wallet, 10 * MICRO, key="soon", expires_at=timezone.now() + timedelta(hours=1))
    ledger.expire_lots(now=timezone.now() + timedelta(hours=2))
    rows = call(bob, "GET", "/v1/credits/ledger").json()["data"]
    assert [(row["kind"], row["credits"]) for row in rows] == [("expiry", "-10.000000"), ("grant", "10.000000")]
