"""Which model a session talks to: for an hour it stays with it, so that the provider's prompt cache is of use.

In memory, of this process, and of bounded size; keyed by a hash, so that no caller's own session name is held.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from time import monotonic

STAYS_SECONDS = 3600
AT_MOST = 50_000

_sessions: OrderedDict[bytes, tuple[str, float]] = OrderedDict()  # the longest unused first


def find_model(key_id: str, session: str) -> str | None:
    known = _sessions.get(name := _name(key_id, session))
    if known is None:
        return None
    model, until = known
    if monotonic() >= until:
        del _sessions[name]
        return None
    return model


def remember(key_id: str, session: str, model: str) -> None:
    """After an answer; each one prolongs the stay."""
    name = _name(key_id, session)
    _sessions[name] = model, monotonic() + STAYS_SECONDS
    _sessions.move_to_end(name)
    if len(_sessions) > AT_MOST:
        _sessions.popitem(last=False)


def forget() -> None:
    _sessions.clear()


def _name(key_id: str, session: str) -> bytes:
    return blake2b(session.encode(errors="surrogatepass"), key=key_id.encode()[:64], digest_size=16).digest()
