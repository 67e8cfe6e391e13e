"""Who may read /metrics: the monitor of this installation, by its token or by where it connects from."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.test import Client
from django.utils import timezone

from billing.models import LedgerCheck, PaymentEvent, RefusedDelivery
from littlepull.metrics import collecting
from privacy.models import SubjectRequest

pytestmark = pytest.mark.django_db
STRANGER, LOCAL, NEIGHBOUR = "203.0.113.9", "127.0.0.1", "10.1.2.3"


@pytest.fixture(autouse=True)
def nothing_held() -> None:
    collecting.forget()


def status(client: Client, address: str, **headers: str) -> int:
    return client.get("/metrics", REMOTE_ADDR=address, headers=headers).status_code


def test_without_a_token_it_is_for_this_machine_alone(client):
    assert status(client, LOCAL) == status(client, "::1") == status(client, "127.8.9.1") == 200
    assert status(client, STRANGER) == status(client, NEIGHBOUR) == status(client, "") == 404
    assert (
        status(client, STRANGER, Authorization="Bearer ") == status(client, STRANGER, Authorization="Bearer x") == 404
    )


def test_a_header_does_not_make_a_stranger_this_machine(client, settings):
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        assert status(client, STRANGER, **{name: LOCAL}) == 404
        assert status(client, LOCAL, **{name: STRANGER}) == status(client, LOCAL, **{name: LOCAL}) == 404


@pytest.mark.parametrize("told", [{"BEHIND_PROXY": True}, {"ALLAUTH_TRUSTED_PROXY_COUNT": 1}])
def test_behind_a_proxy_this_machine_needs_the_token_too(client, settings, told):
    for name, value in told.items():
        setattr(settings, name, value)
    assert status(client, LOCAL) == 404
    settings.METRICS_TOKEN = "a-long-token"
    assert status(client, LOCAL) == status(client, LOCAL, Authorization="Bearer a-long-toke") == 401
    assert status(client, LOCAL, Authorization="Bearer a-long-token") == 200
    assert status(client, STRANGER, Authorization="Bearer a-long-token") == 200
    assert status(client, STRANGER, Authorization="Basic a-long-token") == 401


def test_networks_may_be_let_in(client, settings):
    settings.METRICS_ALLOWED = [ip_network("10.1.0.0/16")]
    assert status(client, NEIGHBOUR) == 200
    assert status(client, STRANGER) == status(client, NEIGHBOUR, **{"X-Forwarded-For": NEIGHBOUR}) == 404


def test_a_refusal_is_a_problem_with_its_challenge(client, settings):
    settings.METRICS_TOKEN = "a-long-token"
    refused = client.get("/metrics", REMOTE_ADDR=STRANGER)
    assert (refused.json()["code"], refused["WWW-Authenticate"]) == ("not_authenticated", "Bearer")
    assert client.post("/metrics", REMOTE_ADDR=LOCAL).status_code == 405


def test_it_tells_of_the_ledger_payments_and_requests(client):
    now = timezone.now()
    LedgerCheck.objects.create(faults=3, at=now - timedelta(minutes=5))
    RefusedDelivery.objects.create(provider="dodo", reason="bad_signature", count=7, day=now.date())
    event = {"provider": "paddle", "type": "x", "kind": "ignored", "occurred_at": now, "digest": "0" * 64}
    PaymentEvent.objects.create(event_id="1", received_at=now - timedelta(minutes=9), **event)
    for kind, days in (("access", -1), ("erasure", 5), ("erasure", 20)):
        asked = {"kind": kind, "source": "portal", "subject": "0" * 64, "email": "zora@example.com"}
        SubjectRequest.objects.create(due_at=now + timedelta(days=days), **asked)
    text = client.get("/metrics", REMOTE_ADDR=LOCAL).content.decode()
    for line in (
        "littlepull_ledger_faults 3.0",
        'littlepull_payment_deliveries_refused_today{provider="dodo",reason="bad_signature"} 7.0',
        'littlepull_payment_events{state="waiting"} 1.0',
        'littlepull_subject_requests{due="overdue"} 1.0',
        'littlepull_subject_requests{due="within_10_days"} 1.0',
        'littlepull_subject_requests{due="later"} 1.0',
    ):
        assert f"{line}\n" in text
    assert "zora" not in text and "nearest_seconds -8" in text


def test_it_asks_the_database_so_much_however_much_there_is(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        assert status(client, LOCAL) == 200
    with django_assert_max_num_queries(1):
        assert status(client, LOCAL) == 200  # within the second: only whether it still answers
