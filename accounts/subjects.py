"""How a person is named once their address is gone: by a keyed hash of it, which nobody without the key can test."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

PURPOSE = b"privacy.subject:"


def refer_to(email: str) -> str:
    """By the key in use."""
    return _hash(settings.SECRET_KEY, email)


def known_references(email: str) -> list[str]:
    """By every key that may have been in use, so that a rotation hides nobody's earlier requests."""
    return [_hash(key, email) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _hash(key: str, email: str) -> str:
    return hmac.new(key.encode(), PURPOSE + email.strip().casefold().encode(), hashlib.sha256).hexdigest()
