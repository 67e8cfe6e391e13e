"""Keys by the API: made, changed, shared, capped, rerolled, revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.api_keys import create_key
from accounts.models import ApiKey, IdempotentRequest, RetiredSecret
from billing import audit, ledger
from billing.errors import SpendingCapReached
from billing.models import Wallet
from billing.pricing import MICRO
from privacy.retention import purge
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


def test_a_key_that_may_less_gets_hold_of_none_that_may_more(alice):
    """Its new plaintext would give the caller every scope; to end it is no gain."""
    weak = with_key(alice, create_key(alice.user, scopes=["keys:write"])[1])
    path = f"/v1/keys/{alice.key.pk}"
    for refused in (call(weak, "POST", f"{path}/reroll", {}), call(weak, "PATCH", path, {"expires_at": None})):
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert works(alice, alice.plaintext)
    assert call(weak, "DELETE", path).status_code == 204


def test_a_test_key_opens_no_way_to_a_live_one(alice):
    careless = with_key(alice, create_key(alice.user, mode="test")[1])
    path = f"/v1/keys/{alice.key.pk}"
    answers = [
        call(careless, "POST", "/v1/keys", {"mode": "live"}),
        call(careless, "PATCH", path, {"name": "mine"}),
        call(careless, "POST", f"{path}/reroll", {}),
        call(careless, "DELETE", path),
    ]
    assert {answer.json()["code"] for answer in answers} == {"key_refused"}
    assert works(alice, alice.plaintext)
    assert call(careless, "POST", "/v1/keys", {"mode": "test"}).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"scopes": []},  # not: all that the caller has
        {"scopes": ["everything"]},
        {"expires_at": "9999-12-31T23:59:59-14:00"},
        {"expires_at": "2030-01-01T00:00:00"},
        {"spending_cap": "-1"},
        {"name": "a\u0000b"},
        {"credits": "5"},
    ],
)
def test_a_key_that_cannot_be_is_refused(alice, body):
    path = f"/v1/keys/{alice.key.pk}"
    assert [call(alice, *asked, body).status_code for asked in (("POST", "/v1/keys"), ("PATCH", path))] == [422, 422]
    assert ApiKey.objects.get().scopes == alice.key.scopes


def test_keys_are_listed_by_pages_with_what_each_has(alice):
    made = [call(alice, "POST", "/v1/keys", {"name": str(n), "spending_cap": str(n)}).json() for n in range(3)]
    first = call(alice, "GET", "/v1/keys?limit=2").json()
    rest = call(alice, "GET", f"/v1/keys?limit=2&cursor={first['next_cursor']}").json()
    rows = first["data"] + rest["data"]
    assert [row["id"] for row in rows] == [*reversed([one["id"] for one in made]), alice.key.pk]
    assert [row["spending_cap"] for row in rows] == ["2.000000", "1.000000", "0.000000", None]
    assert [row["credits"] for row in rows] == ["0.000000"] * 3 + ["100.000000"]
    assert rest["next_cursor"] is None


def test_a_list_costs_no_more_queries_the_more_keys_there_are(alice, django_assert_max_num_queries):
    for _ in range(20):
        create_key(alice.user)
    with django_assert_max_num_queries(8):
        call(alice, "GET", "/v1/keys")


def test_a_repetition_makes_no_second_key_and_shows_no_plaintext(alice):
    first = call(alice, "POST", "/v1/keys", {"name": "once"}, idempotency_key="k")
    again = call(alice, "POST", "/v1/keys", {"name": "once"}, idempotency_key="k")
    other = call(alice, "POST", "/v1/keys", {"name": "another"}, idempotency_key="k")
    assert (first.status_code, again.json()["code"]) == (201, "answer_not_kept")
    assert first.json()["id"] in again.json()["detail"]
    assert other.json()["code"] == "idempotency_key_reused"
    assert ApiKey.objects.count() == 2
    secret = first.json()["plaintext"].split("_")[3]
    kept = IdempotentRequest.objects.values_list("route", "key", "fingerprint", "answer_id")
    assert secret not in str(list(kept))
    assert "plaintext" not in again.json()


def test_a_repeated_reroll_leaves_the_old_plaintext_its_grace(alice):
    """Else a lost answer would end both: the old one at once, and the new one that nobody has read."""
    path = f"/v1/keys/{alice.key.pk}/reroll"
    first = call(alice, "POST", path, {"grace_seconds": 900}, idempotency_key="r")
    again = call(alice, "POST", path, {"grace_seconds": 900}, idempotency_key="r")
    assert (first.status_code, again.json()["code"]) == (200, "answer_not_kept")
    assert works(alice, alice.plaintext)
    assert works(alice, first.json()["plaintext"])


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
    purge()
    assert not RetiredSecret.objects.exists()
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
