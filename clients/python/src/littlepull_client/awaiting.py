"""Carries flows out, one effect after the other, in the event loop that awaits it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, ExitStack
from typing import Any, TypeVar

import httpx

from littlepull_client.exchange import Terms, answer_of, no_answer, prepare
from littlepull_client.flow import Answer, Course, Effect, Emit, Exchange, Flow, HowPatient, Line, Pause, Stream, Tell
from littlepull_client.sse import Lines

T = TypeVar("T")


class AsyncHands:
    def __init__(self, http: httpx.AsyncClient, terms: Terms) -> None:
        self.http, self.terms = http, terms

    async def run(self, flow: Flow[T]) -> T:
        course, work = Course(flow), _Work(self)
        async with work.open:
            while course.wants is not None:
                await work.serve(course, course.wants)
        return course.value

    async def iterate(self, stream: Stream[T]) -> AsyncGenerator[T, None]:
        course, work = Course(stream.flow), _Work(self)
        async with work.open:
            while course.wants is not None:
                if isinstance(course.wants, Emit):
                    yield course.wants.value
                    course.give(None)
                else:
                    await work.serve(course, course.wants)


class _Work:
    """One flow's: it has at most one stream open."""

    def __init__(self, hands: AsyncHands) -> None:
        self._http, self._terms, self.open = hands.http, hands.terms, AsyncExitStack()
        self._lines: AsyncGenerator[str, None] | None = None

    async def serve(self, course: Course[Any], effect: Effect) -> None:
        if not isinstance(effect, Exchange | Line):
            course.give(await self._carry_out(effect))
            return
        try:
            outcome = await self._exchange(effect) if isinstance(effect, Exchange) else await self._next_line()
        except httpx.RequestError as error:
            course.fail(no_answer(error))
        else:
            course.give(outcome)

    async def _carry_out(self, effect: Effect) -> Any:
        if isinstance(effect, Pause):
            return await asyncio.sleep(effect.seconds)
        if isinstance(effect, Tell):
            told = effect.listener(effect.value)
            return await told if inspect.isawaitable(told) else told
        assert isinstance(effect, HowPatient)
        return self._terms.patience

    async def _exchange(self, effect: Exchange) -> Answer:
        await self.open.aclose()
        with ExitStack() as files:
            request = self._http.build_request(**prepare(effect.request, self._terms, files))
            response = await self._http.send(request, stream=True)
            self.open.push_async_callback(response.aclose)
        if effect.stream and response.is_success:
            self._lines = _lines(response)
            self.open.push_async_callback(self._lines.aclose)
            return answer_of(response)
        await response.aread()
        return answer_of(response, response.content)

    async def _next_line(self) -> str | None:
        return await anext(self._lines, None) if self._lines is not None else None


async def _lines(response: httpx.Response) -> AsyncGenerator[str, None]:
    lines = Lines()
    async for content in response.aiter_bytes():
        for line in lines.feed(content):
            yield line
