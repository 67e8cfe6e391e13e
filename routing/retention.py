"""Records of requests are forgotten after ninety days, as the policy promises, and that they were is written down.

In batches, each a transaction of its own: the sweep may stop anywhere, and nobody waits for it long.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from routing.models import METADATA_KEPT, Attempt, Generation, KeyUsage, Weighed

log = logging.getLogger(__name__)
BATCH = 500
BATCHES_AT_ONCE = 20  # a sweep that finds more comes back for it


@dataclass(frozen=True, slots=True)
class Purged:
    """What is gone: how many rows, and from when to when they were."""

    before: datetime
    generations: int = 0
    attempts: int = 0
    weighed: int = 0
    usages: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    complete: bool = True

    def __str__(self) -> str:
        span = f" from {self.oldest:%Y-%m-%dT%H:%M:%SZ} to {self.newest:%Y-%m-%dT%H:%M:%SZ}" if self.oldest else ""
        return (
            f"purged {self.generations} generations{span}, {self.attempts} attempts, {self.weighed} candidates and "
            f"{self.usages} sums of usage, all from before {self.before:%Y-%m-%dT%H:%M:%SZ}"
        )


def purge_generations(*, batches: int | None = None) -> Purged:
    """`complete`: nothing older is left. Safe to run at any time, any number of times."""
    before = timezone.now() - METADATA_KEPT
    done = Purged(before=before, complete=False)
    for _ in range(batches or BATCHES_AT_ONCE):
        step = _purge_batch(before)
        done = _add(done, step)
        if step.complete:
            break
    if done.generations or done.usages:
        log.info("%s", done)
    return done


@transaction.atomic
def _purge_batch(before: datetime) -> Purged:
    oldest_first = Generation.objects.forgotten().order_by("created_at").values_list("pk", flat=True)
    ids = list(oldest_first[:BATCH])
    gone = Generation.objects.filter(pk__in=ids)
    span = gone.aggregate(oldest=Min("created_at"), newest=Max("created_at"))
    attempts, _ = Attempt.objects.filter(generation__in=ids).delete()
    weighed, _ = Weighed.objects.filter(generation__in=ids).delete()
    generations, _ = gone.delete()
    usages, _ = KeyUsage.objects.filter(starts_at__lt=before).delete()
    return Purged(before, generations, attempts, weighed, usages, **span, complete=len(ids) < BATCH)


def _add(done: Purged, step: Purged) -> Purged:
    return Purged(
        done.before,
        done.generations + step.generations,
        done.attempts + step.attempts,
        done.weighed + step.weighed,
        done.usages + step.usages,
        done.oldest or step.oldest,  # batches go from the oldest on
        step.newest or done.newest,
        step.complete,
    )
