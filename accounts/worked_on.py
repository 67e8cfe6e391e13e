"""What is being worked on: which request, job and generation. Ids alone, for log lines and spans."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
job_id: ContextVar[str] = ContextVar("job_id", default="")
generation_id: ContextVar[str] = ContextVar("generation_id", default="")

IDS = {"request_id": request_id, "job_id": job_id, "generation_id": generation_id}
SCOPE_KEY = "littlepull.seen"
OWN_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(slots=True)
class Seen:
    """What its access line and its meter tell of a request. `route`: the template of its address, never that itself."""

    request_id: str
    route: str = "none"
    recorded: bool = False  # as a row of its own, which tells more than a line of the log would


def told_of(scope: MutableMapping[str, Any]) -> Seen:
    """Of this request; made by whoever asks first. It lies in the ASGI scope, and whoever copies that keeps it."""
    told = scope.get(SCOPE_KEY)
    if told is None:
        told = scope[SCOPE_KEY] = Seen(_request_id(scope))
    return told


def _request_id(scope: MutableMapping[str, Any]) -> str:
    """The caller's own where it looks like one."""
    sent = next((value for name, value in scope.get("headers", ()) if name == b"x-request-id"), b"").decode("latin-1")
    return sent if OWN_REQUEST_ID.fullmatch(sent) else f"req_{secrets.token_hex(12)}"


def ids() -> dict[str, str]:
    return {name: value for name, variable in IDS.items() if (value := variable.get())}


@contextmanager
def working_on(job: str) -> Iterator[None]:
    token = job_id.set(job)
    try:
        yield
    finally:
        job_id.reset(token)
