"""Watching a job over the WebSocket when something of ours fails."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import OperationalError

from extraction import progress
from littlepull.asgi import websockets
from tests.extraction.jobs_in_hand import submit


@pytest.mark.django_db
async def test_a_watcher_is_let_go_when_the_database_fails(alice, monkeypatch, caplog):
    """Nobody else would tell them that nothing more is coming; with `?after=N` they come back to what they missed."""
    job = await sync_to_async(submit)(alice)
    monkeypatch.setattr(progress.JobEvent.objects, "filter", _gone_away)
    offered = ["lp.v1", f"lp.key.{alice.plaintext}"]
    watcher = WebsocketCommunicator(websockets, f"/ws/extractions/{job.pk}", subprotocols=offered)
    assert (await watcher.connect())[0]
    assert await watcher.receive_output(timeout=10) == {"type": "websocket.close", "code": 1011}
    await watcher.wait()
    assert "could not be followed" in caplog.text


def _gone_away(**_wanted: object) -> None:
    raise OperationalError("database is locked")
