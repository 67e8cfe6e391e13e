"""POST /v1/chat/completions as a plain ASGI application, beneath nothing of Django's: the hot path.

It reads the request, asks the verbs of `chat`, and writes the answer's bytes as they came. What it refuses, it refuses
in OpenAI's shape. An Idempotency-Key keeps a request from being carried out, and charged, twice; since
no answer is ever kept, its repetition is told so (`answer_not_kept`) instead of being answered again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, MutableMapping
from datetime import timedelta
from time import perf_counter
from typing import Any, TypeVar

from django.conf import settings

from accounts import idempotency, tracing, worked_on
from accounts.auth import Allowance
from accounts.errors import RateLimited as TooManyRequests
from accounts.errors import StillRunning
from accounts.models import IdempotentRequest
from accounts.off_loop import off_loop
from billing.pricing import format_credits
from routing import chat, limits, meters
from routing.chat import Run
from routing.errors import AnswerNotKept, BodyTooLarge, InvalidRequest
from routing.known_keys import KnownKey, find_key
from routing.leases import purse_of
from routing.refusals import Refusal, refuse
from routing.request import parse

log = logging.getLogger(__name__)
PATH = "/v1/chat/completions"
ROUTE = f"POST {PATH}"
LONGEST_ANSWER = timedelta(minutes=10)  # while it streams, its Idempotency-Key opens nothing else
OURS = Refusal(500, "internal_error", "This is our fault, and it has been noted.")
ALWAYS = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Result = TypeVar("Result")


class CallerGone(Exception):
    """There is nobody to answer."""


def gateway(otherwise: Application) -> Application:
    """ASGI middleware: chat completions are answered here, all else by `otherwise`."""

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST":
            await Exchange(scope, receive, send).carry_out()
        else:
            await otherwise(scope, receive, send)

    return route


class Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.arrived = perf_counter()
        self._receive, self._send = receive, send
        self._headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        told = worked_on.told_of(scope)
        told.route, told.recorded, self._request_id = PATH, True, told.request_id
        self._allowance: Allowance | None = None
        self._key: KnownKey | None = None
        self._run: Run | None = None
        self._started = False

    async def carry_out(self) -> None:
        try:
            await self._answer()
        except CallerGone:
            pass
        except Exception as error:
            refusal = refuse(error)
            if refusal is None:
                log.exception("request %s failed", self._request_id)
            if self._started:
                await self._end_broken_stream(refusal or OURS)
            else:
                await self._refuse(refusal or OURS)
        finally:
            self._count()

    async def _answer(self) -> None:
        self._key = key = await find_key(self._headers.get("authorization", ""))
        self._allowance, full = await limits.count_request(key)
        if self._allowance.remaining < 0:
            raise TooManyRequests(self._allowance.reset)
        if full is not None:
            raise full
        content = await self._read()
        request = parse(content, self._headers)
        async with self._once(key, content):
            self._run = run = await chat.begin(request, key, arrived=self.arrived)
            worked_on.generation_id.set(run.id)
            with tracing.span("chat", generation_id=run.id, task=run.told.task.value, policy=run.policy):
                await self._carry_on(run, streamed=request.stream)

    async def _carry_on(self, run: Run, *, streamed: bool) -> None:
        if streamed:
            await self._stream(run)
        else:
            reply = await self._unless_gone(chat.answer(run))
            await self._send_whole(200, reply.body, self._described(run))

    def _count(self) -> None:
        """When the caller has the answer already."""
        run = self._run
        if run is not None and (ended := run.ended) is not None:
            meters.note_run(
                streamed=run.request.stream, overhead=run.overhead, tries=run.tries, usage=ended.usage,
                answered_by=ended.model,
            )  # fmt: skip

    async def _read(self) -> bytes:
        pieces, size, more = [], 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise CallerGone
            piece, more = message.get("body", b""), message.get("more_body", False)
            size += len(piece)
            if size > settings.GATEWAY_MAX_BODY_BYTES:
                raise BodyTooLarge(settings.GATEWAY_MAX_BODY_BYTES)
            pieces.append(piece)
        return b"".join(pieces)

    @contextlib.asynccontextmanager
    async def _once(self, key: KnownKey, content: bytes) -> AsyncIterator[None]:
        """Under its Idempotency-Key, where it has one."""
        named = self._headers.get("idempotency-key")
        if named is None:
            yield
            return
        if not 1 <= len(named) <= idempotency.MAX_KEY_LENGTH:
            raise InvalidRequest("Idempotency-Key", f"has 1 to {idempotency.MAX_KEY_LENGTH} characters")
        asked = idempotency.fingerprint(content.decode("latin-1"))
        begun: IdempotentRequest = await off_loop(
            idempotency.begin, key.row, named, route=ROUTE, fingerprint=asked, lease=LONGEST_ANSWER
        )
        if begun.answer_id:
            raise AnswerNotKept(begun.answer_id)
        try:
            yield
        finally:
            ended = self._run.ended if self._run is not None else None
            if self._run is not None and ended is not None and ended.model:  # somebody answered
                with contextlib.suppress(StillRunning):  # it took longer, and was asked again: both were carried out
                    await asyncio.shield(off_loop(idempotency.answer, begun, self._run.id))
            else:
                await asyncio.shield(off_loop(idempotency.abandon, begun))

    async def _unless_gone(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Stops working when there is nobody to answer any more: the connection to the provider closes with it."""
        here, working = asyncio.current_task(), True
        gone = asyncio.ensure_future(self._disconnected())

        def stop(_: asyncio.Future[None]) -> None:
            if working and here is not None and not gone.cancelled():
                here.cancel()

        gone.add_done_callback(stop)
        try:
            return await work
        except asyncio.CancelledError:
            if here is None or not gone.done():
                raise  # the server stops
            here.uncancel()
            raise CallerGone from None
        finally:
            working = False
            gone.cancel()

    async def _disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _stream(self, run: Run) -> None:
        stream = await self._unless_gone(chat.open_stream(run))
        await self._start(200, [*self._described(run), (b"content-type", b"text/event-stream")])
        await self._unless_gone(self._pump(stream))
        await self._send({"type": "http.response.body", "body": b""})

    async def _pump(self, stream: chat.Stream) -> None:
        async with contextlib.aclosing(stream.pieces()) as pieces:
            async for data in pieces:
                await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def _end_broken_stream(self, refusal: Refusal) -> None:
        event = b"data: " + refusal.body(self._request_id) + b"\n\n"
        await self._send({"type": "http.response.body", "body": event})

    async def _refuse(self, refusal: Refusal) -> None:
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in refusal.headers.items()]
        if self._run is not None:
            headers += self._described(self._run)
        await self._send_whole(refusal.status, refusal.body(self._request_id), headers)

    async def _send_whole(self, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        length = (b"content-length", str(len(body)).encode())
        await self._start(status, [*headers, (b"content-type", b"application/json"), length])
        await self._send({"type": "http.response.body", "body": body})

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self._started = True
        headers += [(b"x-request-id", self._request_id.encode()), *ALWAYS, *self._left()]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    def _left(self) -> list[tuple[bytes, bytes]]:
        """What an authenticated caller has left: requests in this window, and credits."""
        allowance, key = self._allowance, self._key
        if allowance is None or key is None:
            return []
        return [
            (b"ratelimit-policy", f'"default";q={allowance.limit};w={allowance.window}'.encode()),
            (b"ratelimit", f'"default";r={max(allowance.remaining, 0)};t={allowance.reset}'.encode()),
            (b"x-credits-remaining", format_credits(max(0, purse_of(key.id).remaining)).encode()),
        ]

    def _described(self, run: Run) -> list[tuple[bytes, bytes]]:
        """F39, F49, F50: who answered, what it cost, and what of the time was ours."""
        ended = run.ended
        said = {
            "generation": run.id,
            "task": run.told.task.value,
            "cause": run.told.cause.value,
            "attempts": str(len(run.tries)),
            "overhead-ms": f"{1000 * run.overhead:.2f}",
        }
        if run.tries and (ended is None or ended.model):
            said["model"] = run.tries[-1].model
            said["provider"] = run.tries[-1].model.partition("/")[0]
        if ended is not None and ended.model:
            cost = ended.cost
            said["cost"] = format_credits(cost.total)
            said["cost-input"], said["cost-output"] = format_credits(cost.input), format_credits(cost.output)
            said["cost-cached"] = format_credits(cost.cached)
            said["cost-cache-write"] = format_credits(cost.cache_write)
        return [(f"x-littlepull-{name}".encode(), value.encode()) for name, value in said.items()]
