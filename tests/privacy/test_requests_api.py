"""/v1/privacy/requests, by HTTP: opened once, listed, read by their owner alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail

from accounts.models import ApiKey, Scope
from privacy.models import SubjectRequest
from privacy.subject_requests import MOST_OPEN, extend, withdraw
from tests.people import make_person

pytestmark = pytest.mark.django_db
REQUESTS = "/v1/privacy/requests"


def ask(client, person, kind="access", *, key=None, **body):
    headers = person.headers | ({"Idempotency-Key": key} if key else {})
    return client.post(REQUESTS, {"kind": kind, **body}, content_type="application/json", headers=headers)


@pytest.mark.parametrize("kind", ["access", "portability", "rectification", "erasure"])
def test_a_request_is_opened_with_its_due_date(client, alice, kind, django_capture_on_commit_callbacks):
    """F60, F61"""
    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(client, alice, kind, details="please")
    told = answer.json()
    assert answer.status_code == 201 and answer["Location"] == f"{REQUESTS}/{told['id']}"
    assert told["id"].startswith("req_") and told["kind"] == kind and told["status"] == "pending"
    opened, due = (datetime.fromisoformat(told[name]) for name in ("opened_at", "due_at"))
    assert timedelta(days=29, hours=23) < due - opened < timedelta(days=30, minutes=1)
    assert [change["status"] for change in told["changes"]] == ["received", "pending"]
    assert mail.outbox[-1].to == [alice.user.email] and told["id"] in mail.outbox[-1].body
    assert "please" not in answer.content.decode() and "please" not in mail.outbox[-1].body


def test_a_retry_opens_nothing_more(client, alice):
    first, again = (ask(client, alice, key="once", details="x") for _ in range(2))
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    assert SubjectRequest.objects.count() == 1
    other = ask(client, alice, key="once", details="y")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_they_are_listed_newest_first_and_read_by_their_owner_alone(client, alice, bob):
    made = [ask(client, alice).json()["id"] for _ in range(3)]
    page = client.get(f"{REQUESTS}?limit=2", headers=alice.headers).json()
    rest = client.get(f"{REQUESTS}?limit=2&cursor={page['next_cursor']}", headers=alice.headers).json()
    assert [one["id"] for one in page["data"] + rest["data"]] == made[::-1] and rest["next_cursor"] is None
    assert client.get(REQUESTS, headers=bob.headers).json()["data"] == []
    for unknown in (made[0], "req_" + "0" * 26, "nonsense", "req_\x00"):
        answer = client.get(f"{REQUESTS}/{unknown}", headers=bob.headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert client.get(f"{REQUESTS}/{made[0]}", headers=alice.headers).json()["id"] == made[0]


def test_the_same_again_is_known_as_a_duplicate(client, alice):
    """F64"""
    first, second, other = ask(client, alice).json(), ask(client, alice).json(), ask(client, alice, "erasure").json()
    assert (first["duplicate_of"], second["duplicate_of"]) == (None, first["id"]) and other["duplicate_of"] is None


def test_scopes_are_held(client, alice):
    ApiKey.objects.filter(pk=alice.key.pk).update(scopes=[Scope.ACCOUNT_READ])
    refused = ask(client, alice)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert client.get(REQUESTS, headers=alice.headers).status_code == 200
    ApiKey.objects.filter(pk=alice.key.pk).update(scopes=[Scope.PRIVACY_WRITE])
    assert ask(client, alice).status_code == 201
    assert client.get(REQUESTS, headers=alice.headers).status_code == 403
    assert client.post(REQUESTS, {}, content_type="application/json").status_code == 401


@pytest.mark.parametrize(
    "body", [{"kind": "other"}, {}, {"kind": "access", "details": "x" * 501}, {"kind": "access", "more": 1}]
)
def test_nonsense_is_refused(client, alice, body):
    answer = client.post(REQUESTS, body, content_type="application/json", headers=alice.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert not SubjectRequest.objects.exists()


def test_there_are_so_many_open_at_a_time(client, alice):
    for _ in range(MOST_OPEN):
        assert ask(client, alice).status_code == 201
    answer = ask(client, alice)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_privacy_requests")
    withdraw(SubjectRequest.objects.all()[0])
    assert ask(client, alice).status_code == 201


def test_an_extension_shows_with_its_reason(client, alice):
    """F61"""
    made = SubjectRequest.objects.get(pk=ask(client, alice).json()["id"])
    extend(made, "complexity", actor=make_person("officer").user)
    told = client.get(f"{REQUESTS}/{made.pk}", headers=alice.headers).json()
    assert told["status"] == "extended" and told["extended_because"] == "complexity"
    assert datetime.fromisoformat(told["due_at"]) > made.due_at + timedelta(days=59)
