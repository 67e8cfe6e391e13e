"""The states of a request: which step may follow which, what is erased at its end, and how a stranger is identified."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from privacy import subject_requests
from privacy.errors import CodeRefused, RequestMoved
from privacy.identity import confirm, send_code
from privacy.models import MailedCode, RequestChange, SubjectRequest
from privacy.subject_requests import ALLOWED, Status, answer, deny, extend, move, open_request
from tests.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(db) -> SubjectRequest:
    """Somebody without an account wrote in."""
    return open_request("access", email="Vera@example.com", source="written", note="what do you have of me?")


@pytest.fixture
def officer(db):
    return make_person("officer").user


def last_code() -> str:
    return re.search(r"^ +(\d{6})$", mail.outbox[-1].body, re.MULTILINE)[1]


def test_every_change_is_on_record_with_who_made_it(alice, officer):
    """F59"""
    request = open_request("erasure", user=alice.user, source="portal", identity="session")
    move(request, Status.APPROVED, by="staff", actor=officer, reason="as asked")
    move(request, Status.IN_PROGRESS, by="system")
    answer(request, actor=officer)
    steps = list(RequestChange.objects.values_list("before", "after", "by", "actor"))
    assert steps == [
        ("", "received", "subject", None),
        ("received", "pending", "subject", None),
        ("pending", "approved", "staff", officer.pk),
        ("approved", "in_progress", "system", None),
        ("in_progress", "complete", "staff", officer.pk),
    ]


@pytest.mark.parametrize("closed", ["complete", "denied", "cancelled"])
def test_what_is_closed_stays_closed(alice, closed):
    request = open_request("access", user=alice.user, source="portal", identity="session")
    SubjectRequest.objects.filter(pk=request.pk).update(status=closed, closed_at=timezone.now())
    for step in ALLOWED:
        with pytest.raises(RequestMoved):
            move(request, step, by="staff")
    assert RequestChange.objects.count() == 2


def test_two_who_decide_at_once_do_not_both(alice, officer):
    request = open_request("access", user=alice.user, source="portal", identity="session")
    stale = SubjectRequest.objects.get(pk=request.pk)
    deny(request, "excessive", actor=officer)
    with pytest.raises(RequestMoved):
        answer(stale, actor=officer)


def test_closing_erases_the_note_and_the_address_and_tells_them_first(
    written, officer, django_capture_on_commit_callbacks
):
    send_code(written)
    with django_capture_on_commit_callbacks(execute=True):
        deny(written, "nothing_held", actor=officer)
    row = SubjectRequest.objects.get()
    assert (row.note, row.email, row.status) == ("", "", "denied") and row.closed_at
    assert not MailedCode.objects.exists()
    assert mail.outbox[-1].to == ["Vera@example.com"] and "we hold nothing of theirs" in mail.outbox[-1].body


def test_the_database_itself_holds_that(written):
    with pytest.raises(IntegrityError), transaction.atomic():
        SubjectRequest.objects.update(closed_at=timezone.now())


def test_an_extension_is_given_once_with_notice(alice, officer, django_capture_on_commit_callbacks):
    """F61"""
    request = open_request("access", user=alice.user, source="portal", identity="session")
    with django_capture_on_commit_callbacks(execute=True):
        extend(request, "number", actor=officer)
    assert request.extended_until - request.due_at == timedelta(days=60) and request.days_left >= 89
    assert "there are many requests" in mail.outbox[-1].body
    with pytest.raises(RequestMoved):
        extend(request, "number", actor=officer)


def test_what_is_due_is_found(alice):
    """F61, F62"""
    request = open_request("access", user=alice.user, source="portal", identity="session")
    soon = timezone.now() + timedelta(days=10)
    assert not SubjectRequest.objects.due_before(soon).exists()
    SubjectRequest.objects.update(due_at=timezone.now() + timedelta(days=9))
    assert SubjectRequest.objects.due_before(soon).exists() and not SubjectRequest.objects.all().overdue().exists()
    SubjectRequest.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert SubjectRequest.objects.all().overdue().get() == request
    SubjectRequest.objects.update(extended_until=timezone.now() + timedelta(days=1))
    assert not SubjectRequest.objects.all().overdue().exists()


def test_a_stranger_is_identified_by_a_mailed_code(written):
    """F63"""
    send_code(written)
    assert mail.outbox[-1].to == ["Vera@example.com"] and last_code() not in str(MailedCode.objects.values())
    confirm(written, f" {last_code()} ")
    assert (written.status, written.identity) == ("pending", "code") and written.verified_at
    with pytest.raises(CodeRefused):
        confirm(written, last_code())


def test_a_code_has_three_tries(written):
    """F63"""
    send_code(written)
    wrong = f"{(int(last_code()) + 1) % 10**6:06}"
    for _ in range(3):
        with pytest.raises(CodeRefused):
            confirm(written, wrong)
    with pytest.raises(CodeRefused):
        confirm(written, last_code())
    written.refresh_from_db()
    assert written.status == "verifying"


def test_a_code_lasts_ten_minutes(written):
    """F63"""
    send_code(written)
    left = MailedCode.objects.get().expires_at - timezone.now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    MailedCode.objects.update(expires_at=timezone.now())
    with pytest.raises(CodeRefused):
        confirm(written, last_code())


def test_a_duplicate_is_grouped_and_identified_all_the_same(written):
    """F63, F64: whoever asks again in another's name gets nothing by it."""
    send_code(written)
    confirm(written, last_code())
    again = open_request("access", email=" vera@EXAMPLE.com", source="written")
    assert again.duplicate_of == written and again.status == "received" and not again.identity
    send_code(written_again := again)
    assert written_again.status == "verifying"
    with pytest.raises(CodeRefused):
        confirm(written, last_code())  # the code of one is no code of the other


def test_after_a_year_the_same_is_a_new_question(written):
    """F64"""
    SubjectRequest.objects.update(opened_at=timezone.now() - timedelta(days=366))
    assert open_request("access", email="vera@example.com", source="written").duplicate_of is None


def test_a_rotation_of_the_secret_key_hides_nobody(written, settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10
    assert open_request("access", email="vera@example.com", source="written").duplicate_of == written


def test_mails_that_cannot_be_sent_stop_nothing(alice, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        request = open_request("access", user=alice.user, source="portal", identity="session")
        subject_requests.withdraw(request)
    assert request.status == "cancelled"
