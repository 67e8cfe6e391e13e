"""What must happen even if somebody died: stalled jobs, expired results, files nobody owns.

Each sweep is safe to run at any time, any number of times, on any number of machines.
"""

from __future__ import annotations

import contextlib

from django.conf import settings
from django.db.models.functions import Now

from extraction import jobs, meters, spool, tickets
from extraction.errors import Unavailable
from extraction.models import Envelope, Job

ORPHAN_AFTER_SECONDS = 15 * 60  # an upload that takes longer than this is not coming


def sweep_stalled() -> int:
    """Jobs whose worker went silent: back in the queue, or failed when attempts or media are used up."""
    claims = [claim for job in Job.objects.stalled() if (claim := jobs.take_over(job))]
    for claim in claims:
        with contextlib.suppress(Unavailable):  # its media cannot be removed now, so it cannot end yet
            jobs.retry_or_fail(claim, "engine_crashed", "Our worker died while it ran this job, more than once.")
    return len(claims)


def sweep_results() -> int:
    """Results past their time, and those a crash left without their date of destruction."""
    expired = Job.objects.filter(expires_at__lt=Now(), result_destroyed_at=None)
    return sum(jobs.destroy_result(job) for job in expired)


def sweep_spool(*, older_than_seconds: float = ORPHAN_AFTER_SECONDS) -> int:
    """Sealed files without a key: their upload or their destruction was interrupted. Noise, but not ours to keep."""
    suspects = spool.older_than(older_than_seconds)
    media = Envelope.objects.filter(content=Envelope.Content.MEDIA, job__spool_id__in=suspects)
    owned = set(media.values_list("job__spool_id", flat=True))
    orphans = [spool_id for spool_id in suspects if spool_id not in owned]
    for spool_id in orphans:
        spool.remove(spool_id, unfinished=True)
    for job in Job.objects.finished().filter(media_destroyed_at=None):
        jobs.remove_bytes(job.pk)
    return len(orphans)


def sweep() -> dict[str, int]:
    found = {"stalled": sweep_stalled(), "results": sweep_results()}
    if settings.QUEUE_URL:
        found["tickets"] = tickets.publish_missing()
    found["files"] = sweep_spool()
    meters.note_sweep(found)
    return found
