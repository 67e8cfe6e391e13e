"""Correcting what the person can say better than we: their name, at once. An address is confirmed first, by allauth."""

from __future__ import annotations

from django.db import transaction

from accounts.audit_words import AuditAct
from accounts.models import User
from privacy.models import RequestChange, SubjectRequest
from privacy.subject_requests import open_request, record, take_step


@transaction.atomic
def correct_name(user: User, name: str, *, source: str = SubjectRequest.Source.PORTAL) -> bool:
    """And that it was done is on record, though not what it was. False: it was so already."""
    known = User.objects.select_for_update().get(pk=user.pk)
    if known.name == name:
        return False
    request = open_request(
        SubjectRequest.Kind.RECTIFICATION,
        user=user,
        source=source,
        identity=SubjectRequest.Identity.SESSION,
        corrects=SubjectRequest.Corrects.NAME,
        at_once=True,
    )
    User.objects.filter(pk=user.pk).update(name=name)
    take_step(request, SubjectRequest.Status.COMPLETE, by=RequestChange.By.SYSTEM, reason="corrected at once")
    record(AuditAct.RECTIFIED, request, by=RequestChange.By.SUBJECT, actor=None, corrects=request.corrects)
    return True


@transaction.atomic
def correct_for(request: SubjectRequest, user: User, name: str, *, actor: User, reason: str) -> SubjectRequest:
    """By staff, at the wish of somebody known, who is told when the request is answered. Raises RequestMoved."""
    User.objects.select_for_update().filter(pk=user.pk).update(name=name)
    status, by = SubjectRequest.Status.IN_PROGRESS, RequestChange.By.STAFF
    moved = take_step(request, status, by=by, actor=actor, reason=reason)
    record(AuditAct.RECTIFIED, moved, by=by, actor=actor, reason=reason, corrects=SubjectRequest.Corrects.NAME)
    return moved
