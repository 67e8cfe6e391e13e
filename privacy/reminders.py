"""Reminding staff of requests whose answer is due: ten days before, three days before, and when it is late.

The mail names requests by their ids and nobody by anything: it may be read on a telephone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_permission_codename
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.mail import send_best_effort
from accounts.models import User
from privacy.models import SubjectRequest

BEFORE = (timedelta(days=10), timedelta(days=3), timedelta())


def remind() -> int:
    """For the worker, every hour: of how many requests. Of each once in a stage, also where several workers look."""
    due = _take_due()
    if due and not _tell_staff(due):
        for request in due:  # the mail server is away: the next turn does it
            SubjectRequest.objects.filter(pk=request.pk).update(reminded=request.reminded)
        return 0
    return len(due)


@transaction.atomic
def _take_due() -> list[SubjectRequest]:
    """As they were before they were taken."""
    now, due = timezone.now(), []
    for stage, ahead in reversed(list(enumerate(BEFORE, start=1))):
        for request in SubjectRequest.objects.due_before(now + ahead).filter(reminded__lt=stage):
            taken = SubjectRequest.objects.filter(pk=request.pk, reminded=request.reminded).update(reminded=stage)
            due += [request] if taken else []
    return sorted(due, key=lambda request: request.answer_by)


def _tell_staff(due: Sequence[SubjectRequest]) -> bool:
    """True: at least one of those whose work it is has got it."""
    context = {"due": due, "site": settings.SITE_URL}
    text = render_to_string("privacy/mail/reminder.txt", context)
    late = sum(request.days_left < 0 for request in due)
    subject = f"Privacy requests: {late} overdue" if late else f"Privacy requests: {len(due)} due soon"
    return any([send_best_effort(to, subject, text, about="requests that are due") for to in _whose_work()])


def _whose_work() -> list[str]:
    """Staff who may work on requests; where nobody has that role yet, the address that the policy names."""
    may = get_permission_codename("change", SubjectRequest._meta)
    by_role, by_name = Q(groups__permissions__codename=may), Q(user_permissions__codename=may)
    staff = User.objects.filter(by_role | by_name, is_staff=True, is_active=True).distinct()
    return list(staff.values_list("email", flat=True)) or [settings.CONTACT_EMAIL]
