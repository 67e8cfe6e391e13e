"""What is done about people's data is told of in the audit log, which names none of them."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.hashers import make_password

from accounts.audit_proof import verify
from accounts.models import AuditEntry, User
from accounts.subjects import refer_to
from privacy import erase, export, identity, rectify, subject_requests
from privacy.errors import ErasureOutdated
from privacy.models import SubjectRequest
from privacy.preview import reckon

pytestmark = pytest.mark.django_db
Kind, Source = SubjectRequest.Kind, SubjectRequest.Source


@pytest.fixture
def officer() -> User:
    return User.objects.create(email="officer@example.com", password=make_password(None), is_staff=True)


def told() -> list[tuple[str, str]]:
    """What happened, and by whom."""
    return list(AuditEntry.objects.all().in_order().values_list("act", "by"))


def written() -> str:
    """All that the log holds of anything, as text."""
    return json.dumps(list(AuditEntry.objects.values()), default=str)


def asked(person, kind: str = Kind.ERASURE) -> SubjectRequest:
    return subject_requests.open_request(
        kind, user=person.user, source=Source.PORTAL, identity="session", note="I am Alice"
    )


def test_a_request_from_its_opening_to_its_end(alice, officer):
    request = asked(alice, Kind.ACCESS)
    subject_requests.extend(request, "complexity", actor=officer)
    subject_requests.deny(request, "excessive", actor=officer)
    assert told() == [("request_opened", "subject"), ("request_moved", "staff"), ("request_moved", "staff")]
    last = AuditEntry.objects.all().in_order().last()
    assert last.subject == refer_to(alice.user.email) and last.row == request.pk and last.staff_id == officer.pk
    assert last.details == {"by": "staff", "before": "extended", "after": "denied"}
    assert not list(verify())


def test_whoever_wrote_in_is_identified(mailoutbox, django_capture_on_commit_callbacks):
    request = subject_requests.open_request(Kind.ACCESS, source=Source.WRITTEN, email="writes@example.com")
    identity.send_code(request)
    code = next(word for word in mailoutbox[-1].body.split() if word.isdecimal() and len(word) == 6)
    identity.confirm(request, code)
    assert told() == [("request_opened", "system"), ("identity_verified", "system")]
    assert set(AuditEntry.objects.values_list("subject", flat=True)) == {refer_to("writes@example.com")}
    assert "writes@example.com" not in written() and code not in written()


def test_an_erasure_that_was_approved_and_run(alice, officer):
    run = erase.place_preview(alice.user, request=asked(alice), actor=officer)
    erase.approve(run, run.digest, actor=officer, reason="asked for, and they are who they say")
    erase.run_erasure(run)
    assert told() == [
        ("request_opened", "subject"),
        ("erasure_previewed", "staff"),
        ("erasure_approved", "staff"),
        ("erasure_run", "system"),
    ]
    assert not list(verify())
    assert alice.user.email not in written() and "Alice" not in written()


def test_an_erasure_at_once_is_told_of_once(alice):
    erase.erase_at_once(alice.user, reckon(alice.user).digest, source=Source.PORTAL)
    assert told() == [("erasure_approved", "subject"), ("erasure_run", "system")]


def test_what_did_not_happen_is_not_told_of(alice):
    with pytest.raises(ErasureOutdated):
        erase.erase_at_once(alice.user, "0" * 64, source=Source.PORTAL)
    assert told() == []


def test_an_export_made_and_read(alice):
    made = export.place_export(alice.user, source=Source.PORTAL)
    path = f"/portal/privacy/exports/{made.pk}"
    signature = export.link_to(path).rpartition("=")[2]
    export.take(alice.user, made.pk, path=path, signature=signature)
    assert told() == [("export_made", "subject"), ("export_read", "subject")]


def test_a_name_corrected(alice):
    rectify.correct_name(alice.user, "Alice Liddell")
    assert told() == [("rectified", "subject")]
    assert "Liddell" not in written()
