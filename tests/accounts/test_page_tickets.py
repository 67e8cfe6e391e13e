"""Page tickets: a page of ours calls the API for a key, for extractions alone, while its person is signed in."""

from __future__ import annotations

import time

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts import api_keys, page_tickets
from accounts.models import ApiKey, Scope, Session
from accounts.sessions import end_sessions
from privacy import policies
from tests.people import Person, make_person


@pytest.fixture
def page(bob) -> Client:
    return signed_in(bob)


def signed_in(person: Person) -> Client:
    policies.accept(person.user, policies.find_required())
    client = Client()
    client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def get_ticket(page: Client, person: Person) -> str:
    return page.post("/portal/playground/ticket", {"key": person.key.pk}).json()["token"]


def status(ticket: str, path: str = "/v1/extractions", method: str = "GET", body: str = "") -> int:
    return Client().generic(method, path, body, "application/json", HTTP_AUTHORIZATION=f"Bearer {ticket}").status_code


def test_it_opens_extractions_and_schemas_for_its_key(page, bob):
    ticket = get_ticket(page, bob)
    answer = Client().get("/v1/extractions", HTTP_AUTHORIZATION=f"Bearer {ticket}")
    assert answer.status_code == 200 and answer["X-Credits-Remaining"] == "0.000000"
    body = '{"name": "mine", "schema": {"type": "object", "properties": {"total": {"type": "number"}}}}'
    assert status(ticket, "/v1/schemas", "POST", body) == 201


@pytest.mark.parametrize(
    "path", ["/v1/keys", "/v1/account", "/v1/models", "/v1/webhook-endpoints", "/v1/generations/x"]
)
def test_it_opens_nothing_else_though_the_key_does(page, bob, path):
    assert bob.key.scopes == list(Scope.values)
    assert status(get_ticket(page, bob), path) in (401, 403)
    assert status(bob.plaintext, path) in (200, 404)


def test_it_never_makes_keys_or_moves_credits(page, bob):
    ticket = get_ticket(page, bob)
    transfer = f'{{"to_key": "{bob.key.pk}", "credits": "1"}}'
    assert status(ticket, "/v1/keys", "POST", '{"name": "x"}') == 403
    assert status(ticket, "/v1/credits/transfers", "POST", transfer) == 403
    assert ApiKey.objects.count() == 1


def test_it_gives_no_scope_that_the_key_lacks(db):
    reader = make_person("reader", scopes=[Scope.EXTRACTIONS_READ])
    ticket = get_ticket(signed_in(reader), reader)
    assert status(ticket) == 200
    assert status(ticket, "/v1/schemas", "POST", "{}") == 403


def test_the_narrowed_scopes_are_never_written(page, bob):
    status(get_ticket(page, bob))
    bob.key.refresh_from_db()
    assert bob.key.scopes == list(Scope.values)


def test_signing_out_ends_it(page, bob):
    ticket, elsewhere = get_ticket(page, bob), get_ticket(signed_in(bob), bob)
    page.post("/accounts/logout/")
    assert (status(ticket), status(elsewhere)) == (401, 200)
    end_sessions(bob.user)
    assert status(elsewhere) == 401


def test_a_session_that_has_run_out_ends_it(page, bob):
    ticket = get_ticket(page, bob)
    Session.objects.update(expire_date=timezone.now())
    assert status(ticket) == 401


def test_a_changed_password_ends_it(page, bob):
    ticket = get_ticket(page, bob)
    bob.user.set_password("another horse, another battery")
    bob.user.save()
    assert status(ticket) == 401


def test_a_revoked_key_ends_it(page, bob):
    ticket = get_ticket(page, bob)
    api_keys.revoke_key(bob.key)
    assert status(ticket) == 401


def test_a_locked_account_ends_it(page, bob):
    ticket = get_ticket(page, bob)
    bob.user.is_active = False
    bob.user.save()
    assert status(ticket) == 401


def test_it_lasts_a_quarter_of_an_hour(page, bob, monkeypatch):
    ticket, now = get_ticket(page, bob), time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 14 * 60)
    assert status(ticket) == 200
    monkeypatch.setattr(signing.time, "time", lambda: now + 16 * 60)
    assert status(ticket) == 401


def test_nobody_makes_one_for_another_key(page, bob, alice):
    ticket = get_ticket(page, bob)
    assert status(ticket.replace(bob.key.pk, alice.key.pk)) == 401
    assert status(ticket[:-1] + ("a" if ticket[-1] != "a" else "b")) == 401
    assert status("lp_page_") == status("lp_page_nonsense") == 401


def test_a_session_opens_only_the_keys_of_its_own_person(page, alice):
    """Even one that was signed by us: the session of the one and the key of the other do not go together."""
    ticket, _ = page_tickets.give_ticket(alice.key, page.session.session_key)
    assert status(ticket) == 401


def test_the_session_cannot_be_read_from_it_and_it_fits_a_subprotocol(page, bob):
    ticket = get_ticket(page, bob)
    assert page.session.session_key not in ticket
    assert all(letter.isalnum() or letter in "-_." for letter in ticket)
