"""The public attestation: every promise with what shows it, signed."""

from __future__ import annotations

import pytest

from accounts.signing import public_keys, read_statement
from privacy import attesting
from privacy.attesting import attest, attest_when_due
from privacy.models import Attestation
from privacy.promises import PROMISES, Finding

pytestmark = pytest.mark.django_db
PAGE = "/privacy/attestation"


def test_before_the_first_look_it_says_so(client):
    assert "Not looked at yet" in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}.json").status_code == client.get(f"{PAGE}.jws").status_code == 404


def test_each_promise_is_there_and_the_whole_is_signed(client):
    attest()
    page = client.get(PAGE)
    assert page.status_code == 200 and not page.cookies
    for promise in PROMISES:
        assert f'id="{promise.code}"' in page.content.decode()
    told = client.get(f"{PAGE}.json").json()
    jws = client.get(f"{PAGE}.jws").content.decode()
    assert told.pop("jws") == jws and told == read_statement(jws, public_keys())


def test_a_broken_promise_is_told(client, monkeypatch):
    broken = Finding("a look", ("the lock is broken",))
    monkeypatch.setattr(attesting, "_look", lambda promise: broken)
    attest()
    page = client.get(PAGE).content.decode()
    assert "the lock is broken" in page and "kept</span>" not in page


def test_one_look_an_hour_is_enough(monkeypatch):
    monkeypatch.setattr(attesting, "PROMISES", PROMISES[:1])
    assert attest_when_due() is not None and attest_when_due() is None
    assert Attestation.objects.count() == 1
