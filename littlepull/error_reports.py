"""Errors are reported by class and place, never by value.

An exception's message or a frame's variables may hold what somebody sent us: text from their receipt,
their key, their prompt. Where it happened is enough to mend it.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

from django.views.debug import ExceptionReporter

from accounts.worked_on import ids


def describe(error: BaseException) -> str:
    """The chain of causes, outermost last, as `Class at file:line in function` per frame."""
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        frames = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in _frames(cause.__traceback__)]
        lines = [*frames, type(cause).__qualname__, *lines]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(lines)


class BareFormatter(logging.Formatter):
    """A log line with what was being worked on, and below it where an exception happened without what it said."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        worked_on = " ".join(ids().values())
        return f"{super().formatMessage(record)}{f' [{worked_on}]' if worked_on else ''}"

    def formatException(self, ei: tuple) -> str:  # noqa: N802 - the name is logging's
        return describe(ei[1]) if ei[1] is not None else ""


class OnlyExceptions(logging.Filter):
    """Drops Django's line about every answer above 399: a refusal, or a server that is not ready yet, is no error."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is not None


class BareExceptionReporter(ExceptionReporter):
    """Django's error page and error mail, without variables, settings, and request data."""

    def get_traceback_data(self) -> dict:
        data = super().get_traceback_data()
        for frame in data.get("frames", []):
            frame["vars"] = []
            frame["exc_cause"] = frame["exc_cause"] and type(frame["exc_cause"]).__qualname__
        kept = {"frames", "exception_type", "lastframe", "is_email", "sys_version_info", "server_time"}
        return {name: value for name, value in data.items() if name in kept} | {"exception_value": ""}


def _frames(tb: TracebackType | None) -> traceback.StackSummary:
    return traceback.extract_tb(tb)
