"""Makes methods of flows, so that each operation is written once and both clients have it, typed and documented."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

from littlepull_client.awaiting import AsyncHands
from littlepull_client.blocking import Hands
from littlepull_client.flow import Flow, Stream

P = ParamSpec("P")
T = TypeVar("T")


class HasHands(Protocol):
    @property
    def hands(self) -> Hands: ...


class HasAsyncHands(Protocol):
    @property
    def hands(self) -> AsyncHands: ...


class Runs(Generic[P, T]):
    """A blocking method: the flow's result."""

    def __init__(self, make: Callable[P, Flow[T]]) -> None:
        self._make = make

    def __get__(self, client: HasHands, kind: type) -> Callable[P, T]:
        return _method(self._make, lambda flow: client.hands.run(flow), "{}")


class Iterates(Generic[P, T]):
    """A blocking method: an iterator over what the flow emits."""

    def __init__(self, make: Callable[P, Stream[T]]) -> None:
        self._make = make

    def __get__(self, client: HasHands, kind: type) -> Callable[P, Generator[T, None, None]]:
        return _method(self._make, lambda stream: client.hands.iterate(stream), "Iterator[{}]")


class Awaits(Generic[P, T]):
    """A coroutine method: the flow's result."""

    def __init__(self, make: Callable[P, Flow[T]]) -> None:
        self._make = make

    def __get__(self, client: HasAsyncHands, kind: type) -> Callable[P, Coroutine[Any, Any, T]]:
        return _method(self._make, lambda flow: client.hands.run(flow), "Awaitable[{}]")


class AsyncIterates(Generic[P, T]):
    """A method: an asynchronous iterator over what the flow emits."""

    def __init__(self, make: Callable[P, Stream[T]]) -> None:
        self._make = make

    def __get__(self, client: HasAsyncHands, kind: type) -> Callable[P, AsyncGenerator[T, None]]:
        return _method(self._make, lambda stream: client.hands.iterate(stream), "AsyncIterator[{}]")


Made = TypeVar("Made")


def _method(make: Callable[P, Made], carry_out: Callable[[Made], T], returns: str) -> Callable[P, T]:
    @functools.wraps(make)
    def method(*args: P.args, **kwargs: P.kwargs) -> T:
        return carry_out(make(*args, **kwargs))

    # For help(): what a caller gets, not what the flow is.
    signature = inspect.signature(make)
    comes_to = str(signature.return_annotation).partition("[")[2].removesuffix("]")
    method.__signature__ = signature.replace(return_annotation=returns.format(comes_to))  # type: ignore[attr-defined]
    return method
