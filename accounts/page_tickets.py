"""Page tickets: what a page of the portal calls the API with in place of a key, for a quarter of an hour.

`lp_page_<signed>` names a key and the session of the person who sits at the page. No secret is stored: it opens
that key, for extractions alone, as long as the key is usable and the session lasts; signing out ends it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.core import signing
from django.utils import timezone

from accounts.models import ApiKey, Scope, Session, User

PREFIX = "lp_page_"
VALID = timedelta(minutes=15)
SALT = "accounts.page-ticket"
SCOPES = (Scope.EXTRACTIONS_READ, Scope.EXTRACTIONS_WRITE)


def give_ticket(key: ApiKey, session_key: str) -> tuple[str, datetime]:
    """The ticket, and until when it is good. The session itself cannot be read from it."""
    signed = _signer().sign(f"{key.pk}.{_digest(session_key, key.user)}")
    return PREFIX + signed, timezone.now() + VALID


def is_ticket(presented: str) -> bool:
    return presented.startswith(PREFIX)


async def afind_key(ticket: str) -> ApiKey | None:
    """The usable key it stands for, with no more scopes than a page needs; or None."""
    try:
        named = _signer().unsign(ticket.removeprefix(PREFIX), max_age=VALID)
    except signing.BadSignature:
        return None
    key_id, _, session = named.partition(".")
    key = await ApiKey.objects.usable().select_related("user").filter(pk=key_id).afirst()
    if key is None or not await _lasts(key.user, session):
        return None
    key.scopes = [scope for scope in SCOPES if scope in key.scopes]
    return key


async def _lasts(user: User, digest: str) -> bool:
    """Whether they still have the session of this digest; people have few at a time, so all are looked at."""
    running = Session.objects.filter(user=user, expire_date__gt=timezone.now())
    keys = [key async for key in running.values_list("session_key", flat=True)]
    return any(secrets.compare_digest(_digest(key, user), digest) for key in keys)


def _signer() -> signing.TimestampSigner:
    # A full stop, not Django's colon: the ticket also travels as a WebSocket subprotocol, which may hold none.
    return signing.TimestampSigner(sep=".", salt=SALT)


def _digest(session_key: str, user: User) -> str:
    """Of the session as it is with this password: a changed one ends the ticket too."""
    return hashlib.sha256(f"{session_key}.{user.get_session_auth_hash()}".encode()).hexdigest()
