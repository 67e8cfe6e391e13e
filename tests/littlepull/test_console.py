"""The console: what its first page says and to whom, who gets in, and what each role can do and nothing besides."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User, WebhookDelivery
from billing.models import LedgerCheck, Wallet
from extraction import jobs
from extraction.models import Job, WorkerBeat
from littlepull import books
from littlepull.console.roles import ROLES
from privacy import subject_requests
from privacy.models import Attestation, SubjectRequest
from routing import catalogue, vitals
from routing.errors import UpstreamError
from tests.extraction.jobs_in_hand import submit
from tests.littlepull.test_settings import SECRETS
from tests.routing.offers import make_model

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")


def make_staff(role: str = "", *, name: str = "staff") -> User:
    user = User.objects.create_user(f"{name}@example.com", "correct horse battery", is_staff=True)
    if role:
        call_command("make_roles", verbosity=0)
        user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def chief(client) -> User:
    user = User.objects.create_superuser("chief@example.com", "correct horse battery")
    client.force_login(user)
    return user


def needs(client) -> dict[str, tuple[str, str, str]]:
    """By title: how it looks, its figure, its words."""
    text = client.get(HOME).content.decode()
    found = re.findall(
        r'<li class="card need (\w+)">\s*<h2>(?:<a href="[^"]*">)?([^<]+)(?:</a>)? '
        r"<span[^>]*>([^<]+)</span></h2>\s*<p>([^<]*)",
        text,
    )
    return {title: (look, tally, says) for look, title, tally, says in found}


def test_a_fresh_installation_says_what_is_missing(client, chief):
    told = needs(client)
    assert told["Workers"][0] == "bad" and "Start one" in told["Workers"][2]
    assert told["Ledger"][0] == told["Promises"][0] == "warn"
    assert told["Privacy requests"][:2] == told["Queue"][:2] == ("good", "0")


def test_all_in_order(client, chief):
    WorkerBeat.objects.create(worker_id="w", ready=True)
    LedgerCheck.objects.create(faults=0)
    Attestation.objects.create(promises=60, broken=0, jws="x")
    looks = {title: look for title, (look, _tally, _says) in needs(client).items()}
    assert set(looks.values()) == {"good"}, looks


def test_what_needs_somebody_comes_first(client, chief, alice):
    request = subject_requests.open_request("access", user=alice.user, source="portal", identity="session")
    SubjectRequest.objects.filter(pk=request.pk).update(due_at=timezone.now() - timedelta(days=1))
    job = submit(alice)
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - timedelta(hours=1))
    LedgerCheck.objects.create(faults=3)
    Attestation.objects.create(promises=60, broken=2, jws="x")
    told = needs(client)
    assert told["Privacy requests"][:2] == ("bad", "1")
    assert told["Queue"][:2] == ("bad", "1") and "60 min" in told["Queue"][2]
    assert told["Ledger"][:2] == ("bad", "3") and told["Promises"][:2] == ("bad", "2")
    looks = [look for look, _tally, _says in told.values()]
    assert looks == sorted(looks, key=["bad", "warn", "calm", "good"].index)


def test_jobs_that_failed_or_are_stuck(client, chief, alice):
    submit(alice)
    jobs.fail(jobs.claim(), "internal_error", "Something went wrong on our side.")
    submit(alice)
    claim = jobs.claim()
    Job.objects.filter(pk=claim.job_id).update(lease_expires_at=timezone.now() - timedelta(minutes=1))
    told = needs(client)
    assert told["Failed extractions"][1:] == ("1", "internal_error: 1")
    assert told["Stuck extractions"][:2] == ("bad", "1")


def test_what_a_caller_got_wrong_is_not_ours_to_look_at(client, chief, alice):
    submit(alice)
    jobs.fail(jobs.claim(), "media_unreadable", "It cannot be read.")
    assert needs(client)["Failed extractions"][:2] == ("good", "0")


def test_an_open_circuit_and_a_model_without_a_price(client, chief):
    make_model("one/model")
    make_model("one/unpriced", dollars=None)
    catalogue.forget()
    for _ in range(20):
        vitals.note_failure("one/model", UpstreamError("one", status=503))
    told = needs(client)
    assert told["Model providers"][0] in ("warn", "bad") and "one: 1 of 2 models paused" in told["Model providers"][2]
    assert told["Models without a price"][1] == "1"


def test_money_and_messages_that_need_a_look(client, chief, alice):
    Wallet.objects.filter(pk=alice.wallet.pk).update(available=0, debt=5_000_000)
    WebhookDelivery.objects.create(
        user=alice.user, url="https://example.com", event_type="extraction.succeeded", status="failed", payload={}
    )
    told = needs(client)
    assert told["Payments"][0] == "warn" and told["Webhooks"][1] == "1"


def test_the_ledger_is_proved_each_hour_and_faults_are_seen(alice):
    assert books.prove_when_due().faults == 0
    assert books.prove_when_due() is None, "an hour has not passed"
    LedgerCheck.objects.update(at=timezone.now() - timedelta(hours=2))
    Wallet.objects.filter(pk=alice.wallet.pk).update(available=1)
    assert books.prove_when_due().faults >= 1


def test_everybody_sees_what_is_theirs_alone(client, alice):
    seen = {}
    for role in ROLES:
        client.force_login(make_staff(role, name=role.replace(" ", "-")))
        seen[role] = set(needs(client))
    assert seen["privacy officer"] == {"Privacy requests", "Promises"}
    assert seen["billing"] == {"Payments", "Ledger"}
    assert seen["support"] == {"Queue", "Workers", "Failed extractions", "Payments", "Webhooks"}
    assert seen["operator"] == {"Queue", "Workers", "Failed extractions", "Webhooks", "Model providers", "Promises"}


def page_of(label: str, name: str = "changelist") -> str:
    return reverse(f"admin:{label.lower().replace('.', '_')}_{name}")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_own_lists_and_no_other(client, role):
    user = make_staff(role)
    client.force_login(user)
    for model in admin.site._registry:
        label = model._meta.label_lower
        allowed = f"{model._meta.app_label}.view_{model._meta.model_name}" in ROLES[role]
        assert (client.get(page_of(label)).status_code == 200) is allowed, label
        app, name = label.split(".")
        if f"{app}.add_{name}" not in ROLES[role]:
            assert client.get(page_of(label, "add")).status_code == 403, label


def test_nobody_but_a_superuser_gives_rights(client, alice, chief):
    operator = make_staff("operator", name="operator")
    client.force_login(operator)
    mine, theirs = (reverse("admin:accounts_user_change", args=[user.pk]) for user in (operator, chief))
    form = {"name": "", "is_active": "on", "is_staff": "on", "is_superuser": "on", "audit_reason": "why not"}
    assert client.post(mine, form | {"email": "else@example.com"}).status_code == 302
    operator.refresh_from_db()
    assert not operator.is_superuser and operator.email == "operator@example.com"
    assert client.post(theirs, {"name": "", "audit_reason": "lock them out"}).status_code == 403
    chief.refresh_from_db()
    assert chief.is_active
    assert client.get(reverse("admin:auth_group_changelist")).status_code == 403


def test_an_operator_locks_an_account_and_says_why(client, alice):
    client.force_login(make_staff("operator"))
    page = reverse("admin:accounts_user_change", args=[alice.user.pk])
    client.post(page, {"name": "", "audit_reason": ""})
    alice.user.refresh_from_db()
    assert alice.user.is_active
    client.post(page, {"name": "", "audit_reason": "abuse, as reported"})
    alice.user.refresh_from_db()
    assert not alice.user.is_active
    assert AuditEntry.objects.get(act="user_locked").reason == "abuse, as reported"


def test_support_puts_a_job_back_in_the_queue(client, alice):
    client.force_login(make_staff("support"))
    job = submit(alice)
    claim = jobs.claim()
    form = {"action": "put_back", "_selected_action": [job.pk], "audit_reason": "its worker hangs"}
    client.post(page_of("extraction.Job"), form)
    job.refresh_from_db()
    assert job.status == "queued" and not jobs.heartbeat(claim), "its worker has to let go"
    entry = AuditEntry.objects.get(act="job_requeued")
    assert (entry.row, entry.reason) == (job.pk, "its worker hangs")
    again = jobs.claim()
    jobs.destroy_media(again)
    shown = client.post(page_of("extraction.Job"), form, follow=True).content.decode()
    assert "its text has been read" in shown
    job.refresh_from_db()
    assert job.status == "running"
    call_command("check_ledger", verbosity=0)


def test_roles_are_made_again_as_they_ought_to_be():
    call_command("make_roles", verbosity=0)
    support = Group.objects.get(name="support")
    support.permissions.add(Permission.objects.get(codename="adjust_wallet"))
    call_command("make_roles", verbosity=0)
    assert not support.permissions.filter(codename="adjust_wallet").exists()
    assert AuditEntry.objects.filter(act="role_changed").count() == 2
    call_command("make_roles", verbosity=0)
    assert AuditEntry.objects.filter(act="role_changed").count() == 2, "nothing was changed"


def test_a_role_of_a_permission_that_does_not_exist_is_refused(monkeypatch):
    monkeypatch.setitem(ROLES, "support", ("billing.print_money",))
    with pytest.raises(CommandError, match="print_money"):
        call_command("make_roles")
    assert not Group.objects.exists()


def test_staff_need_a_second_factor_where_it_is_required(client, settings):
    settings.STAFF_MFA_REQUIRED = True
    user = make_staff("operator")
    client.force_login(user)
    for page in (HOME, page_of("extraction.Job")):
        answer = client.get(page)
        assert answer.status_code == 302
        assert client.get(answer.url).url == reverse("mfa_index")
    assert "second factor" in client.get(reverse("mfa_index"), follow=True).content.decode()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    assert client.get(HOME).status_code == 200


def test_it_is_required_in_production_unless_somebody_says_otherwise(tmp_path):
    asks = "from django.conf import settings; print(settings.STAFF_MFA_REQUIRED)"
    environment = os.environ | SECRETS | {"ENVIRONMENT": "production", "VAR_DIR": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", asks], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "True"


def test_extractions_are_chosen_by_family_of_media(client, chief, alice):
    job = submit(alice)
    family = "image/" if job.media_type.startswith("image/") else "application/pdf"
    other = {"image/": "audio/", "application/pdf": "image/"}[family]
    assert job.pk in client.get(page_of("extraction.Job"), {"media": family}).content.decode()
    assert job.pk not in client.get(page_of("extraction.Job"), {"media": other}).content.decode()


@pytest.mark.parametrize("what", ["email", "EMAIL", "public_id"])
def test_whole_values_find_accounts_keys_and_jobs(client, chief, alice, bob, what):
    asked = {"email": alice.user.email, "EMAIL": alice.user.email.upper(), "public_id": alice.key.public_id}[what]
    job, other = submit(alice), alice.user
    found = client.get(page_of("extraction.Job"), {"q": asked}).content.decode()
    assert job.pk in found
    assert "0 results" in client.get(page_of("extraction.Job"), {"q": asked[:5]}).content.decode()
    if what != "public_id":
        people = client.get(page_of("accounts.User"), {"q": asked}).content.decode()
        assert other.pk in people and bob.user.pk not in people


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_searching_for_anything_breaks_nothing(client, chief, model):
    assert client.get(page_of(model._meta.label_lower), {"q": 'x\' OR "1"=1 \x00é'}).status_code == 200
