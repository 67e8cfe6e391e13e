"""Where jobs and money could disagree: each fault as one sentence, for check_ledger."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q

from billing.models import Hold
from extraction.models import Envelope, Job


def find_faults_of_jobs() -> Iterator[str]:
    finished = Job.objects.finished()
    for job in finished.filter(hold__status=Hold.Status.OPEN):
        yield f"extraction {job.pk} is {job.status}, yet its hold is open"
    for job in Job.objects.filter(hold__isnull=False).exclude(charged=F("hold__charged")):
        yield f"extraction {job.pk} says another charge than its hold"
    for job in Job.objects.filter(Q(charged__gt=F("estimated"))):
        yield f"extraction {job.pk} was charged more than it was reckoned to cost"
    for envelope in Envelope.objects.filter(content=Envelope.Content.MEDIA, job__in=finished):
        yield f"extraction {envelope.job_id} has ended, yet the key of its media is there"
