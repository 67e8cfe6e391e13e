"""The admin: every list opens, acts go through the verbs, and there is one cookie."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.urls import reverse

from accounts.models import ApiKey, AuditEntry, User
from extraction.models import Job
from tests.extraction.jobs_in_hand import submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff_client(client):
    staff = User.objects.create_superuser("staff@example.com", "correct horse battery")
    EmailAddress.objects.create(user=staff, email=staff.email, verified=True, primary=True)
    answer = client.post(
        reverse("account_login"),
        {"login": "Staff@example.com", "password": "correct horse battery", "next": "/admin/"},
    )
    assert answer.status_code == 302 and answer["Location"] == "/admin/"
    return client


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_every_list_opens(staff_client, alice, model):
    submit(alice)
    assert staff_client.get(reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")).status_code == 200


def test_signing_in_sets_one_cookie_for_a_day(staff_client):
    assert list(staff_client.cookies) == ["session_id"]
    cookie = staff_client.cookies["session_id"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 86400)


def test_revoking_a_key_here_is_revoking_it(staff_client, alice, client):
    form = {"action": "revoke", "_selected_action": [alice.key.pk], "audit_reason": "it leaked"}
    staff_client.post(reverse("admin:accounts_apikey_changelist"), form)
    assert ApiKey.objects.get(pk=alice.key.pk).revoked_at
    assert client.get("/v1/account", headers=alice.headers).status_code == 401


def test_canceling_an_extraction_here_returns_its_credits(staff_client, alice):
    job = submit(alice)
    form = {"action": "cancel", "_selected_action": [job.pk]}
    page = reverse("admin:extraction_job_changelist")
    assert "say why" in staff_client.post(page, form, follow=True).content.decode()
    assert Job.objects.get(pk=job.pk).status == "queued"
    staff_client.post(page, form | {"audit_reason": "asked for by its owner"})
    assert AuditEntry.objects.get(act="job_canceled").reason == "asked for by its owner"
    assert Job.objects.get(pk=job.pk).status == "canceled"
    assert alice.wallet.held == 0


def test_the_ledger_can_be_read_and_not_changed(staff_client, alice):
    transaction = alice.wallet.transactions.get()
    page = reverse("admin:billing_transaction_change", args=[transaction.pk])
    assert staff_client.get(page).status_code == 200
    assert staff_client.post(page, {"note": "changed"}).status_code == 403
