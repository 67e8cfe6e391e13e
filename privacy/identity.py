"""Making sure who asks, where nobody is signed in: a code mailed to their address, for ten minutes and three tries.

A second request of the same person is no proof of the first: each is confirmed by a code of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from privacy import request_mail
from privacy.errors import CodeRefused
from privacy.models import MailedCode, RequestChange, SubjectRequest
from privacy.subject_requests import identify, take_step

DIGITS, TRIES, GOOD_FOR = 6, 3, timedelta(minutes=10)


def send_code(request: SubjectRequest) -> None:
    """Another one makes the earlier worthless. Raises RequestMoved for a request that needs none."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    with transaction.atomic():
        take_step(request, SubjectRequest.Status.VERIFYING, by=RequestChange.By.SYSTEM)
        MailedCode.objects.update_or_create(
            request=request,
            defaults={
                "digest": _digest(request, code),
                "tries_left": TRIES,
                "expires_at": timezone.now() + GOOD_FOR,
            },
        )
    request_mail.send(request, "code", request_mail.address_of(request), code=code)


def confirm(request: SubjectRequest, code: str) -> SubjectRequest:
    """Raises CodeRefused. A try is taken before the code is looked at: two at once have two tries."""
    usable = MailedCode.objects.filter(request=request, tries_left__gt=0, expires_at__gt=timezone.now())
    if not usable.update(tries_left=F("tries_left") - 1):
        raise CodeRefused
    known = MailedCode.objects.get(request=request)
    if not hmac.compare_digest(known.digest, _digest(request, code.strip())):
        raise CodeRefused
    with transaction.atomic():
        known.delete()
        identified = identify(request, SubjectRequest.Identity.CODE, by=RequestChange.By.SUBJECT)
        address = request_mail.address_of(identified)
        transaction.on_commit(partial(request_mail.send, identified, "opened", address))
    return identified


def _digest(request: SubjectRequest, code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"code:{request.pk}:{code}".encode(), hashlib.sha256).hexdigest()
