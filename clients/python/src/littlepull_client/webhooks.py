"""Is this message from LittlePull? By the Standard Webhooks scheme, with the standard library alone."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from littlepull_client.errors import NotGenuine
from littlepull_client.told import moment

TOLERANCE_SECONDS = 300.0
PREFIX = "whsec_"


@dataclass(frozen=True)
class Message:
    """`id` stays the same however often it is sent: remember it, and do the work once."""

    id: str
    type: str
    sent_at: datetime
    data: dict[str, Any] = field(repr=False)
    raw: dict[str, Any] = field(repr=False, compare=False)


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str] | Iterable[tuple[str, str]],
    secret: str | Iterable[str],
    *,
    tolerance: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> Message:
    """The message, if one of the secrets signed exactly this body within `tolerance` seconds of now.

    `body` as it arrived: parsed and written again it is another. While a secret is being changed a message carries
    two signatures; either end may also give several secrets here. Raises NotGenuine.
    """
    content = body.encode() if isinstance(body, str) else bytes(body)
    message_id, sent, signatures = _read_headers(headers)
    if abs((time.time() if now is None else now) - sent) > tolerance:
        raise NotGenuine("The message is too old, or from the future.")
    signed = f"{message_id}.{sent}.".encode() + content
    secrets = [secret] if isinstance(secret, str) else list(secret)
    expected = [hmac.digest(_key(one), signed, hashlib.sha256) for one in secrets]
    # Every pair is compared, so that the time it takes tells nothing.
    matches = [hmac.compare_digest(one, given) for one in expected for given in signatures]
    if not any(matches):
        raise NotGenuine("No signature of the message fits.")
    return _read_message(message_id, content)


def _read_headers(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[str, int, list[bytes]]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    found = {name.lower(): value for name, value in pairs}
    try:
        message_id, sent = found["webhook-id"], found["webhook-timestamp"]
        signatures = found["webhook-signature"].split()
    except KeyError as missing:
        raise NotGenuine(f"The header {missing.args[0]} is missing.") from None
    if not (sent.isascii() and sent.isdigit() and len(sent) <= 12):
        raise NotGenuine("The header webhook-timestamp is no number of seconds.")
    return message_id, int(sent), [_decoded(one[3:]) for one in signatures if one.startswith("v1,")]


def _decoded(signature: str) -> bytes:
    """Empty for what is no base64, which fits nothing."""
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError(f"A webhook secret begins with {PREFIX}, and base64 follows.")
    return key


def _read_message(message_id: str, content: bytes) -> Message:
    try:
        told = json.loads(content)
        return Message(message_id, told["type"], moment(told["timestamp"]), told.get("data") or {}, told)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotGenuine("It is signed, but not a message as LittlePull sends them.") from None
