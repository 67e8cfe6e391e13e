"""The ledger's story, and each way it could go wrong."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction

from billing import audit, ledger
from billing.errors import HoldError, InsufficientCredits
from billing.models import Entry, Hold, Transaction, Wallet
from billing.written_once import drop_triggers
from tests.people import make_person

pytestmark = pytest.mark.django_db


def balance(person) -> tuple[int, int]:
    wallet = Wallet.objects.get(api_key=person.key)
    return wallet.available, wallet.held


def test_a_job_is_granted_held_and_settled(bob):
    ledger.grant(bob.wallet, 100, key="gift")
    hold = ledger.place_hold(bob.wallet, 70, key="job", price_version=1)
    assert balance(bob) == (30, 70)
    ledger.settle_hold(hold, credits=50)
    assert balance(bob) == (50, 0)
    assert audit.sum_of_entries() == 0
    assert not list(audit.find_faults())


def test_a_failed_job_costs_nothing(alice):
    before = balance(alice)
    ledger.release_hold(ledger.place_hold(alice.wallet, 70, key="job", price_version=1))
    assert balance(alice) == before
    assert not list(audit.find_faults())


def test_too_few_credits_hold_nothing(bob):
    ledger.grant(bob.wallet, 10, key="gift")
    with pytest.raises(InsufficientCredits) as refusal:
        ledger.place_hold(bob.wallet, 11, key="job", price_version=1)
    assert (refusal.value.required, refusal.value.available) == (11, 10)
    assert balance(bob) == (10, 0)


def test_a_retry_is_not_judged_by_the_balance_again(bob):
    """Lock, then look the key up, then judge: the first hold took the last credits."""
    ledger.grant(bob.wallet, 10, key="gift")
    first = ledger.place_hold(bob.wallet, 10, key="job", price_version=1)
    assert ledger.place_hold(bob.wallet, 10, key="job", price_version=1) == first
    assert balance(bob) == (0, 10)


def test_every_verb_may_be_repeated(bob):
    for _ in range(3):
        ledger.grant(bob.wallet, 100, key="gift")
        hold = ledger.place_hold(bob.wallet, 40, key="job", price_version=1)
    for _ in range(3):
        ledger.settle_hold(hold, credits=25)
    assert balance(bob) == (75, 0)
    assert not list(audit.find_faults())


def test_a_closed_hold_stays_as_it_was_closed(alice):
    hold = ledger.place_hold(alice.wallet, 40, key="job", price_version=1)
    ledger.settle_hold(hold, credits=25)
    with pytest.raises(HoldError):
        ledger.release_hold(hold)
    with pytest.raises(HoldError):
        ledger.settle_hold(hold, credits=24)


def test_nobody_is_charged_more_than_was_held(alice):
    hold = ledger.place_hold(alice.wallet, 40, key="job", price_version=1)
    with pytest.raises(HoldError):
        ledger.settle_hold(hold, credits=41)


def test_entries_are_written_once(alice):
    entry = Entry.objects.first()
    entry.credits = 1
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


@pytest.mark.parametrize(
    "act",
    [
        lambda: Entry.objects.update(credits=1),
        lambda: Entry.objects.all()._raw_delete(using="default"),
        lambda: Transaction.objects.update(note="changed"),
        lambda: Transaction.objects.filter(kind="grant")._raw_delete(using="default"),
    ],
)
def test_the_database_itself_refuses_to_change_what_was_written(alice, act):
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        act()
    assert not list(audit.find_faults())


def test_the_database_refuses_a_negative_wallet(bob):
    with pytest.raises(IntegrityError):
        Wallet.objects.filter(pk=bob.wallet.pk).update(available=-1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: Entry.objects.filter(account="available").update(credits=7),
        lambda: Wallet.objects.update(available=7),
        lambda: Wallet.objects.update(held=7),
        lambda: Hold.objects.update(status=Hold.Status.RELEASED),
        lambda: Hold.objects.update(credits=7),
    ],
)
def test_check_ledger_finds_what_was_tampered_with(alice, spoil):
    ledger.place_hold(alice.wallet, 40, key="job", price_version=1)
    call_command("check_ledger", stdout=io.StringIO())
    drop_triggers(connection)
    spoil()
    assert list(audit.find_faults())


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_at_once_on_credits_for_one_admit_one():
    person = make_person("dora")
    ledger.grant(person.wallet, 10, key="gift")
    wallet = person.wallet

    def attempt(number: int) -> bool:
        try:
            ledger.place_hold(wallet, 10, key=f"job-{number}", price_version=1)
        except InsufficientCredits:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(attempt, range(8))) == [False] * 7 + [True]
    assert balance(person) == (0, 10)
    assert not list(audit.find_faults())
