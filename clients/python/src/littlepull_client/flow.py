"""What the client does, written once for both colours.

A flow is a generator: it yields what it wants done (an effect), is sent what came of it, and returns its result. The
blocking and the asynchronous client differ only in who carries the effects out (`blocking.py`, `awaiting.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from littlepull_client.sources import Upload

T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """One HTTP request: with `uploads` it is multipart, and `form` goes with them; else `json` is its body.

    `lasts` is how many seconds the server may take to answer on purpose, on top of the usual time; a
    `public` one carries no API key.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = field(default=None, repr=False)
    form: Mapping[str, str | list[str]] = field(default_factory=dict, repr=False)
    uploads: Sequence[Upload] = ()
    lasts: float = 0.0
    public: bool = False


@dataclass(frozen=True)
class Answer:
    """Of a stream that was opened, `body` is empty unless it was refused. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class HowPatient:
    """Gives the Patience that the client was made with."""


@dataclass(frozen=True)
class Exchange:
    """Send it, read the whole answer: gives an Answer. With `stream`, lines follow by Line. Raises NoAnswer."""

    request: Request
    stream: bool = False


@dataclass(frozen=True)
class Line:
    """The next line of the stream that was opened last: gives a str, or None after the last. Raises NoAnswer."""


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Tell:
    """Hand something to a callback of the user's, which may be a coroutine function in the asynchronous client."""

    listener: Callable[[Any], Any]
    value: Any


@dataclass(frozen=True)
class Emit:
    """Hand the next value to whoever iterates over this flow."""

    value: Any


Effect = HowPatient | Exchange | Line | Pause | Tell | Emit
Flow = Generator[Effect, Any, T]


class Stream(Generic[T]):
    """A flow that emits values of one type on its way, for iterating over."""

    def __init__(self, flow: Flow[None]) -> None:
        self.flow = flow


class NoAnswer(Exception):
    """The connection failed or fell silent; raised into a flow, and never out of it."""

    def __init__(self, reason: str, *, silent: bool = False) -> None:
        super().__init__(reason)
        self.silent = silent


class Course(Generic[T]):
    """A flow under way: `wants` is the effect it waits for, None once it has returned `value`."""

    wants: Effect | None
    value: T

    def __init__(self, flow: Flow[T]) -> None:
        self._flow = flow
        self.give(None)

    def give(self, outcome: Any) -> None:
        self._move(lambda: self._flow.send(outcome))

    def fail(self, error: Exception) -> None:
        self._move(lambda: self._flow.throw(error))

    def _move(self, move: Callable[[], Effect]) -> None:
        try:
            self.wants = move()
        except StopIteration as end:
            self.wants, self.value = None, end.value
