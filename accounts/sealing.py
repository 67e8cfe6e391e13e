"""Envelope encryption: each job's content under a key of its own, that key wrapped by the installation's.

AES-256-GCM throughout. Destroying a job's key destroys its content wherever copies of the sealed
bytes may lie, backups included; `context` ties a sealed thing to its place, so that none can be
passed off as another.
"""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12
KEY_NAME_BYTES = 4


class SealBroken(Exception):
    """The bytes were changed, cut, or sealed under a key that this installation no longer has."""


def new_key() -> bytes:
    return AESGCM.generate_key(256)


def seal(content: bytes, key: bytes, *, context: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, context.encode())


def unseal(sealed: bytes, key: bytes, *, context: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    except InvalidTag as error:
        raise SealBroken("A sealed value cannot be opened.") from error


def wrap(key: bytes, *, context: str) -> bytes:
    """Under the first of SEALING_KEYS, named so that it is found again after a rotation."""
    installation_key = settings.SEALING_KEYS[0]
    return _name(installation_key) + seal(key, installation_key, context=f"key:{context}")


def unwrap(wrapped: bytes, *, context: str) -> bytes:
    name, sealed = wrapped[:KEY_NAME_BYTES], wrapped[KEY_NAME_BYTES:]
    for installation_key in settings.SEALING_KEYS:
        if _name(installation_key) == name:
            return unseal(sealed, installation_key, context=f"key:{context}")
    raise SealBroken("The key that wrapped this is not in SEALING_KEYS.")


def rewrap(wrapped: bytes, *, context: str) -> bytes:
    """The same key, wrapped by the first of SEALING_KEYS."""
    return wrap(unwrap(wrapped, context=context), context=context)


def _name(key: bytes) -> bytes:
    return hashlib.sha256(b"name:" + key).digest()[:KEY_NAME_BYTES]
