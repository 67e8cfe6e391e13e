from __future__ import annotations

import pytest


@pytest.fixture
def kept_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Around each message of a WebSocket, Channels closes what looks left over; here it is the test's transaction."""
    monkeypatch.setattr("channels.db.close_old_connections", lambda: None)
