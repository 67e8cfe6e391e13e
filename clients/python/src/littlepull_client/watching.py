"""Waiting for the end of an extraction: by its events, and by asking again where events do not get through."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from littlepull_client.addresses import escaped
from littlepull_client.errors import ConnectionFailed, LittlePullError, TimedOut
from littlepull_client.extraction import Event, Extraction, Progress, read_event, read_extraction
from littlepull_client.flow import Effect, Flow, HowPatient, Line, NoAnswer, Pause, Request, Tell
from littlepull_client.sending import Patience, ask, send
from littlepull_client.sse import Messages

KEEP_ALIVE = 15.0  # how often the server says that it is still there
FIRST_LOOK, LAST_LOOK = 0.5, 5.0

Listener = Callable[[Progress], Any]


@dataclass(frozen=True)
class Deadline:
    at: float
    seconds: float

    @classmethod
    def after(cls, seconds: float, *, waited: float = 0.0) -> Deadline:
        """So many seconds in all, of which some have gone by."""
        return cls(time.monotonic() + seconds - waited, seconds)

    @property
    def left(self) -> float:
        return self.at - time.monotonic()

    def hold(self, extraction_id: str) -> None:
        if self.left <= 0:
            message = f"{extraction_id} has not ended within {self.seconds:g} s. It goes on: get() it later."
            raise TimedOut(message, extraction_id=extraction_id)


def wait_for_end(begun: Extraction, deadline: Deadline, on_progress: Listener | None) -> Flow[Extraction]:
    """The extraction once it has ended, well or badly. Raises TimedOut."""
    listener = on_progress or _ignore
    if begun.is_finished:
        if on_progress:
            yield from _catch_up(begun, on_progress)
        return begun
    try:
        yield from watch(begun.id, lambda event: Tell(listener, event.progress), deadline=deadline)
    except ConnectionFailed:
        pass  # something between us and the server may not let events through: ask instead
    current, delay = (yield from _get(begun.id)), FIRST_LOOK
    while not current.is_finished:
        deadline.hold(begun.id)
        yield Tell(listener, current.progress)
        yield Pause(min(delay, max(deadline.left, 0)))
        delay = min(1.5 * delay, LAST_LOOK)
        current = yield from _get(begun.id)
    return current


def _catch_up(ended: Extraction, listener: Listener) -> Flow[None]:
    """It ended before anybody could watch: the listener hears all the same how it went."""
    try:
        yield from watch(ended.id, lambda event: Tell(listener, event.progress))
    except LittlePullError:
        yield Tell(listener, ended.progress)  # a result that may be shown only once is not lost over this


def watch(
    extraction_id: str, hand: Callable[[Event], Effect], *, after: int = 0, deadline: Deadline | None = None
) -> Flow[None]:
    """Hands over each event past number `after`, once, to the last; a connection that breaks is taken up again."""
    patience: Patience = yield HowPatient()
    failures = 0
    while True:
        yield from send(_events(extraction_id, after), stream=True)
        messages, heard = Messages(), False
        try:
            while (line := (yield Line())) is not None:
                if deadline is not None:
                    deadline.hold(extraction_id)
                message = messages.feed(line)
                event = read_event(json.loads(message)) if message is not None else None
                if event is not None and event.sequence > after:
                    after, heard, failures = event.sequence, True, 0
                    yield hand(event)
                    if event.is_last:
                        return
        except NoAnswer as broken:
            failures += 1
            if failures > patience.retries:
                raise ConnectionFailed(f"The events of {extraction_id} broke off: {broken}") from None
            yield Pause(patience.delay(failures, None))
            continue
        if not heard:
            return  # it had ended before


def _events(extraction_id: str, after: int) -> Request:
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
    return Request("GET", f"/v1/extractions/{escaped(extraction_id)}/events", headers=headers, lasts=KEEP_ALIVE)


def _get(extraction_id: str) -> Flow[Extraction]:
    return read_extraction((yield from ask(Request("GET", f"/v1/extractions/{escaped(extraction_id)}"))))


def _ignore(_: Progress) -> None:
    return
