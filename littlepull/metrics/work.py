"""Jobs, workers and webhooks, as their rows say: by indexes, or of the last minutes alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from statistics import quantiles

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import Metric

from accounts.ids import first_id
from accounts.models import WebhookDelivery, WebhookEndpoint
from extraction.models import Job, WorkerBeat
from littlepull.metrics.family import gauge, gauges, seconds_since

LATELY = timedelta(minutes=15)
AN_HOUR = timedelta(hours=1)
TIMED = 500  # jobs, the newest, of which stages are told


def look_at_jobs() -> Iterator[Metric]:
    now = timezone.now()
    queued = Job.objects.filter(status=Job.Status.QUEUED)
    waiting = queued.filter(run_after__lte=now).aggregate(count=Count("pk"), oldest=Min("run_after"))
    leased = Job.objects.filter(status=Job.Status.RUNNING, lease_expires_at__isnull=False)
    states = {
        ("waiting",): waiting["count"],
        ("delayed",): queued.filter(run_after__gt=now).count(),
        ("running",): leased.filter(lease_expires_at__gte=now).count(),
        ("stalled",): leased.filter(lease_expires_at__lt=now).count(),
    }
    yield gauges("jobs", "Extractions that have not ended; stalled: their lease ran out.", ["state"], states)
    oldest = seconds_since(waiting["oldest"], now)
    yield gauge("job_oldest_waiting_seconds", "For how long the next but one could have begun: the oldest.", oldest)


def look_at_workers() -> Iterator[Metric]:
    ready = list(WorkerBeat.objects.alive().values_list("ready", flat=True))
    states = {("alive",): len(ready), ("ready",): sum(ready)}
    yield gauges("workers", "Workers with a sign of life within a lease.", ["state"], states)


def look_lately() -> Iterator[Metric]:
    """Of the extractions of the last quarter of an hour: how they ended, and how long each stage took."""
    recent = Job.objects.filter(pk__gte=first_id("ext", timezone.now() - LATELY))
    ended = recent.filter(status__in=Job.FINISHED).values_list("status", "error_code").annotate(count=Count("pk"))
    counts = {(status, code or "none"): count for status, code, count in ended.order_by()}
    yield gauges("jobs_lately", "Extractions of the last 15 minutes that have ended.", ["state", "code"], counts)
    timed = recent.filter(status=Job.Status.SUCCEEDED).order_by("-pk").values_list("timings", flat=True)[:TIMED]
    stages: dict[str, list[float]] = defaultdict(list)
    for timings in timed:
        for name, milliseconds in timings.items():
            stages[name.removesuffix("_ms")].append(milliseconds / 1000)
    figures = {
        (stage, quantile): value for stage, times in stages.items() for quantile, value in _quantiles(times).items()
    }
    yield gauges("job_stage_seconds", "Stages of the newest of them.", ["stage", "quantile"], figures)


def look_at_webhooks() -> Iterator[Metric]:
    now = timezone.now()
    due = WebhookDelivery.objects.due().aggregate(count=Count("pk"), oldest=Min("next_attempt_at"))
    pending = WebhookDelivery.objects.filter(status=WebhookDelivery.Status.PENDING)
    lately = WebhookDelivery.objects.filter(pk__gte=first_id("dlv", now - AN_HOUR))
    failed = lately.filter(status=WebhookDelivery.Status.FAILED).count()
    states = {("due",): due["count"], ("pending",): pending.count(), ("failed_lately",): failed}
    says = "Messages to customers; failed: of those of the last hour, given up."
    yield gauges("webhooks", says, ["state"], states)
    oldest = seconds_since(due["oldest"], now)
    yield gauge("webhook_oldest_due_seconds", "For how long the oldest that is due has been.", oldest)
    off = WebhookEndpoint.objects.exclude(disabled_because="").values_list("disabled_because")
    counts = {(why,): count for why, count in off.annotate(count=Count("pk")).order_by()}
    yield gauges("webhook_endpoints_disabled", "Customers' addresses that are told nothing.", ["because"], counts)


def _quantiles(times: list[float]) -> dict[str, float]:
    if len(times) == 1:
        return {"0.5": times[0], "0.95": times[0]}
    cuts = quantiles(times, n=20, method="inclusive")
    return {"0.5": cuts[9], "0.95": cuts[18]}
