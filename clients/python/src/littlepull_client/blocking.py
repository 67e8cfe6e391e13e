"""Carries flows out, one effect after the other, in the thread that asks for it."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

import httpx

from littlepull_client.exchange import Terms, answer_of, no_answer, prepare
from littlepull_client.flow import Answer, Course, Effect, Emit, Exchange, Flow, HowPatient, Line, Pause, Stream, Tell
from littlepull_client.sse import Lines

T = TypeVar("T")


class Hands:
    def __init__(self, http: httpx.Client, terms: Terms) -> None:
        self.http, self.terms = http, terms

    def run(self, flow: Flow[T]) -> T:
        course, work = Course(flow), _Work(self)
        with work.open:
            while course.wants is not None:
                work.serve(course, course.wants)
        return course.value

    def iterate(self, stream: Stream[T]) -> Generator[T, None, None]:
        course, work = Course(stream.flow), _Work(self)
        with work.open:
            while course.wants is not None:
                if isinstance(course.wants, Emit):
                    yield course.wants.value
                    course.give(None)
                else:
                    work.serve(course, course.wants)


class _Work:
    """One flow's: it has at most one stream open."""

    def __init__(self, hands: Hands) -> None:
        self._http, self._terms, self.open = hands.http, hands.terms, ExitStack()
        self._lines: Iterator[str] = iter(())

    def serve(self, course: Course[Any], effect: Effect) -> None:
        if not isinstance(effect, Exchange | Line):
            course.give(self._carry_out(effect))
            return
        try:
            outcome = self._exchange(effect) if isinstance(effect, Exchange) else next(self._lines, None)
        except httpx.RequestError as error:
            course.fail(no_answer(error))
        else:
            course.give(outcome)

    def _carry_out(self, effect: Effect) -> Any:
        if isinstance(effect, Pause):
            return time.sleep(effect.seconds)
        if isinstance(effect, Tell):
            return effect.listener(effect.value)
        assert isinstance(effect, HowPatient)
        return self._terms.patience

    def _exchange(self, effect: Exchange) -> Answer:
        self.open.close()
        with ExitStack() as files:
            request = self._http.build_request(**prepare(effect.request, self._terms, files))
            response = self._http.send(request, stream=True)
            self.open.callback(response.close)
        if effect.stream and response.is_success:
            self._lines = _lines(response)
            return answer_of(response)
        response.read()
        return answer_of(response, response.content)


def _lines(response: httpx.Response) -> Iterator[str]:
    lines = Lines()
    for content in response.iter_bytes():
        yield from lines.feed(content)
