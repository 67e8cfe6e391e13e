"""From the journal into the books: once each, whatever is cut, repeated or dead."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import pytest

from accounts.ids import new_id
from billing import audit, ledger
from billing.models import Hold, Wallet
from routing import bookkeeping, journal
from routing.audit import find_faults_of_leases
from routing.models import Generation, JournalMark, KeyUsage, LanguageModel

pytestmark = pytest.mark.django_db
MODEL = "scripted/echo"


@pytest.fixture(autouse=True)
def own_journal(settings, tmp_path, monkeypatch):
    settings.JOURNAL_DIR = tmp_path / "journal"
    monkeypatch.setattr(journal, "_current", None)
    assert LanguageModel.objects.filter(pk=MODEL).exists()


def lease(person, credits: int) -> tuple[str, journal.Journal]:
    book = journal.current()
    lease_id = new_id("lse")
    book.note({"t": "lease", "lease": lease_id, "key": person.key.pk})
    book.leases += 1
    ledger.place_hold(person.wallet, credits, key=lease_id, price_version=1)
    return lease_id, book


def note(book: journal.Journal, person, lease_id: str | None, cost: int) -> str:
    row = {
        "id": new_id("gen"),
        "api_key_id": person.key.pk,
        "created_at": datetime.now(UTC).isoformat(),
        "status": "succeeded",
        "outcome": "ok",
        "task": "open_qa",
        "cause": "content",
        "confidence": 900,
        "policy": "auto",
        "model_id": MODEL,
        "input_tokens": 10,
        "output_tokens": 5,
        "cost": cost,
    }
    attempt = {"number": 1, "model_id": MODEL, "outcome": "ok", "status": 200, "latency_ms": 5, "first_token_ms": None}
    weighed = [{"model_id": MODEL, "rank": 0, "score": 900, "quality": None, "expected_cost": 1, "expected_ms": 5}]
    book.note({"t": "generation", "lease": lease_id, "row": row, "attempts": [attempt], "weighed": weighed})
    return row["id"]


def balance(person) -> tuple[int, int]:
    wallet = Wallet.objects.get(api_key=person.key)
    return wallet.available, wallet.held


def test_a_closed_lease_is_settled_with_what_its_generations_cost(alice):
    before = balance(alice)[0]
    lease_id, book = lease(alice, 1000)
    ids = {note(book, alice, lease_id, cost) for cost in (30, 12)}
    assert bookkeeping.keep_books() == 3
    assert set(Generation.objects.values_list("pk", flat=True)) == ids
    assert balance(alice) == (before - 1000, 1000)
    book.note({"t": "closed", "lease": lease_id})
    bookkeeping.keep_books()
    assert balance(alice) == (before - 42, 0)
    assert not [*audit.find_faults(), *find_faults_of_leases()]
    usage = KeyUsage.objects.get(api_key=alice.key, window="day")
    assert (usage.requests, usage.tokens, usage.cost) == (2, 30, 42)


def test_reading_it_all_again_changes_nothing(alice):
    lease_id, book = lease(alice, 1000)
    note(book, alice, lease_id, 30)
    book.note({"t": "closed", "lease": lease_id})
    bookkeeping.keep_books()
    after = balance(alice)
    assert bookkeeping.keep_books() == 0
    JournalMark.objects.update(offset=0)
    bookkeeping.keep_books()
    assert balance(alice) == after
    assert Generation.objects.count() == 1


def test_a_failure_in_the_middle_enters_nothing_of_the_piece(alice, monkeypatch):
    lease_id, book = lease(alice, 1000)
    note(book, alice, lease_id, 30)
    book.note({"t": "closed", "lease": lease_id})
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(ledger, "settle_hold", lambda *_, **__: (_ for _ in ()).throw(RuntimeError))
        bookkeeping.keep_books()
    assert not Generation.objects.exists() and not KeyUsage.objects.exists()
    bookkeeping.keep_books()
    assert Generation.objects.count() == 1 and balance(alice)[1] == 0


def test_a_dead_journal_is_entered_settled_and_removed(alice):
    """Its process was killed: a request under way, and half a line at its end."""
    before = balance(alice)[0]
    lease_id, book = lease(alice, 1000)
    unused, _ = lease(alice, 500)
    note(book, alice, lease_id, 30)
    os.write(book._file, b'{"t": "generation", "lea')
    bookkeeping.keep_books()
    assert balance(alice) == (before - 1500, 1500)
    assert book.path.exists()
    book.close()  # what the system does when a process ends
    bookkeeping.keep_books()
    assert balance(alice) == (before - 30, 0)
    assert not book.path.exists() and not JournalMark.objects.exists()
    assert set(Hold.objects.filter(key__in=[lease_id, unused]).values_list("charged", flat=True)) == {30, 0}


def test_a_lease_that_was_never_placed_is_nobody_s_loss(alice):
    before = balance(alice)
    book = journal.current()
    book.note({"t": "lease", "lease": new_id("lse"), "key": alice.key.pk})
    book.close()
    bookkeeping.keep_books()
    bookkeeping.keep_books()
    assert balance(alice) == before
    assert not book.path.exists()


def test_a_generation_of_a_test_key_needs_no_lease(alice):
    book = journal.current()
    note(book, alice, None, 0)
    bookkeeping.keep_books()
    assert Generation.objects.get().hold is None


def test_the_journal_can_be_read_by_its_owner_alone_and_holds_numbers(alice):
    book = journal.current()
    note(book, alice, None, 0)
    assert oct(book.path.stat().st_mode)[-3:] == "600"
    assert json.loads(book.path.read_text())["row"]["task"] == "open_qa"


def test_a_key_that_is_gone_keeps_nobody_else_s_requests_from_the_books(alice, bob):
    """Its owner was erased, or a backup was restored that is older than it."""
    book = journal.current()
    gone = note(book, bob, None, 0)
    Wallet.objects.filter(api_key=bob.key).delete()
    bob.key.delete()
    kept = note(book, alice, None, 0)
    assert bookkeeping.keep_books() == 2
    assert list(Generation.objects.values_list("pk", flat=True)) == [kept] != [gone]
    assert list(KeyUsage.objects.values_list("api_key", flat=True).distinct()) == [alice.key.pk]
