"""The tries of one request (F40, F41): candidate after candidate, inside one budget of time.

A candidate gets half of what is left of the budget, the last all of it; once more only where it says that it will be
back within moments. Once the first event of a stream is there, nobody else is asked any more (F43).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from time import perf_counter
from typing import Any, TypeVar

from django.conf import settings

from accounts import tracing
from routing.catalogue import Offer
from routing.contracts import ChatEvent, ChatReply
from routing.errors import BadCompletion, RoutingError, UnsupportedParameter, UpstreamError, UpstreamTimeout
from routing.providers import load_adapter
from routing.reaching import reach
from routing.records import Tried
from routing.vitals import may_try, note_failure
from routing.words import Outcome

SHORTEST_TRY = 0.05  # seconds: with less left, a try could only time out
WORTH_WAITING = 2.0  # seconds for which one candidate is asked again rather than the next
Body = Callable[[Offer], dict[str, Any]]
Got = TypeVar("Got")


class Tries:
    """`log` is filled as they are made; `seconds`: spent waiting for providers."""

    def __init__(self, offers: tuple[Offer, ...], log: list[Tried]) -> None:
        self._offers, self.log = offers, log
        self._left_to_make = settings.GATEWAY_MAX_TRIES
        self._until = perf_counter() + settings.GATEWAY_BUDGET_SECONDS
        self.seconds = 0.0

    async def answer(self, body: Body) -> tuple[Offer, ChatReply]:
        async def ask(offer: Offer) -> ChatReply:
            adapter = await load_adapter(offer.provider)
            return await adapter.chat(await reach(offer), offer.upstream_id, body(offer))

        return await self._first_of(ask)

    async def open_stream(self, body: Body) -> tuple[Offer, AsyncGenerator[ChatEvent, None], ChatEvent]:
        async def ask(offer: Offer) -> tuple[AsyncGenerator[ChatEvent, None], ChatEvent]:
            adapter = await load_adapter(offer.provider)
            events = adapter.stream_chat(await reach(offer), offer.upstream_id, body(offer))
            try:
                return events, await anext(events)
            except StopAsyncIteration:
                failure = BadCompletion(offer.provider)
            except BaseException:
                await events.aclose()
                raise
            raise failure

        offer, (events, first) = await self._first_of(ask, streamed=True)
        return offer, events, first

    async def _first_of(self, ask: Callable[[Offer], Awaitable[Got]], *, streamed: bool = False) -> tuple[Offer, Got]:
        failures: list[RoutingError] = []
        for position, offer in enumerate(self._offers):
            among = [one.id for one in self._offers]
            last = position == len(self._offers) - 1
            if not may_try(offer.id, among) and not (last and not failures):
                continue
            again = True
            while again and self._left_to_make and (left := self._until - perf_counter()) > SHORTEST_TRY:
                again = False
                try:
                    return offer, await self._try(offer, ask, left if last else left / 2, streamed=streamed)
                except UnsupportedParameter as error:
                    failures.append(error)
                except UpstreamError as error:
                    repeated = any(getattr(one, "provider", None) == offer.provider for one in failures)
                    failures.append(error)
                    again = not repeated and await self._wait_for(error)
        raise _most_hopeful(failures, self._offers[0].provider)

    async def _try(
        self, offer: Offer, ask: Callable[[Offer], Awaitable[Got]], seconds: float, *, streamed: bool
    ) -> Got:
        self._left_to_make -= 1
        started = perf_counter()
        failure: UpstreamError
        try:
            with tracing.span("attempt", provider=offer.provider, model=offer.id):
                async with asyncio.timeout(seconds):
                    got = await ask(offer)
        except TimeoutError:
            failure = UpstreamTimeout(offer.provider)
        except UpstreamError as error:
            failure = error
        else:
            spent = self._spend(started)
            self.log.append(Tried(offer.id, Outcome.OK.value, 200, spent, spent if streamed else None))
            return got
        spent = self._spend(started)
        self.log.append(Tried(offer.id, failure.code, failure.status, spent))
        note_failure(offer.id, failure)
        raise failure

    def _spend(self, started: float) -> float:
        spent = perf_counter() - started
        self.seconds += spent
        return spent

    async def _wait_for(self, error: UpstreamError) -> bool:
        """Whether the same candidate is worth asking again, after the wait that it asked for."""
        wait = error.retry_after
        if not error.retryable or wait is None or wait > WORTH_WAITING:
            return False
        if self._until - perf_counter() < wait + SHORTEST_TRY:
            return False
        await asyncio.sleep(wait)
        self.seconds += wait
        return True


def _most_hopeful(failures: list[RoutingError], provider: str) -> RoutingError:
    hopeful = (one for one in failures if isinstance(one, UpstreamError) and one.retryable)
    return next(hopeful, failures[-1] if failures else UpstreamTimeout(provider))
