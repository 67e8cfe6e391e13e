"""The ledger as its customer sees it: lines, statements that sum, transfers, alerts."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.db.models import F
from django.utils import timezone

from accounts.api_keys import create_key, revoke_key
from accounts.models import WebhookDelivery
from accounts.webhooks import create_endpoint
from billing import alerts, ledger
from billing.models import BalanceAlert, Entry, Transaction, Wallet
from billing.pricing import MICRO, format_credits, parse_credits
from tests.billing.callers import call

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


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


def _give(person, transactions: int) -> None:
    """Many small gifts, without the wait."""
    wallet, now = person.wallet, timezone.now()
    lot = wallet.lots.create(kind="gift", priority=10, left=transactions)
    rows = [
        Transaction(wallet=wallet, kind="grant", key=f"{transactions}-{n}", created_at=now) for n in range(transactions)
    ]
    Transaction.objects.bulk_create(rows)
    entries = [{"account": "available", "lot": lot, "credits": 1}, {"account": "funding", "credits": -1}]
    Entry.objects.bulk_create(Entry(transaction=row, wallet=wallet, **one) for row in rows for one in entries)
    Wallet.objects.filter(pk=wallet.pk).update(available=F("available") + transactions)


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


def _last(answer):
    async def read():
        async for piece in answer.streaming_content:
            last = piece
        return last

    return async_to_sync(read)()


def sum_of(lines: list[dict]) -> int:
    return sum(parse_credits(line["credits"]) for line in lines)


def test_a_statement_sums(busy):
    told = json.loads(stated(busy, "json"))
    assert parse_credits(told["opening"]) + sum_of(told["lines"]) == parse_credits(told["closing"])
    assert told["closing"] == balance(busy)
    assert len(told["lines"]) == 4


def check_as_documented(statement: dict) -> str:
    """With the very lines of docs/credits.md, in a Python of its own."""
    script = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "credits.md").read_text(), re.DOTALL)[0]
    command = [sys.executable, "-I", "-c", script]
    done = subprocess.run(command, input=json.dumps(statement), capture_output=True, text=True, timeout=30)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_the_chain_of_a_statement_is_checked_as_documented(busy):
    told = json.loads(stated(busy, "json"))
    assert check_as_documented(told) == "the chain holds"
    changed = json.loads(json.dumps(told))
    changed["lines"][1]["credits"] = "-20.000000"
    assert check_as_documented(changed) == f"AssertionError: {told['lines'][1]['id']}"
    assert check_as_documented(told | {"lines": told["lines"][:-1]}) == "lines are missing"
    assert check_as_documented(told | {"opening": "1.000000"}).startswith("AssertionError")


def test_both_formats_carry_the_same_chain(busy):
    until = timezone.now().isoformat().replace("+00:00", "Z")
    since = (timezone.now() - timedelta(days=3)).isoformat().replace("+00:00", "Z")
    told = json.loads(stated(busy, "json", **{"from": since, "to": until}))
    rows = list(csv.DictReader(io.StringIO(stated(busy, "csv", **{"from": since, "to": until}))))
    assert [row["digest"] for row in rows[1:-1]] == [line["digest"] for line in told["lines"]]
    assert (rows[0]["digest"], rows[-1]["digest"]) == (told["chain_start"], told["chain_end"])


def test_a_statement_as_csv_holds_no_formula(busy):
    rows = list(csv.DictReader(io.StringIO(stated(busy, "csv"))))
    assert [row["kind"] for row in rows] == ["opening", "grant", "settle", "transfer", "adjustment", "closing"]
    assert rows[-1]["balance"] == balance(busy)
    assert rows[-2]["note"] == "'=1+1"
    assert rows[2]["credits"] == "-30.000000"
    assert not rows[1]["note"]


@pytest.mark.parametrize("note", ["=1+1", "=5", " =1", "@SUM(A1)", "+5", "-5", "\t=1", "\n=1", "\uff1d1+1"])
def test_no_note_becomes_a_formula(bob, note):
    reason = Transaction.Reason.GOODWILL
    ledger.adjust(bob.wallet, 1, key="a", reason=reason, note=note, actor=bob.user)
    rows = list(csv.DictReader(io.StringIO(stated(bob, "csv"))))
    assert (rows[1]["note"], rows[1]["credits"]) == ("'" + note, "0.000001")


def test_a_statement_ends_now_at_the_latest(busy):
    """What it says of the days ahead would be wrong tomorrow."""
    ahead = (timezone.now() + timedelta(days=9)).isoformat().replace("+00:00", "Z")
    told = json.loads(stated(busy, "json", to=ahead))
    assert datetime.fromisoformat(told["to"]) <= timezone.now()


@pytest.mark.parametrize("path", ["/v1/credits/statement", "/v1/usage"])
@pytest.mark.parametrize(
    "query",
    [
        "to=0001-01-01T00:00:00Z",
        "from=0001-01-01T00:00:00%2B14:00",
        "to=9999-12-31T23:59:59-14:00",
        "from=2030-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=2026-01-01T00:00:00",
        "from=yesterday",
    ],
)
def test_a_window_that_cannot_be_is_refused(alice, path, query):
    answer = call(alice, "GET", f"{path}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_a_long_statement_is_streamed(bob):
    """Memory grows with a chunk, not with the history: five times the lines, and not twice the memory."""
    peaks = []
    for lines in (4_000, 16_000):
        _give(bob, lines)
        tracemalloc.start()
        last = _last(call(bob, "GET", "/v1/credits/statement?format=csv"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert balance(bob).encode() in last
    assert peaks[1] < 2 * peaks[0]


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
    assert call(alice, "POST", "/v1/credits/transfers", body | {"credits": "0.000000"}).status_code == 422
    itself = call(alice, "POST", "/v1/credits/transfers", body | {"to_key": alice.key.pk})
    assert itself.json()["code"] == "transfer_refused"
    test_key, _ = create_key(alice.user, mode="test")
    assert (
        call(alice, "POST", "/v1/credits/transfers", body | {"to_key": test_key.pk}).json()["code"]
        == "transfer_refused"
    )


def test_credits_of_a_revoked_key_are_still_its_owners(alice):
    ended, _ = create_key(alice.user)
    ledger.grant(ledger.get_wallet(ended), 5 * MICRO, key="in time")
    revoke_key(ended)
    body = {"from_key": ended.pk, "to_key": alice.key.pk, "credits": "5"}
    assert call(alice, "POST", "/v1/credits/transfers", body).status_code == 201
    assert balance(alice) == "105.000000"
    back = {"from_key": alice.key.pk, "to_key": ended.pk, "credits": "5"}
    assert call(alice, "POST", "/v1/credits/transfers", back).status_code == 404


def test_who_was_given_credits_sees_the_transfer_too(alice):
    other, plaintext = create_key(alice.user)
    ledger.transfer(alice.wallet, ledger.get_wallet(other), 10 * MICRO, key="move")
    taker = replace(alice, key=other, plaintext=plaintext)
    rows = call(taker, "GET", "/v1/credits/ledger").json()["data"]
    assert [(row["kind"], row["credits"], row["balance"]) for row in rows] == [("transfer", "10.000000", "10.000000")]
    assert check_as_documented(json.loads(stated(taker, "json"))) == "the chain holds"


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


def test_what_came_in_together_counts_together(alice, bob):
    """Out of two lots, so it comes in as two."""
    ledger.grant(alice.wallet, 100 * MICRO, key="more")
    taker = ledger.get_wallet(create_key(alice.user)[0])
    ledger.transfer(alice.wallet, taker, 150 * MICRO, key="move")
    assert alerts.threshold_of(BalanceAlert.objects.create(wallet=taker, percent=10)) == 15 * MICRO


@pytest.mark.parametrize(
    "body", [{}, {"credits": "5", "percent": 5}, {"credits": "0"}, {"percent": 0}, {"credits": "-5"}]
)
def test_an_alert_has_one_threshold(alice, body):
    assert call(alice, "POST", "/v1/credits/alerts", body).status_code == 422


def test_alerts_are_listed_bounded_and_taken_away(alice, charlie):
    ids = [call(alice, "POST", "/v1/credits/alerts", {"credits": str(n)}).json()["id"] for n in range(1, 11)]
    assert call(alice, "POST", "/v1/credits/alerts", {"credits": "11"}).json()["code"] == "too_many_alerts"
    assert call(alice, "POST", "/v1/credits/alerts", {"credits": "1"}).json()["id"] == ids[0]
    assert call(charlie, "DELETE", f"/v1/credits/alerts/{ids[0]}").status_code == 404
    assert call(alice, "DELETE", f"/v1/credits/alerts/{ids[0]}").status_code == 204
    assert [row["id"] for row in call(alice, "GET", "/v1/credits/alerts").json()["data"]] == ids[1:]


def test_what_has_expired_is_a_line_like_any_other(bob):
    ledger.grant(bob.wallet, 10 * MICRO, key="soon", expires_at=timezone.now() + timedelta(hours=1))
    ledger.expire_lots(now=timezone.now() + timedelta(hours=2))
    rows = call(bob, "GET", "/v1/credits/ledger").json()["data"]
    assert [(row["kind"], row["credits"]) for row in rows] == [("expiry", "-10.000000"), ("grant", "10.000000")]
