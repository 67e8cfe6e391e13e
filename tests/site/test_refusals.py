"""What is said where there is nothing to show."""

from __future__ import annotations

import pytest
from django.test import Client

from privacy import policies
from tests.people import make_person


def test_an_unknown_page_is_said_to_be_none(client, db):
    answer = client.get("/nothing/here")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


def test_an_unknown_address_of_the_api_is_refused_in_its_shape(client, db):
    answer = client.get("/v1/nothing")
    assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_a_form_without_its_token_changes_nothing(db):
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@example.com", "password": "x"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


@pytest.mark.parametrize("path", ["/nothing/here", "/v1/nothing"])
def test_a_refusal_sets_no_cookie(client, db, path):
    assert not client.get(path).cookies


def test_a_bug_shows_no_trace_and_no_frame(db, monkeypatch):
    def broken(*_):
        raise RuntimeError("canary-in-an-exception")

    monkeypatch.setattr("littlepull.portal.keys.weigh", broken)
    client = Client(raise_request_exception=False)
    bob = make_person("bob")
    policies.accept(bob.user, policies.find_required())
    client.force_login(bob.user)
    answer = client.get("/portal/keys")
    assert answer.status_code == 500
    assert "This is our fault" in answer.content.decode() and "canary" not in answer.content.decode()
