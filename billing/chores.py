"""What the worker does for payments all the time: stored events, low balances, expiry, customers to be forgotten at
providers, and the nightly comparison.

Each on a task of its own: a provider that answers slowly must keep nobody's credits waiting.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from django.utils import timezone

from accounts.chores import EVERY_MINUTE, repeat
from billing import alerts, auto_top_up, customers, intake, ledger, reconciliation

LOOK_EVERY = 0.5
NOW_AND_THEN = 5.0
NIGHTLY_WINDOW = timedelta(days=3)  # a day's events may be late; each night looks at three
MONTHLY_WINDOW = timedelta(days=120)  # a payment may be disputed for as long; looked at on the first of each month


async def keep_forever() -> None:
    await asyncio.gather(
        repeat(LOOK_EVERY, intake.process_waiting),
        repeat(NOW_AND_THEN, auto_top_up.top_up_where_low),
        repeat(NOW_AND_THEN, alerts.tell_crossings),
        repeat(NOW_AND_THEN, ledger.expire_lots),
        repeat(EVERY_MINUTE, customers.forget_due),
        repeat(EVERY_MINUTE, reconcile_nightly),
    )


def reconcile_nightly() -> None:
    """Once a day (UTC), by whichever worker is first."""
    now = timezone.now()
    if reconciliation.claim_day(now.date()):
        window = MONTHLY_WINDOW if now.day == 1 else NIGHTLY_WINDOW
        reconciliation.reconcile(now - window, now)
