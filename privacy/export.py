"""Taking one's data along: leave to read it once, within five days, by a link that is signed.

The file is made while it is read (see archive) and exists nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils import timezone

from accounts import audit, signed_links
from accounts.audit_words import AuditAct
from accounts.models import User
from privacy import request_mail
from privacy.archive import stream_archive
from privacy.errors import ExportGone
from privacy.models import LINK_LASTS, Export, RequestChange, SubjectRequest
from privacy.subject_requests import open_request, take_step

Kind, Status, By = SubjectRequest.Kind, SubjectRequest.Status, RequestChange.By


@transaction.atomic
def place_export(
    user: User, *, source: str, request: SubjectRequest | None = None, actor: User | None = None
) -> Export:
    """For a request that waits, by staff (`actor`), or at the person's own wish; they are told by mail.

    Raises TooManyOpenRequests.
    """
    asked = request or open_request(
        Kind.ACCESS, user=user, source=source, identity=SubjectRequest.Identity.SESSION, at_once=True
    )
    export = Export.objects.create(user=user, request=asked)
    if request is None:
        take_step(asked, Status.COMPLETE, by=By.SYSTEM, reason="a link to download it was made")
    transaction.on_commit(partial(request_mail.send, asked, "export", user.email, export=export))
    audit.record(AuditAct.EXPORT_MADE, actor=actor or user, subject=user, on=export)
    return export


def link_to(path: str) -> str:
    """The same with its signature, on whatever host the reader is."""
    return signed_links.sign(path).removeprefix(settings.SITE_URL)


@transaction.atomic
def take(user: User, export_id: str, *, path: str, signature: str) -> Export:
    """Uses the link up. Raises ExportGone: used, expired, not signed by us, or not theirs."""
    if not _is_genuine(path, signature):
        raise ExportGone
    readable = Export.objects.owned_by(user).readable().filter(pk=export_id)
    if not readable.update(read_at=timezone.now()):
        raise ExportGone
    export = Export.objects.get(pk=export_id)
    audit.record(AuditAct.EXPORT_READ, actor=user, subject=user, on=export)
    return export


async def stream(user: User) -> AsyncIterator[bytes]:
    """The ZIP, piece by piece, each made off the event loop when the reader is ready for it."""
    pieces: Iterator[bytes] = stream_archive(user)
    take_one = sync_to_async(partial(next, pieces, None))
    while (piece := await take_one()) is not None:
        yield piece


def _is_genuine(path: str, signature: str) -> bool:
    """As accounts.signed_links has it, but for days instead of an hour."""
    try:
        signing.TimestampSigner(salt=signed_links.SALT).unsign(f"{path}:{signature}", max_age=LINK_LASTS)
    except signing.BadSignature:
        return False
    return True
