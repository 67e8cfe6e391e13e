"""Telling everybody of a version of the policy that changes much: a mail to each, with the proof of each.

A queue that may be broken off anywhere: who was told is written down at once, who was not is tried again later.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.mail import send_best_effort
from accounts.models import User
from privacy.models import PolicyNotice, PolicyVersion

AT_ONCE = 200  # mails of one round: the worker has other chores
TRY_AGAIN_AFTER = timedelta(hours=1)
MOST_TRIES = 24


def tell_everybody(*, at_once: int = AT_ONCE) -> int:
    """One round: how many mails the server took."""
    return sum(_tell_of(version, at_once) for version in _significant())


def find_untold(version: PolicyVersion) -> QuerySet[User]:
    """Those who had an account when it was published, have it still, and have no proof yet."""
    proof = PolicyNotice.objects.filter(version=version, user=OuterRef("pk"), sent_at__isnull=False)
    return User.objects.filter(~Exists(proof), is_active=True, date_joined__lt=version.published_at)


def _significant() -> QuerySet[PolicyVersion]:
    """The first version changes nothing for anybody."""
    return PolicyVersion.objects.filter(major=True, number__gt=1).order_by("number")


def _tell_of(version: PolicyVersion, at_once: int) -> int:
    lately = Q(tried_at__gt=timezone.now() - TRY_AGAIN_AFTER) | Q(tries__gte=MOST_TRIES)
    waiting = PolicyNotice.objects.filter(lately, version=version, user=OuterRef("pk"), sent_at=None)
    people = find_untold(version).filter(~Exists(waiting)).order_by("pk")[:at_once]
    return sum(_tell(version, user) for user in people)


def _tell(version: PolicyVersion, user: User) -> bool:
    """Noted before it is tried: a process that dies in between costs an hour, never a second mail a minute."""
    notice, _made = PolicyNotice.objects.get_or_create(version=version, user=user)
    PolicyNotice.objects.filter(pk=notice.pk).update(tries=F("tries") + 1, tried_at=timezone.now())
    with override(user.language or settings.LANGUAGE_CODE):
        context = {"version": version, "site": settings.SITE_URL, "contact": settings.CONTACT_EMAIL}
        subject, text = _("Our privacy policy changes"), render_to_string("privacy/mail/policy.txt", context)
    if not send_best_effort(user.email, subject, text, about=f"policy {version.number} to {user.pk}"):
        return False
    proof = {"sent_at": timezone.now(), "text_sha256": hashlib.sha256(text.encode()).hexdigest()}
    return bool(PolicyNotice.objects.filter(pk=notice.pk, sent_at=None).update(**proof))
