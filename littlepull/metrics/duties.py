"""What we owe people: promises, answers to their requests, and deletion in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models.functions import Coalesce
from django.utils import timezone
from prometheus_client.core import Metric

from littlepull.metrics.family import gauge, gauges, stamp
from privacy.attesting import find_latest
from privacy.erase import BROKEN_OFF_AFTER
from privacy.models import ErasureRun, PurgeRun, SubjectRequest

SOON = timedelta(days=10)


def look_at_promises() -> Iterator[Metric]:
    latest = find_latest()
    broken = latest.broken if latest else 0
    states = {("kept",): latest.promises - broken if latest else 0, ("broken",): broken}
    yield gauges("promises", "Sentences of the policies, as the last look at them found.", ["state"], states)
    at = stamp(latest.at if latest else None)
    yield gauge("promises_checked_timestamp_seconds", "When that was; 0: never.", at)
    purge = PurgeRun.objects.only("ended_at", "counts").first()
    ended = stamp(purge.ended_at if purge else None)
    yield gauge("purged_timestamp_seconds", "When what is past its time was last deleted; 0: never.", ended)
    yield gauge("purged_rows", "How many rows that were.", purge.rows if purge else 0)


def look_at_requests() -> Iterator[Metric]:
    now = timezone.now()
    rows = SubjectRequest.objects.all()
    overdue, soon, open_ = rows.overdue().count(), rows.due_before(now + SOON).count(), rows.open().count()
    due = {("overdue",): overdue, ("within_10_days",): soon - overdue, ("later",): open_ - soon}
    yield gauges("subject_requests", "Requests about personal data, by their legal date.", ["due"], due)
    nearest = rows.open().order_by(Coalesce("extended_until", "due_at")).first()
    left = (nearest.answer_by - now).total_seconds() if nearest else 0.0
    yield gauge("subject_request_nearest_seconds", "Until the nearest of those dates; 0: none is open.", left)
    running = ErasureRun.objects.filter(status=ErasureRun.Status.RUNNING)
    broken_off = running.filter(approved_at__lt=now - BROKEN_OFF_AFTER).count()
    waiting = ErasureRun.objects.filter(status=ErasureRun.Status.APPROVED).count()
    states = {("approved",): waiting, ("running",): running.count() - broken_off, ("broken_off",): broken_off}
    yield gauges("erasures", "Erasures that are not done.", ["state"], states)
