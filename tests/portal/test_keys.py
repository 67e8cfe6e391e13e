"""Keys in the portal: shown once, made once, changed, rerolled and ended, each by its owner alone."""

from __future__ import annotations

import re

import pytest
from django.core import mail

from accounts.models import ApiKey, Scope, Session
from routing.models import KeyLimit, KeyPolicy
from tests.people import make_person

PLAINTEXT = re.compile(r"lp_(?:live|test)_\w{12}_\w{46}")


def fields(page, **changes):
    nonce = re.search(r'name="nonce" value="(\w+)"', page.content.decode())[1]
    return {"nonce": nonce, "name": "Invoices", "mode": "test", "scopes": Scope.values, **changes}


def test_a_key_is_shown_once_and_opens_the_api(portal, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = portal.post("/portal/keys/new", fields(portal.get("/portal/keys/new")))
    plaintext = PLAINTEXT.search(answer.content.decode())[0]
    assert portal.get("/v1/account", headers={"Authorization": f"Bearer {plaintext}"}).status_code == 200
    assert answer["Cache-Control"].startswith("max-age=0") and "no-store" in answer["Cache-Control"]
    assert not PLAINTEXT.search(portal.get("/portal/keys").content.decode())
    secret = plaintext.rsplit("_", 1)[1]
    assert all(secret not in str(row.get_decoded()) for row in Session.objects.all())
    assert "new API key" in mail.outbox[-1].subject and secret not in mail.outbox[-1].body


def test_a_double_click_makes_one_key(portal, bob):
    form = fields(portal.get("/portal/keys/new"))
    portal.post("/portal/keys/new", form)
    again = portal.post("/portal/keys/new", form, follow=True)
    assert ApiKey.objects.filter(name="Invoices").count() == 1
    assert not PLAINTEXT.search(again.content.decode()) and "made already" in again.content.decode()


def test_a_key_has_its_cap_scopes_and_payer(portal, bob):
    page = portal.get("/portal/keys/new")
    chosen = {"mode": "live", "cap": "12.5", "scopes": ["extractions:write"], "pays_from": bob.key.pk, "lifetime": "30"}
    portal.post("/portal/keys/new", fields(page, **chosen))
    key = ApiKey.objects.get(name="Invoices")
    assert key.scopes == ["extractions:write"] and key.pays_from == bob.key and key.expires_at
    assert "12.5 credits" in portal.get("/portal/keys").content.decode()


def test_a_test_key_cannot_pay_from_a_live_one_and_nothing_is_made(portal, bob):
    answer = portal.post("/portal/keys/new", fields(portal.get("/portal/keys/new"), pays_from=bob.key.pk))
    assert "another live key" in answer.content.decode() and ApiKey.objects.count() == 1


def test_what_a_key_may_is_changed(portal, bob):
    portal.post(f"/portal/keys/{bob.key.pk}", {"name": "Renamed", "scopes": ["account:read"], "cap": "3"})
    bob.key.refresh_from_db()
    assert (bob.key.name, bob.key.scopes) == ("Renamed", ["account:read"])
    page = portal.get(f"/portal/keys/{bob.key.pk}").content.decode()
    assert 'value="3"' in page or 'value="3.000000"' in page


def test_the_gateway_s_policy_and_limits_are_the_owner_s_to_set(portal, bob):
    where = f"/portal/keys/{bob.key.pk}"
    portal.post(f"{where}/policy", {"deny_training": "on", "max_retention_days": "0"})
    policy = KeyPolicy.objects.get(api_key=bob.key)
    assert policy.deny_training and policy.max_retention_days == 0 and not policy.explore
    portal.post(f"{where}/limits", {"resource": "cost", "limit": "5", "window": "day"})
    limit = KeyLimit.objects.get(api_key=bob.key)
    assert limit.limit == 5_000_000
    portal.post(f"{where}/limits/{limit.pk}/remove")
    assert not KeyLimit.objects.exists()


def test_a_reroll_shows_the_new_secret_once(portal, bob):
    page = portal.get(f"/portal/keys/{bob.key.pk}")
    nonce = fields(page)["nonce"]
    answer = portal.post(f"/portal/keys/{bob.key.pk}/reroll", {"nonce": nonce, "grace": "0"})
    plaintext = PLAINTEXT.search(answer.content.decode())[0]
    assert portal.get("/v1/account", headers={"Authorization": f"Bearer {plaintext}"}).status_code == 200
    assert portal.get("/v1/account", headers=bob.headers).status_code == 401
    again = portal.post(f"/portal/keys/{bob.key.pk}/reroll", {"nonce": nonce, "grace": "0"}, follow=True)
    assert not PLAINTEXT.search(again.content.decode())


def test_revoking_asks_for_the_name(portal, bob):
    ApiKey.objects.update(name="Payroll")
    wrong = portal.post(f"/portal/keys/{bob.key.pk}/revoke", {"name": "payrol"})
    assert "untouched" in wrong.content.decode()
    assert portal.get("/v1/account", headers=bob.headers).status_code == 200
    portal.post(f"/portal/keys/{bob.key.pk}/revoke", {"name": "Payroll"})
    assert portal.get("/v1/account", headers=bob.headers).status_code == 401


@pytest.mark.parametrize("act", ["", "/reroll", "/revoke", "/policy", "/limits", "/limits/1/remove"])
def test_another_s_key_is_not_there(portal, act):
    foreign = make_person("eve").key
    answer = portal.post(f"/portal/keys/{foreign.pk}{act}", {"name": "x", "grace": "0", "nonce": "n"})
    assert answer.status_code == 404
    assert portal.get(f"/portal/keys/{foreign.pk}").status_code == 404


def test_without_signing_in_there_is_only_the_door(client, bob):
    for page in ("/portal/keys", "/portal/keys/new", f"/portal/keys/{bob.key.pk}", "/portal/settings"):
        assert client.get(page)["Location"].startswith("/accounts/login/")
