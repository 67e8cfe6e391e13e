"""What the worker does for payments all the time: stored events, low balances, expiry, and the nightly comparison."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from django.db import DatabaseError
from django.utils import timezone

from accounts.api_keys import forget_retired_secrets
from accounts.off_loop import off_loop
from billing import alerts, auto_top_up, intake, ledger, reconciliation

log = logging.getLogger(__name__)
LOOK_EVERY = 0.5
NOW_AND_THEN = 5.0
NIGHTLY_WINDOW = timedelta(days=3)  # a day's events may be late; each night looks at three


async def keep_forever() -> None:
    last = 0.0
    while True:
        await _carry_out(intake.process_waiting)
        if monotonic() - last > NOW_AND_THEN:
            last = monotonic()
            for chore in (auto_top_up.top_up_where_low, alerts.tell_crossings, ledger.expire_lots, reconcile_nightly,
                          forget_retired_secrets):  # fmt: skip
                await _carry_out(chore)
        await asyncio.sleep(LOOK_EVERY)


async def _carry_out(chore: Callable[[], object]) -> None:
    """One that fails is done again at its next turn: it must not end the worker."""
    try:
        await off_loop(chore)
    except (DatabaseError, OSError) as error:
        log.warning("%s will be tried again: %s", chore.__name__, type(error).__name__)


def reconcile_nightly() -> None:
    """Once a day (UTC), by whichever worker is first."""
    now = timezone.now()
    if reconciliation.claim_day(now.date()):
        reconciliation.reconcile(now - NIGHTLY_WINDOW, now)
