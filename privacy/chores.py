"""What the worker does for privacy all the time, each at its own pace; one that fails goes on with its next turn."""

from __future__ import annotations

import asyncio

from accounts.chores import repeat
from privacy import attesting, erase, notices, reminders, retention

A_MINUTE, TEN_MINUTES, AN_HOUR = 60.0, 600.0, 3600.0


async def keep_forever() -> None:
    """Erasures that were broken off, and what came in late for others; what is past its time; news of the policy;
    requests whose answer is due; a look at every promise.
    """
    async with asyncio.TaskGroup() as chores:
        chores.create_task(repeat(TEN_MINUTES, erase.tidy_up))
        chores.create_task(repeat(A_MINUTE, notices.tell_everybody))
        chores.create_task(repeat(AN_HOUR, reminders.remind))
        chores.create_task(repeat(AN_HOUR, retention.purge, after=A_MINUTE))
        chores.create_task(repeat(TEN_MINUTES, attesting.attest_when_due, after=A_MINUTE))
