"""Once per Idempotency-Key: begin, then answer or abandon.

`begin` is its own transaction, so that a second request sees the first while it runs;
`answer` is called inside the transaction of the act itself, so that the act and the memory
of it are committed together or not at all. Who begins has a lease: after it the same key may begin again, since
a process that was killed answers nobody; whoever is late finds at `answer` that it is no longer theirs.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.errors import KeyReused, StillRunning
from accounts.models import ApiKey, IdempotentRequest

MAX_KEY_LENGTH = 255
LEASE = timedelta(minutes=1)


def fingerprint(*parts: str) -> str:
    """A keyed hash of what was asked: tells same from other, and says nothing about either."""
    mac = hmac.new(settings.SECRET_KEY.encode(), digestmod=hashlib.sha256)
    for part in parts:
        mac.update(len(part).to_bytes(8, "big") + part.encode())
    return mac.hexdigest()


def begin(api_key: ApiKey, key: str, *, route: str, fingerprint: str, lease: timedelta = LEASE) -> IdempotentRequest:
    """The request to carry out (`answer_id` empty) or the one already answered.

    Raises KeyReused (other body) and StillRunning (same body, not answered yet).
    """
    mine = IdempotentRequest.objects.filter(api_key=api_key, route=route, key=key)
    mine.forgotten(lease).delete()
    try:
        with transaction.atomic():
            return mine.create(api_key=api_key, route=route, key=key, fingerprint=fingerprint)
    except IntegrityError:
        first = mine.get()
    if not hmac.compare_digest(first.fingerprint, fingerprint):
        raise KeyReused
    if not first.answer_id:
        raise StillRunning
    return first


def answer(request: IdempotentRequest, answer_id: str) -> None:
    """Raises StillRunning where the lease ran out and another has begun: then nothing may come of this one."""
    if not IdempotentRequest.objects.filter(pk=request.pk).update(answer_id=answer_id):
        raise StillRunning


def abandon(request: IdempotentRequest) -> None:
    """The act was refused and nothing came of it: the same key may try again."""
    IdempotentRequest.objects.filter(pk=request.pk, answer_id="").delete()
