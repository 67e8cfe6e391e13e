"""What the worker does for payments all the time: stored events, low balances, expiry, and the nightly comparison.

Each on a task of its own: a provider that answers slowly must keep nobody's credits waiting.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError
from django.utils import timezone

from accounts.api_keys import forget_retired_secrets
from accounts.off_loop import off_loop
from billing import alerts, auto_top_up, intake, ledger, reconciliation

log = logging.getLogger(__name__)
LOOK_EVERY = 0.5
NOW_AND_THEN = 5.0
EVERY_MINUTE = 60.0
NIGHTLY_WINDOW = timedelta(days=3)  # a day's events may be late; each night looks at three
MONTHLY_WINDOW = timedelta(days=120)  # a payment may be disputed for as long; looked at on the first of each month


async def keep_forever() -> None:
    await asyncio.gather(
        _repeat(LOOK_EVERY, intake.process_waiting),
        _repeat(NOW_AND_THEN, auto_top_up.top_up_where_low),
        _repeat(NOW_AND_THEN, alerts.tell_crossings),
        _repeat(NOW_AND_THEN, ledger.expire_lots),
        _repeat(EVERY_MINUTE, forget_retired_secrets),
        _repeat(EVERY_MINUTE, reconcile_nightly),
    )


async def _repeat(seconds: float, chore: Callable[[], object]) -> None:
    while True:
        await _carry_out(chore)
        await asyncio.sleep(seconds)


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
        window = MONTHLY_WINDOW if now.day == 1 else NIGHTLY_WINDOW
        reconciliation.reconcile(now - window, now)
