"""A job, its events, the envelopes its secrets travel in, and the workers that run it.

No column here holds media, recognized text, a schema or a result in the clear: what must exist
for a moment is sealed in an Envelope, whose key is deleted when that moment is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.ids import new_id
from accounts.models import ApiKey, User
from billing.models import Hold


class Batch(models.Model):
    """Files that were sent together. Each accepted one is a job of its own; the others are named by code."""

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "bat"), editable=False)
    api_key = models.ForeignKey(ApiKey, models.PROTECT, related_name="+")
    refusals = models.JSONField(default=list, help_text="Position and code of each file that was not accepted.")
    created_at = models.DateTimeField(default=timezone.now)


class JobQuerySet(models.QuerySet["Job"]):
    def owned_by(self, user: User) -> JobQuerySet:
        return self.filter(api_key__user=user)

    def waiting(self, queues: Sequence[str] = ()) -> JobQuerySet:
        among = self.filter(queue__in=queues) if queues else self
        return among.filter(status=Job.Status.QUEUED, run_after__lte=Now())

    def active(self) -> JobQuerySet:
        return self.filter(status__in=[Job.Status.QUEUED, Job.Status.RUNNING])

    def stalled(self) -> JobQuerySet:
        return self.filter(status=Job.Status.RUNNING, lease_expires_at__lt=Now())

    def finished(self) -> JobQuerySet:
        return self.filter(status__in=Job.FINISHED)


class Job(models.Model):
    """One extraction from submission to its end. `status` is written only by extraction.jobs."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELED = "canceled"

    FINISHED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELED)

    class Stage(models.TextChoices):
        RECEIVED = "received"
        DECODING = "decoding"
        RECOGNIZING = "recognizing"
        MAPPING = "mapping"
        DONE = "done"

    class Priority(models.IntegerChoices):
        """Numbers, so that there is room between them."""

        SYNC = 10, "Its caller waits on the line"
        ASYNC = 50, "Asked for alone"
        BATCH = 90, "One of many"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "ext"), editable=False)
    api_key = models.ForeignKey(ApiKey, models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="jobs")
    batch_index = models.PositiveIntegerField(null=True, help_text="Its place among the files of its batch, from 0.")
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    metadata = models.JSONField(default=dict, help_text="The caller's own labels, stored and echoed back.")

    media_type = models.CharField(max_length=40, help_text="What the bytes are, not what they were called.")
    media_bytes = models.PositiveBigIntegerField()
    pages = models.PositiveIntegerField(null=True, help_text="Pages to read, for images and documents.")
    failed_pages = models.JSONField(default=list, help_text="Numbers of pages that could not be read.")
    seconds = models.FloatField(null=True, help_text="Length, for recordings.")
    spool_id = models.CharField(max_length=32, help_text="Name of the sealed file, while there is one.")

    stage = models.CharField(max_length=11, choices=Stage, default=Stage.RECEIVED)
    stage_done = models.PositiveIntegerField(default=0)
    stage_total = models.PositiveIntegerField(default=0)
    event_count = models.PositiveIntegerField(default=0, help_text="Sequence number of the newest event.")

    hold = models.OneToOneField(Hold, models.PROTECT, null=True, related_name="+", help_text="None in test mode.")
    estimated = models.BigIntegerField(help_text="Micro-credits it was reckoned to cost.")
    charged = models.BigIntegerField(default=0, help_text="Micro-credits it did cost.")

    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.ASYNC)
    queue = models.CharField(
        max_length=20, default="cpu", db_default="cpu", help_text="What its worker needs, see extraction.queues."
    )
    turn = models.BigIntegerField(default=0, help_text="Fair share: the smallest is next, see extraction.fairness.")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.CharField(max_length=40, blank=True, help_text="Whose run this is; empty while nobody's.")
    lease_expires_at = models.DateTimeField(null=True)
    run_after = models.DateTimeField(default=timezone.now)

    engines = models.JSONField(default=dict, help_text="Which engine read it and which mapper mapped it.")
    timings = models.JSONField(default=dict, help_text="Milliseconds by stage.")
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=300, blank=True, help_text="Our sentence, nothing of the media.")

    result_ttl_seconds = models.PositiveIntegerField(default=3600)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text="When the result is destroyed at the latest.")
    media_destroyed_at = models.DateTimeField(null=True)
    result_destroyed_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            # What a worker asks many times a second: the next job that may run.
            models.Index(fields=["priority", "turn"], name="job_waiting", condition=Q(status="queued")),
            models.Index(fields=["lease_expires_at"], name="job_leases", condition=Q(status="running")),
            models.Index(fields=["api_key", "-id"], name="job_list"),  # ids sort by time
            models.Index(fields=["expires_at"], name="job_results", condition=Q(result_destroyed_at=None)),
        ]
        constraints = [models.UniqueConstraint(fields=["batch", "batch_index"], name="one_job_per_place_in_batch")]

    @property
    def is_finished(self) -> bool:
        return self.status in self.FINISHED

    @property
    def may_be_retried(self) -> bool:
        return self.attempts < settings.MAX_ATTEMPTS and self.media_destroyed_at is None


class JobEvent(models.Model):
    """Something the caller can watch happen. Numbered from 1 without gaps, so a watcher can resume."""

    class Kind(models.TextChoices):
        PROGRESS = "progress"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELED = "canceled"

    job = models.ForeignKey(Job, models.CASCADE, related_name="events")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=9, choices=Kind)
    stage = models.CharField(max_length=11, choices=Job.Stage)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["sequence"]
        constraints = [models.UniqueConstraint(fields=["job", "sequence"], name="one_event_per_number")]


class Envelope(models.Model):
    """The key of something sealed, itself wrapped by the installation's key. Deleting the row shreds it.

    The sealed bytes of media lie in the spool; an order's and a result's lie here.
    """

    class Content(models.TextChoices):
        MEDIA = "media"
        ORDER = "order", "The caller's schema and options"
        RESULT = "result"

    job = models.ForeignKey(Job, models.CASCADE, related_name="envelopes")
    content = models.CharField(max_length=6, choices=Content)
    wrapped_key = models.BinaryField()
    sealed = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "content"], name="one_envelope_per_content")]


class SavedSchemaQuerySet(models.QuerySet["SavedSchema"]):
    def owned_by(self, user: User) -> SavedSchemaQuerySet:
        return self.filter(user=user)


class SavedSchema(models.Model):
    """A schema its owner keeps here under a name, in versions that never change."""

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "sch"), editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=64)
    description = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SavedSchemaQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_schema_per_name")]


class SchemaVersion(models.Model):
    """One version of a saved schema, sealed: what somebody wants to know of papers can be a secret too."""

    saved = models.ForeignKey(SavedSchema, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    wrapped_key = models.BinaryField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["saved", "number"], name="one_schema_per_version")]


class WorkerBeatQuerySet(models.QuerySet["WorkerBeat"]):
    def alive(self) -> WorkerBeatQuerySet:
        return self.filter(seen_at__gt=timezone.now() - timedelta(seconds=settings.LEASE_SECONDS))


class WorkerBeat(models.Model):
    """A worker's sign of life, for /readyz; leases, not beats, decide about jobs."""

    worker_id = models.CharField(primary_key=True, max_length=40)
    seen_at = models.DateTimeField(default=timezone.now)
    ready = models.BooleanField(default=False, help_text="Its engines have their models loaded.")
    queues = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="Those it takes from, by commas; empty: all."
    )

    objects = WorkerBeatQuerySet.as_manager()
