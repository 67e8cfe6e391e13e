"""A path that whoever holds the link may read, for an hour: how a webhook names a result without carrying it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from django.conf import settings
from django.core import signing

VALID = timedelta(hours=1)
SALT = "accounts.signed-link"


def sign(path: str) -> str:
    """The absolute URL, good from now."""
    token = signing.TimestampSigner(salt=SALT).sign(path).removeprefix(path)
    return f"{settings.SITE_URL}{path}?signature={quote(token[1:], safe=':')}"


def is_valid(path: str, signature: str) -> bool:
    try:
        signing.TimestampSigner(salt=SALT).unsign(f"{path}:{signature}", max_age=VALID)
    except signing.BadSignature:
        return False
    return True
