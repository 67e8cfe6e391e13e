"""The books as a whole: the ledger, and whether extractions and the gateway agree with what is held for them."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone

from accounts.chores import repeat
from billing import audit
from billing.models import LedgerCheck
from extraction.audit import find_faults_of_jobs
from routing.audit import find_faults_of_leases

log = logging.getLogger(__name__)
AN_HOUR = timedelta(hours=1)
TEN_MINUTES, A_MINUTE = 600.0, 60.0


async def keep_forever() -> None:
    """For the worker: of several, one proves them each hour."""
    await repeat(TEN_MINUTES, prove_when_due, after=A_MINUTE)


def find_faults() -> list[str]:
    """A sentence each; none where every invariant holds."""
    return [*audit.find_faults(), *find_faults_of_jobs(), *find_faults_of_leases()]


def prove_when_due() -> LedgerCheck | None:
    latest = LedgerCheck.objects.first()
    if latest is not None and latest.at > timezone.now() - AN_HOUR:
        return None
    # What is under way may show in one look; what is wrong shows in both.
    seen = set(find_faults())
    faults = [fault for fault in find_faults() if fault in seen] if seen else []
    for fault in faults:
        log.error("ledger: %s", fault)
    return LedgerCheck.objects.create(faults=len(faults))
