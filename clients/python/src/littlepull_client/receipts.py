"""Destruction receipts: a signed statement that a file is gone, for whoever keeps it to verify at any time.

A compact JWS (RFC 7515) under Ed25519; the keys are published as a JWK Set. Needs the extra `verify`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from littlepull_client.errors import NotConfigured, NotGenuine
from littlepull_client.extraction import Extraction
from littlepull_client.flow import Flow, Request
from littlepull_client.sending import ask
from littlepull_client.told import moment

KIND = "littlepull.media-destruction.v1"
ALGORITHM = "EdDSA"
KEYS = "/.well-known/littlepull-keys.json"

Receipt = Extraction | Mapping[str, Any] | str


@dataclass(frozen=True)
class Destruction:
    """What was signed: the file of this SHA-256 and size was destroyed then, and how."""

    extraction_id: str
    sha256: str
    bytes: int
    created_at: datetime
    destroyed_at: datetime
    method: str
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


def get_signing_keys() -> Flow[dict[str, Any]]:
    """The published keys (a JWK Set). Keep a copy with your receipts, and they outlive the server."""
    told = yield from ask(Request("GET", KEYS, public=True))
    return dict(told)


def verify_published(receipt: Receipt, *, media: bytes | str | Path | None = None) -> Flow[Destruction]:
    """As `verify_receipt`, with the keys that the server publishes."""
    keys = yield from get_signing_keys()
    return verify_receipt(receipt, keys, media=media)


def verify_receipt(
    receipt: Receipt, keys: Mapping[str, Any], *, media: bytes | str | Path | None = None
) -> Destruction:
    """The statement that was really signed. Raises NotGenuine.

    `receipt` is an extraction (or its JSON), its `destruction_receipt`, or the bare JWS. With `media`, the file (or
    its path) that was sent, it must also be the file that the statement names.
    """
    jws, readable = _find_receipt(receipt)
    statement = _read_statement(jws, keys)
    if statement.get("type") != KIND or (readable is not None and readable != statement):
        raise NotGenuine("What is readable here is not what was signed.")
    destruction = _read_destruction(statement)
    if media is not None and _digest(media) != destruction.sha256:
        raise NotGenuine("The receipt is genuine, but it is about another file.")
    return destruction


def _find_receipt(receipt: Receipt) -> tuple[str, Any]:
    """The JWS, and the readable copy beside it if there is one."""
    found: Any = receipt.destruction_receipt if isinstance(receipt, Extraction) else receipt
    if isinstance(found, Mapping):
        found = found.get("destruction_receipt", found)
    if isinstance(found, Mapping) and isinstance(found.get("jws"), str):
        return found["jws"], found.get("statement")
    if isinstance(found, str):
        return found.strip(), None
    raise NotGenuine("There is no destruction receipt here.")


def _read_statement(jws: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    parts = jws.split(".")
    if len(parts) != 3:
        raise NotGenuine("This is no signed statement.")
    header, statement = _json(parts[0]), _json(parts[1])
    # One algorithm, and no extensions that we would have to understand.
    if header.get("alg") != ALGORITHM or "crit" in header:
        raise NotGenuine("It is signed in another way than receipts are.")
    _check_signature(_find_key(header.get("kid"), keys), f"{parts[0]}.{parts[1]}".encode(), _from_base64url(parts[2]))
    return statement


def _find_key(name: Any, keys: Mapping[str, Any]) -> bytes:
    for jwk in keys.get("keys") or ():
        if name and jwk.get("kid") == name and (jwk.get("kty"), jwk.get("crv")) == ("OKP", "Ed25519"):
            return _from_base64url(str(jwk.get("x", "")))
    raise NotGenuine("No published key has the name that this statement gives.")


def _check_signature(key: bytes, signed: bytes, signature: bytes) -> None:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise NotConfigured("Verifying receipts needs the extra: pip install 'littlepull[verify]'.") from None
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise NotGenuine("The signature does not fit the statement.") from None


def _read_destruction(statement: dict[str, Any]) -> Destruction:
    try:
        return Destruction(
            extraction_id=statement["job_id"],
            sha256=statement["media"]["sha256"],
            bytes=statement["media"]["bytes"],
            created_at=moment(statement["created_at"]),
            destroyed_at=moment(statement["destroyed_at"]),
            method=statement["method"],
            raw=statement,
        )
    except (KeyError, TypeError, ValueError):
        raise NotGenuine("It is signed, but not a statement that we know.") from None


def _digest(media: bytes | str | Path) -> str:
    if isinstance(media, bytes):
        return hashlib.sha256(media).hexdigest()
    digest = hashlib.sha256()
    with Path(media).open("rb") as file:
        while content := file.read(1 << 20):
            digest.update(content)
    return digest.hexdigest()


def _json(part: str) -> dict[str, Any]:
    try:
        told = json.loads(_from_base64url(part))
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise NotGenuine("This is no signed statement.")
    return told


def _from_base64url(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise NotGenuine("This is no signed statement.") from None
