"""Log lines as JSON objects, one a line, with what was being worked on; and what no line may say in either form."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from accounts.worked_on import ids
from littlepull.error_reports import describe


class JsonFormatter(logging.Formatter):
    """An exception is its class and places, as in every line of ours."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= ids() | getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__qualname__
            line["places"] = describe(record.exc_info[1]).splitlines()
        return orjson.dumps(line, default=str).decode(errors="replace")


class NothingSentToUs(logging.Filter):
    """Some loggers of others quote what a request held or an error said: of those, only what kind it was is kept."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security"):
            record.msg, record.args = f"refused: {record.name.rpartition('.')[2]}", ()
        elif record.name.startswith(("django.request", "django.channels")):
            record.msg, record.args = "an answer was an error of ours", ()
        elif record.name == "asyncio":  # the task or handle on further lines shows its exception, with what that said
            record.msg, record.args = record.getMessage().partition("\n")[0], ()
        return True
