"""WebSocket /ws/extractions/{id}: the same events as the SSE stream, `?after=N` to resume.

A key comes as a subprotocol (`lp.v1, lp.key.<key>`), since browsers cannot set headers here, or as an
Authorization header; a person by their session. Who may not watch is refused before the handshake.
"""

from __future__ import annotations

import asyncio
import json
import logging
from urllib.parse import parse_qs

from channels.db import aclose_old_connections
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http.request import validate_host

from accounts.auth import authenticate, check_scope
from accounts.errors import AccountError
from accounts.models import Scope, User
from extraction import progress
from extraction.models import Job
from extraction.rendering import render_event

log = logging.getLogger(__name__)
SUBPROTOCOL, KEY_PREFIX = "lp.v1", "lp.key."
FINISHED, OUR_FAULT = 1000, 1011


class ExtractionConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self._following: asyncio.Task[None] | None = None
        user = await self._find_user()
        job_id = self.scope["url_route"]["kwargs"]["extraction_id"]
        if user is None or "\0" in job_id or not await Job.objects.owned_by(user).filter(pk=job_id).aexists():
            await self.close()
            return
        offered = self.scope.get("subprotocols", [])
        await self.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
        after = parse_qs(self.scope["query_string"].decode("latin-1")).get("after", ["0"])[0]
        self._following = asyncio.create_task(self._follow(job_id, progress.read_number(after)))

    async def disconnect(self, code: int) -> None:
        if self._following is not None:
            self._following.cancel()
        await aclose_old_connections()

    async def _follow(self, job_id: str, after: int) -> None:
        """To the job's end. After a failure of ours the watcher is let go, to come back with `?after=N`: nobody else
        would ever tell them that nothing more is coming."""
        try:
            async for event in progress.follow(job_id, after=after):
                await self.send(json.dumps(render_event(event)))
        except Exception:
            log.exception("the events of %s could not be followed", job_id)
            await self.close(OUR_FAULT)
        else:
            await self.close(FINISHED)

    async def _find_user(self) -> User | None:
        header = dict(self.scope["headers"]).get(b"authorization", b"").decode("latin-1")
        keys = [
            name.removeprefix(KEY_PREFIX) for name in self.scope.get("subprotocols", []) if name.startswith(KEY_PREFIX)
        ]
        authorization = f"Bearer {keys[0]}" if keys else header
        if authorization:
            try:
                key = await authenticate(authorization)
                check_scope(key, Scope.EXTRACTIONS_READ)
            except AccountError:
                return None
            return key.user
        user = self.scope.get("user")
        return user if user is not None and user.is_authenticated and self._same_origin() else None

    def _same_origin(self) -> bool:
        """A cookie is sent along by any page: only ours may use it to listen."""
        origin = dict(self.scope["headers"]).get(b"origin", b"").decode("latin-1")
        host = origin.partition("://")[2].rsplit(":", 1)[0] if origin else ""
        return validate_host(host, settings.ALLOWED_HOSTS)
