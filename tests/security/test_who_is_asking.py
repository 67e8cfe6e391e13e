"""401 and 403: every operation without a key, with one that has ended, and with one that lacks the scope."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from accounts.models import ApiKey, Scope
from littlepull import openapi_chat
from littlepull.site.reference import find_scopes
from tests.security.walking import IDS, Operation, call, knock, operations

pytestmark = pytest.mark.django_db
# The gateway reads keys on connections of its own, which do not see this test's rows: tests/security/test_fuzzed.py
GUARDED = [one for one in operations() if not one.open and one.path != openapi_chat.PATH]
OPEN = {"GET /v1/prices", "GET /v1/statistics/models", "GET /v1/extractions/{extraction_id}/result"}
# docs/webhooks.md: reading them needs no scope of its own.
ANY_KEY = {"GET /v1/webhook-endpoints", "GET /v1/webhook-endpoints/{endpoint_id}"}
ANY_KEY |= {"GET /v1/webhook-deliveries", "GET /v1/webhook-deliveries/{delivery_id}"}


def scope_of(operation: Operation) -> str:
    return operation.told.get("x-scope") or find_scopes()[operation.told["operationId"]]


def ask(operation: Operation, authorization: str | None):
    """Without the body that it wants: who asks is looked at first."""
    headers = {} if authorization is None else {"Authorization": authorization}
    path = operation.path.format(**dict.fromkeys(IDS, "ext_" + "0" * 26))
    return async_to_sync(knock)(operation.method, path, headers=headers)


def test_operations_for_any_key_are_those_that_are_meant_to_be():
    assert {str(one) for one in GUARDED if not scope_of(one)} == ANY_KEY


def test_open_operations_are_those_that_are_meant_to_be():
    assert {str(one) for one in operations() if one.open} == OPEN


@pytest.mark.parametrize("operation", GUARDED, ids=str)
def test_without_a_valid_key_it_is_401(operation, alice):
    answers = [ask(operation, None), ask(operation, ""), ask(operation, "Basic YWxpY2U6c2VjcmV0")]
    answers.append(ask(operation, f"Bearer {alice.plaintext[:-1]}{'a' if alice.plaintext[-1] != 'a' else 'b'}"))
    rows = ApiKey.objects.filter(pk=alice.key.pk)
    for spoilt in ({"revoked_at": timezone.now()}, {"revoked_at": None, "expires_at": timezone.now() - timedelta(1)}):
        rows.update(**spoilt)
        answers.append(ask(operation, f"Bearer {alice.plaintext}"))
    rows.update(expires_at=None)
    type(alice.user).objects.filter(pk=alice.user.pk).update(is_active=False)
    answers.append(ask(operation, f"Bearer {alice.plaintext}"))
    for answer in answers:
        assert answer.status_code == 401, answer.text
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies), "why it does not open is told to nobody"


@pytest.mark.parametrize("operation", [one for one in GUARDED if str(one) not in ANY_KEY], ids=str)
def test_without_its_scope_it_is_403(operation, alice):
    scope = scope_of(operation)
    assert scope in Scope.values
    alice.key.scopes = [one for one in Scope.values if one != scope]
    alice.key.save(update_fields=["scopes"])
    answer = ask(operation, f"Bearer {alice.plaintext}")
    assert (answer.status_code, answer.json().get("code")) == (403, "scope_missing"), answer.text


@pytest.mark.parametrize("operation", GUARDED, ids=str)
def test_a_session_opens_no_operation(operation, alice, client):
    """The API has no cookies, and hence nothing for a forged form to ride on."""
    client.force_login(alice.user)
    path = operation.path.format(**dict.fromkeys(IDS, "ext_" + "0" * 26))
    assert client.generic(operation.method, path, "{}", "application/json").status_code == 401


def test_a_method_cannot_be_overridden(alice):
    for header in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        call("POST", f"/v1/keys/{alice.key.pk}", {**alice.headers, header: "DELETE"}, {"_method": "DELETE"})
        call("GET", f"/v1/keys/{alice.key.pk}?_method=DELETE", {**alice.headers, header: "DELETE"})
    alice.key.refresh_from_db()
    assert alice.key.revoked_at is None
