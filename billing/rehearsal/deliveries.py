"""Webhooks as the providers send them: signed bodies, and every way in which a delivery can be wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from billing.rehearsal.books import new_ref, stamp

STALE_SECONDS = 301


@dataclass(frozen=True, slots=True)
class Delivery:
    provider: str
    headers: dict[str, str]
    body: bytes

    def changed(self) -> Delivery:
        """By one byte, under its old signature."""
        at = len(self.body) // 2
        return replace(self, body=self.body[:at] + bytes([self.body[at] ^ 1]) + self.body[at + 1 :])


@dataclass(frozen=True, slots=True)
class Told:
    """An event before it is signed: an event is the same however often it is delivered."""

    provider: str
    id: str
    body: bytes

    def sign(self, secret: str, *, age: float = 0.0) -> Delivery:
        """`age`: seconds since it was sent. Old ones carry true signatures, and are refused for their age."""
        at = int(time.time() - age)
        sign = _sign_dodo if self.provider == "dodo" else _sign_paddle
        return Delivery(self.provider, sign(self, secret, at), self.body)

    def forged(self) -> Delivery:
        return self.sign("whsec_" + base64.b64encode(b"not the secret at all").decode())

    def stale(self, secret: str) -> Delivery:
        return self.sign(secret, age=STALE_SECONDS)


def _sign_dodo(told: Told, secret: str, at: int) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{told.id}.{at}.".encode() + told.body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": told.id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _sign_paddle(told: Told, secret: str, at: int) -> dict[str, str]:
    signed = hmac.new(secret.encode(), f"{at}:".encode() + told.body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "paddle-signature": f"ts={at};h1={signed}"}


def tell_dodo(type: str, kind: str, data: dict[str, Any]) -> Told:
    envelope = {
        "business_id": "bus_rehearsal",
        "type": type,
        "timestamp": stamp(datetime.now(UTC)),
        "data": {"payload_type": kind, **data},
    }
    return Told("dodo", new_ref("msg"), json.dumps(envelope).encode())


def tell_paddle(type: str, data: dict[str, Any]) -> Told:
    id = new_ref("evt")
    envelope = {
        "event_id": id,
        "event_type": type,
        "occurred_at": stamp(datetime.now(UTC)),
        "notification_id": new_ref("ntf"),
        "data": data,
    }
    return Told("paddle", id, json.dumps(envelope).encode())
