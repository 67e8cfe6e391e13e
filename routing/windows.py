"""Windows of time, in UTC: when one began, and when the next begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from routing.words import Window

KEPT_WINDOWS = (Window.HOUR, Window.DAY, Window.MONTH)  # the others pass too quickly to be worth a row
LENGTHS = {
    Window.SECOND: timedelta(seconds=1),
    Window.MINUTE: timedelta(minutes=1),
    Window.HOUR: timedelta(hours=1),
    Window.DAY: timedelta(days=1),
}


def begin_of(window: Window, moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    if window == Window.MONTH:
        return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    length = LENGTHS[window]
    return moment - (moment - datetime(1970, 1, 1, tzinfo=UTC)) % length


def end_of(window: Window, moment: datetime) -> datetime:
    begun = begin_of(window, moment)
    if window == Window.MONTH:
        return (begun + timedelta(days=32)).replace(day=1)
    return begun + LENGTHS[window]
