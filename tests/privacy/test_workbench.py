"""The desk of the privacy officer: requests from opening to answer on one page, by the verbs of everybody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.api_keys import create_key
from accounts.audit_proof import verify
from accounts.models import AuditEntry, User
from privacy import chores, reminders, subject_requests
from privacy.models import ErasureRun, Export, RequestChange, SubjectRequest

pytestmark = pytest.mark.django_db
LIST = reverse("admin:privacy_subjectrequest_changelist")
Status = SubjectRequest.Status


def make_staff(name: str, *permissions: str) -> User:
    user = User.objects.create_user(f"{name}@example.com", "correct horse battery", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def officer(client) -> User:
    user = make_staff(
        "officer", "view_subjectrequest", "add_subjectrequest", "change_subjectrequest", "change_erasurerun"
    )
    client.force_login(user)
    return user


def asked(person, kind: str, **more: object) -> SubjectRequest:
    return subject_requests.open_request(kind, user=person.user, source="portal", identity="session", **more)


def page(request: SubjectRequest) -> str:
    return reverse("admin:privacy_subjectrequest_change", args=[request.pk])


def step(client, request: SubjectRequest, step: str, **fields: str):
    form = {"step": step} | {f"{step}-{field}": value for field, value in fields.items()}
    answer = client.post(page(request), form, follow=True)
    assert answer.status_code == 200
    request.refresh_from_db()
    return answer.content.decode()


def offered(client, request: SubjectRequest) -> list[str]:
    return re.findall(r'name="step" value="(\w+)"', client.get(page(request)).content.decode())


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_access_request_is_answered(client, officer, alice, mailoutbox):
    """F60"""
    request = asked(alice, "access", note="what do you have?")
    assert offered(client, request)[0] == "send_export"
    step(client, request, "send_export", reason="signed in, nothing speaks against it")
    assert request.status == Status.IN_PROGRESS
    assert offered(client, request)[0] == "answer"
    shown = step(client, request, "answer", reason="the link was mailed")
    assert request.status == Status.COMPLETE and request.note == ""
    assert "they were told by mail" in shown and offered(client, request) == []
    assert Export.objects.get().request == request
    subjects = [mail.subject for mail in mailoutbox if mail.to == [alice.user.email]]
    assert "Your data is ready to download" in subjects and "Your privacy request is done" in subjects
    acts = list(AuditEntry.objects.filter(by="staff").order_by("number").values_list("act", "reason"))
    assert ("export_made", "") in acts and ("request_moved", "the link was mailed") in acts
    assert not list(verify())


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_name_is_corrected(client, officer, alice, mailoutbox):
    request = asked(alice, "rectification", corrects="name", note="It is Alice Liddell")
    step(client, request, "correct_name", name="Alice Liddell", reason="as they wrote")
    alice.user.refresh_from_db()
    assert alice.user.name == "Alice Liddell" and request.status == Status.IN_PROGRESS
    step(client, request, "answer", reason="the name was corrected")
    assert request.status == Status.COMPLETE
    assert mailoutbox[-1].to == [alice.user.email]
    entry = AuditEntry.objects.get(act="rectified")
    assert (entry.by, entry.reason, entry.staff_id) == ("staff", "as they wrote", officer.pk)
    assert "Liddell" not in str(list(AuditEntry.objects.values()))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_person_is_erased_as_previewed_and_approved(client, officer, alice, mailoutbox):
    """F66"""
    address = alice.user.email
    request = asked(alice, "erasure")
    assert offered(client, request)[0] == "preview"
    shown = step(client, request, "preview")
    assert "accounts.ApiKey" in shown
    run = ErasureRun.objects.get()
    assert offered(client, request)[:2] == ["approve", "preview"]
    step(client, request, "approve", digest=run.digest, reason="they asked, and nothing is owed")
    assert request.status == Status.APPROVED and offered(client, request)[0] == "run"
    step(client, request, "run")
    run.refresh_from_db()
    assert run.status == "done" and run.receipt and request.status == Status.COMPLETE
    assert not User.objects.filter(email=address).exists()
    assert mailoutbox[-1].to == [address] and "erased" in mailoutbox[-1].subject
    assert not list(verify())


def test_what_changed_since_the_preview_is_not_erased(client, officer, alice):
    request = asked(alice, "erasure")
    step(client, request, "preview")
    run = ErasureRun.objects.get()
    step(client, request, "approve", digest=run.digest, reason="asked")
    create_key(alice.user)
    assert "has changed" in step(client, request, "run")
    assert User.objects.filter(pk=alice.user.pk, is_active=True).exists()
    step(client, request, "preview")
    newest = ErasureRun.objects.order_by("-previewed_at").first()
    assert newest.digest != run.digest
    assert "has changed" in step(client, request, "approve", digest=run.digest, reason="the old page")
    assert ErasureRun.objects.get(pk=newest.pk).status == "previewed"


def test_whoever_writes_a_letter_is_made_sure_of_first(client, officer, alice, mailoutbox):
    form = {"kind": "access", "email": alice.user.email, "corrects": ""}
    answer = client.post(reverse("admin:privacy_subjectrequest_add"), form)
    request = SubjectRequest.objects.get()
    assert answer.url == page(request)
    assert (request.source, request.status, request.user) == ("staff", "received", None)
    assert offered(client, request) == ["send_code", "identify", "deny"]
    assert alice.user.pk not in client.get(page(request)).content.decode(), "not before it is clear who asks"
    step(client, request, "send_code")
    assert request.status == Status.VERIFYING and re.search(r"\d{6}", mailoutbox[-1].body)
    step(client, request, "identify", reason="rang them up at the number we know")
    assert (request.status, request.identity) == (Status.PENDING, "staff")
    assert alice.user.pk in client.get(page(request)).content.decode()
    step(client, request, "send_export", reason="as asked")
    assert Export.objects.get().user == alice.user


def test_who_has_no_account_is_told_so(client, officer, mailoutbox, django_capture_on_commit_callbacks):
    request = subject_requests.open_request("erasure", source="written", email="nobody@example.com", identity="code")
    assert offered(client, request) == ["extend", "ask", "deny"]
    assert "nothing is held but this request" in client.get(page(request)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        step(client, request, "deny", because="nothing_held")
    assert request.status == Status.DENIED and mailoutbox[-1].to == ["nobody@example.com"]


def test_a_question_goes_by_mail_and_is_kept_nowhere(
    client, officer, alice, mailoutbox, django_capture_on_commit_callbacks
):
    request = asked(alice, "rectification", corrects="other")
    with django_capture_on_commit_callbacks(execute=True):
        step(client, request, "ask", question="Which invoice do you mean, of May?")
    assert request.status == Status.WAITING_SUBJECT
    assert "Which invoice do you mean, of May?" in mailoutbox[-1].body and request.pk in mailoutbox[-1].body
    kept = [*RequestChange.objects.values(), *AuditEntry.objects.values(), *SubjectRequest.objects.values()]
    assert "invoice" not in str(kept)
    step(client, request, "go_on", reason="they answered")
    assert request.status == Status.PENDING


def test_more_time_is_taken_once(client, officer, alice):
    request = asked(alice, "access")
    due = request.due_at
    step(client, request, "extend", because="complexity")
    assert request.answer_by == due + timedelta(days=60)
    assert "extend" not in offered(client, request)
    assert offered(client, request)[0] == "send_export", "an extended request is worked on like any other"


@pytest.mark.parametrize("reason", ["", "as alice@example.com wrote", "x" * 201])
def test_a_reason_is_asked_for_and_names_nobody(client, officer, alice, reason):
    request = asked(alice, "access")
    assert "errorlist" in step(client, request, "send_export", reason=reason)
    assert request.status == Status.PENDING and not Export.objects.exists()


def test_nobody_answers_their_own_request(client, officer):
    request = subject_requests.open_request("access", user=officer, source="portal", identity="session")
    assert offered(client, request) == []
    form = {"step": "send_export", "send_export-reason": "why not"}
    assert client.post(page(request), form).status_code == 403
    assert not Export.objects.exists()


def test_support_is_refused(client, alice):
    request = asked(alice, "access")
    client.force_login(make_staff("support", "view_user", "view_job"))
    assert client.get(LIST).status_code == client.get(page(request)).status_code == 403
    form = {"step": "send_export", "send_export-reason": "why not"}
    assert client.post(page(request), form).status_code == 403
    client.force_login(make_staff("reader", "view_subjectrequest"))
    assert offered(client, request) == []
    assert client.post(page(request), form).status_code == 403
    assert not Export.objects.exists()


def test_who_may_answer_may_not_yet_erase(client, alice):
    request = asked(alice, "erasure")
    client.force_login(make_staff("clerk", "view_subjectrequest", "change_subjectrequest"))
    step(client, request, "preview")
    run = ErasureRun.objects.get()
    assert "approve" not in offered(client, request)
    step(client, request, "approve", digest=run.digest, reason="why not")
    run.refresh_from_db()
    assert run.status == "previewed"


def test_a_step_that_somebody_else_was_faster_with_does_nothing(client, officer, alice):
    request = asked(alice, "access")
    subject_requests.withdraw(request)
    assert "look again" in step(client, request, "send_export", reason="late")
    assert not Export.objects.exists()


def test_the_list_shows_what_is_open_by_days_left_and_finds_people(client, officer, alice, bob):
    late, closed, other = asked(alice, "access"), asked(alice, "portability"), asked(bob, "erasure")
    SubjectRequest.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(days=2))
    subject_requests.withdraw(closed)
    text = client.get(LIST).content.decode()
    assert text.index(late.pk) < text.index(other.pk) and closed.pk not in text
    assert closed.pk in client.get(f"{LIST}?state=all").content.decode()
    overdue = client.get(f"{LIST}?state=overdue").content.decode()
    assert late.pk in overdue and other.pk not in overdue
    found = client.get(f"{LIST}?state=all&q={alice.user.email}").content.decode()
    assert late.pk in found and closed.pk in found and other.pk not in found


@pytest.mark.parametrize("model", ["erasurerun", "export", "attestation", "policyversion", "policynotice", "purgerun"])
def test_proofs_are_read_and_never_written(client, model, alice):
    client.force_login(User.objects.create_superuser("staff@example.com", "correct horse battery"))
    assert client.get(reverse(f"admin:privacy_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:privacy_{model}_add")).status_code == 403
    request = asked(alice, "erasure")
    step(client, request, "preview")
    step(client, asked(alice, "access"), "send_export", reason="as asked")
    row = ErasureRun._meta.apps.get_model("privacy", model).objects.first()
    if row is not None:
        where = reverse(f"admin:privacy_{model}_change", args=[row.pk])
        assert client.get(where).status_code == 200
        assert client.post(where, {}).status_code == 403


def test_staff_are_reminded_ten_days_and_three_days_before_and_when_it_is_late(officer, alice, mailoutbox):
    """F64"""
    request = asked(alice, "access")
    told = []
    for days in (11, 9.5, 9, 2.5, 2, -0.1, -5):
        SubjectRequest.objects.update(due_at=timezone.now() + timedelta(days=days))
        reminders.remind()
        reminders.remind()
        told.append(len(mailoutbox))
    assert told == [0, 1, 1, 2, 2, 3, 3]
    assert {mail.to[0] for mail in mailoutbox} == {officer.email}
    assert "OVERDUE" in mailoutbox[-1].body and request.pk in mailoutbox[-1].body
    assert "overdue" in mailoutbox[-1].subject and alice.user.email not in str([mail.body for mail in mailoutbox])
    assert chores.reminders is reminders


def test_an_extension_starts_the_reminders_anew(officer, alice, mailoutbox):
    request = asked(alice, "access")
    SubjectRequest.objects.update(due_at=timezone.now() + timedelta(days=2))
    reminders.remind()
    request.refresh_from_db()
    subject_requests.extend(request, "complexity", actor=officer)
    assert reminders.remind() == 0
    SubjectRequest.objects.update(extended_until=timezone.now() + timedelta(days=9))
    assert reminders.remind() == 1


def test_a_reminder_that_could_not_be_sent_is_sent_later(officer, alice, mailoutbox, monkeypatch):
    asked(alice, "access")
    SubjectRequest.objects.update(due_at=timezone.now() + timedelta(days=2))
    monkeypatch.setattr(reminders, "send_best_effort", lambda *args, **named: False)
    assert reminders.remind() == 0
    monkeypatch.undo()
    assert reminders.remind() == 1 and len(mailoutbox) == 1


def test_without_an_officer_the_address_of_the_policy_is_reminded(alice, mailoutbox, settings):
    asked(alice, "access")
    SubjectRequest.objects.update(due_at=timezone.now() - timedelta(days=1))
    reminders.remind()
    assert mailoutbox[-1].to == [settings.CONTACT_EMAIL]
