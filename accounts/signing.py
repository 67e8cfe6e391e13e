"""Statements that anybody can verify: JSON in a compact JWS (RFC 7515) under Ed25519.

The first of SIGNING_SEEDS signs; the public halves of all are published, so that a statement outlives a rotation.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from jwt import InvalidTokenError, PyJWS

ALGORITHM = "EdDSA"


class NotGenuine(Exception):
    """Signed by none of the keys given, or changed since."""


def sign_statement(statement: dict[str, Any]) -> str:
    key = Ed25519PrivateKey.from_private_bytes(settings.SIGNING_SEEDS[0])
    headers = {"kid": _public_jwk(key.public_key())["kid"], "typ": "JOSE+JSON"}
    return PyJWS().encode(json.dumps(statement).encode(), key, algorithm=ALGORITHM, headers=headers)


def read_statement(jws: str, key_set: dict[str, Any]) -> dict[str, Any]:
    """What was signed. `key_set` is the published one (a JWK Set). Raises NotGenuine."""
    try:
        name = PyJWS().get_unverified_header(jws).get("kid")
        keys = [jwk for jwk in key_set["keys"] if jwk["kid"] == name]
        if not keys:
            raise NotGenuine("No published key has the name that this statement gives.")
        public = Ed25519PublicKey.from_public_bytes(_from_base64url(keys[0]["x"]))
        return json.loads(PyJWS().decode(jws, public, algorithms=[ALGORITHM]))
    except (InvalidTokenError, KeyError, TypeError, ValueError):
        raise NotGenuine("The signature does not fit the statement.") from None


def public_keys() -> dict[str, Any]:
    """The JWK Set (RFC 7517) to publish."""
    seeds = settings.SIGNING_SEEDS
    return {"keys": [_public_jwk(Ed25519PrivateKey.from_private_bytes(seed).public_key()) for seed in seeds]}


def _public_jwk(key: Ed25519PublicKey) -> dict[str, str]:
    x = _base64url(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    # RFC 7638: the thumbprint of the required members, in this order and without spaces.
    thumbprint = hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": _base64url(thumbprint), "use": "sig", "alg": ALGORITHM}


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
