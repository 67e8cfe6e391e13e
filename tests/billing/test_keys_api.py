"""Keys by the API: made, changed, shared, capped, rerolled, revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.api_keys import forget_retired_secrets
from accounts.models import ApiKey, RetiredSecret
from billing import audit, ledger
from billing.errors import SpendingCapReached
from billing.models import Wallet
from billing.pricing import MICRO
from tests.billing.callers import call
from tests.people import make_person

pytestmark = pytest.mark.django_db


def with_key(person, plaintext: str):
    return replace(person, plaintext=plaintext)


def works(person, plaintext: str) -> bool:
    return call(with_key(person, plaintext), "GET", "/v1/account").status_code == 200


def test_a_key_is_made_shown_once_and_listed(alice):
    made = call(alice, "POST", "/v1/keys", {"name": "Robot", "scopes": ["account:read"]})
    assert made.status_code == 201
    told = made.json()
    plaintext = told.pop("plaintext")
    assert works(alice, plaintext)
    assert (told["name"], told["scopes"], told["credits"], told["spending_cap"]) == (
        "Robot",
        ["account:read"],
        "0.000000",
        None,
    )
    assert call(alice, "GET", f"/v1/keys/{told['id']}").json() | {"last_used_at": None} == told
    listed = call(alice, "GET", "/v1/keys")
    assert [row["id"] for row in listed.json()["data"]] == [told["id"], alice.key.pk]
    assert plaintext.split("_")[3] not in listed.content.decode()
    assert call(with_key(alice, plaintext), "GET", "/v1/keys").json()["code"] == "scope_missing"


def test_nobody_gives_more_than_they_have(alice):
    ApiKey.objects.filter(pk=alice.key.pk).update(scopes=["keys:write", "account:read"])
    asked = {"scopes": ["chat:write"]}
    assert call(alice, "POST", "/v1/keys", asked).json()["code"] == "scope_missing"
    assert call(alice, "PATCH", f"/v1/keys/{alice.key.pk}", asked).json()["code"] == "scope_missing"
    assert call(alice, "POST", "/v1/keys", {}).json()["scopes"] == ["keys:write", "account:read"]


def test_keys_of_others_are_not_there(alice, charlie):
    path = f"/v1/keys/{alice.key.pk}"
    answers = [
        call(charlie, "GET", path),
        call(charlie, "PATCH", path, {"name": "mine"}),
        call(charlie, "DELETE", path),
        call(charlie, "POST", f"{path}/reroll", {}),
        call(charlie, "POST", "/v1/keys", {"pays_from": alice.key.pk}),
    ]
    assert {answer.status_code for answer in answers} == {404}


def test_a_key_is_changed_and_revoked(alice):
    told = call(alice, "POST", "/v1/keys", {}).json()
    path = f"/v1/keys/{told['id']}"
    until = (timezone.now() + timedelta(days=1)).isoformat()
    change = {"name": "New", "expires_at": until, "spending_cap": "12.5"}
    changed = call(alice, "PATCH", path, change).json()
    assert (changed["name"], changed["spending_cap"]) == ("New", "12.500000")
    assert changed["expires_at"] is not None
    assert call(alice, "PATCH", path, {"spending_cap": None}).json()["spending_cap"] is None
    assert call(alice, "PATCH", path, {"expires_at": "2020-01-01T00:00:00Z"}).json()["code"] == "key_refused"
    assert call(alice, "DELETE", path).status_code == 204
    assert not works(alice, told["plaintext"])
    assert call(alice, "GET", path).status_code == 404


def test_a_key_may_pay_from_another_within_a_cap(alice):
    """One wallet for several keys, each with a cap of its own."""
    told = call(alice, "POST", "/v1/keys", {"pays_from": alice.key.pk, "spending_cap": "30"}).json()
    shared = ApiKey.objects.get(pk=told["id"])
    wallet = ledger.get_wallet(shared)
    assert wallet == alice.wallet
    assert told["credits"] == "100.000000"
    hold = ledger.place_hold(wallet, 25 * MICRO, key="one", price_version=1, spender=shared)
    with pytest.raises(SpendingCapReached) as refusal:
        ledger.place_hold(wallet, 6 * MICRO, key="two", price_version=1, spender=shared)
    assert refusal.value.available == 5 * MICRO
    ledger.place_hold(wallet, 60 * MICRO, key="three", price_version=1, spender=alice.key)  # has no cap
    ledger.settle_hold(hold, credits=10 * MICRO)
    ledger.place_hold(
        wallet, 15 * MICRO, key="four", price_version=1, spender=shared
    )  # what was given back counts again
    assert call(alice, "GET", f"/v1/keys/{told['id']}").json()["spent_this_month"] == "25.000000"
    assert not list(audit.find_faults())
    again = call(alice, "POST", "/v1/keys", {"pays_from": told["id"]})
    assert again.json()["code"] == "key_refused"  # no chains
    assert call(alice, "POST", "/v1/keys", {"pays_from": alice.key.pk, "mode": "test"}).json()["code"] == "key_refused"


def test_a_rerolled_key_is_the_same_key(alice):
    path = f"/v1/keys/{alice.key.pk}/reroll"
    told = call(alice, "POST", path, {"grace_seconds": 60}).json()
    assert told["id"] == alice.key.pk
    assert (told["credits"], told["scopes"]) == ("100.000000", alice.key.scopes)
    assert works(alice, told["plaintext"])
    assert works(alice, alice.plaintext)
    assert call(alice, "GET", "/v1/account").json()["key"]["masked"] == told["masked"]
    RetiredSecret.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not works(alice, alice.plaintext)
    assert forget_retired_secrets() == 1
    assert Wallet.objects.count() == 1


def test_a_new_reroll_ends_an_earlier_grace_and_without_grace_the_old_one_ends_at_once(alice):
    path = f"/v1/keys/{alice.key.pk}/reroll"
    second = call(alice, "POST", path, {"grace_seconds": 86400}).json()["plaintext"]
    third = call(with_key(alice, second), "POST", path, {"grace_seconds": 60}).json()["plaintext"]
    assert [works(alice, one) for one in (alice.plaintext, second, third)] == [False, True, True]
    fourth = call(with_key(alice, third), "POST", path, {}).json()["plaintext"]
    assert [works(alice, one) for one in (second, third, fourth)] == [False, False, True]
    assert call(with_key(alice, fourth), "POST", path, {"grace_seconds": 5}).status_code == 422


def test_revoking_ends_the_grace_too(alice):
    other = make_person("olaf")
    plaintext = call(other, "POST", f"/v1/keys/{other.key.pk}/reroll", {"grace_seconds": 60}).json()["plaintext"]
    assert call(with_key(other, plaintext), "DELETE", f"/v1/keys/{other.key.pk}").status_code == 204
    assert [works(other, one) for one in (other.plaintext, plaintext)] == [False, False]
