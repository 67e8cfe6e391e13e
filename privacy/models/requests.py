"""What a person asked of their data, and what was handed over or erased for them.

A person is named here by account and by a keyed reference of their address; the reference outlives an erasure, the
address does not. No column holds what a person wrote, but for a short note that is erased when its request is closed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import new_id
from accounts.models import User

ANSWERED_WITHIN = timedelta(days=30)
EXTENDED_BY = timedelta(days=60)
PROOF_KEPT = timedelta(days=3 * 365)  # as long as an answer can be disputed
LINK_LASTS = timedelta(days=5)


def due_date() -> datetime:
    return timezone.now() + ANSWERED_WITHIN


def link_end() -> datetime:
    return timezone.now() + LINK_LASTS


class SubjectRequestQuerySet(models.QuerySet["SubjectRequest"]):
    def owned_by(self, user: User) -> SubjectRequestQuerySet:
        return self.filter(user=user)

    def open(self) -> SubjectRequestQuerySet:
        return self.exclude(status__in=SubjectRequest.CLOSED)

    def due_before(self, moment: datetime) -> SubjectRequestQuerySet:
        return self.open().annotate(due=Coalesce(F("extended_until"), F("due_at"))).filter(due__lt=moment)

    def overdue(self) -> SubjectRequestQuerySet:
        return self.due_before(timezone.now())


class SubjectRequest(models.Model):
    """Somebody asks about data of theirs. `status` is written only by privacy.subject_requests."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("Access")
        PORTABILITY = "portability", _("Portability")
        RECTIFICATION = "rectification", _("Correction")
        ERASURE = "erasure", _("Erasure")

    class Status(models.TextChoices):
        RECEIVED = "received", _("Received")
        VERIFYING = "verifying", _("Waiting for a code we mailed")
        PENDING = "pending", _("Waiting to be looked at")
        APPROVED = "approved", _("Approved")
        DENIED = "denied", _("Denied")
        IN_PROGRESS = "in_progress", _("Under way")
        WAITING_SUBJECT = "waiting_subject", _("Waiting for you")
        EXTENDED = "extended", _("More time is needed")
        COMPLETE = "complete", _("Complete")
        CANCELLED = "cancelled", _("Cancelled")
        ERROR = "error", _("Failed, and looked into")

    CLOSED = (Status.DENIED, Status.COMPLETE, Status.CANCELLED)

    class Source(models.TextChoices):
        PORTAL = "portal", _("The portal")
        API = "api", _("The API")
        WRITTEN = "written", _("Somebody wrote in")
        STAFF = "staff", _("Staff")

    class Identity(models.TextChoices):
        SESSION = "session", _("They were signed in")
        KEY = "key", _("An API key of theirs")
        CODE = "code", _("A code mailed to their address")
        STAFF = "staff", _("Staff made sure")

    class Corrects(models.TextChoices):
        NAME = "name", _("The name")
        EMAIL = "email", _("The e-mail address")
        OTHER = "other", _("Something else")

    class Extension(models.TextChoices):
        COMPLEXITY = "complexity", _("the request is complex")
        NUMBER = "number", _("there are many requests")

    class Denial(models.TextChoices):
        NOT_IDENTIFIED = "not_identified", _("we could not make sure who asked")
        NOTHING_HELD = "nothing_held", _("we hold nothing of theirs")
        UNFOUNDED = "unfounded", _("the request is manifestly unfounded")
        EXCESSIVE = "excessive", _("the request is manifestly excessive")
        LEGAL_DUTY = "legal_duty", _("the law obliges us to keep it")

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "req"), editable=False)
    kind = models.CharField(max_length=13, choices=Kind)
    status = models.CharField(max_length=15, choices=Status, default=Status.RECEIVED)
    source = models.CharField(max_length=7, choices=Source)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    subject = models.CharField(max_length=64, db_index=True, help_text="Keyed hash of their address; outlives it.")
    email = models.EmailField(blank=True, help_text="Of somebody who wrote in; erased at closing.")
    note = models.CharField(max_length=500, blank=True, help_text="In their words; erased at closing.")
    corrects = models.CharField(max_length=5, choices=Corrects, blank=True)
    identity = models.CharField(max_length=7, choices=Identity, blank=True, help_text="How we know who asks.")
    verified_at = models.DateTimeField(null=True, blank=True)
    duplicate_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="duplicates")
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=due_date)
    extended_until = models.DateTimeField(null=True, blank=True)
    extended_because = models.CharField(max_length=10, choices=Extension, blank=True)
    denied_because = models.CharField(max_length=14, choices=Denial, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reminded = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often staff were reminded since its date was set."
    )

    objects = SubjectRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="requests_of_a_person"),
            models.Index(
                fields=["due_at"], name="requests_open", condition=~Q(status__in=["denied", "complete", "cancelled"])
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(email="", note=""), name="nothing_of_them_is_left_at_closing"
            )
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_open(self) -> bool:
        return self.status not in self.CLOSED

    @property
    def answer_by(self) -> datetime:
        return self.extended_until or self.due_at

    @property
    def days_left(self) -> int:
        return (self.answer_by - timezone.now()).days


class RequestChange(models.Model):
    """One step of a request: from what to what, when, by whom, and why."""

    class By(models.TextChoices):
        SUBJECT = "subject", _("you")
        STAFF = "staff", _("our staff")
        SYSTEM = "system", _("the system")

    request = models.ForeignKey(SubjectRequest, models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    before = models.CharField(max_length=15, choices=SubjectRequest.Status, blank=True, help_text="Empty: opened.")
    after = models.CharField(max_length=15, choices=SubjectRequest.Status)
    by = models.CharField(max_length=7, choices=By)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True, help_text="In our words; nothing of the person.")

    class Meta:
        ordering = ["pk"]


class MailedCode(models.Model):
    """What was mailed to somebody who wrote in, hashed: to be told within ten minutes, in at most three tries."""

    request = models.OneToOneField(SubjectRequest, models.CASCADE, primary_key=True, related_name="code")
    digest = models.CharField(max_length=64)
    tries_left = models.PositiveSmallIntegerField(default=3)
    expires_at = models.DateTimeField()


class ExportQuerySet(models.QuerySet["Export"]):
    def owned_by(self, user: User) -> ExportQuerySet:
        return self.filter(user=user)

    def readable(self) -> ExportQuerySet:
        return self.filter(read_at=None, expires_at__gt=timezone.now())


class Export(models.Model):
    """Leave to download once what is held about a person. The file itself is made while it is read, and never kept."""

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "exp"), editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    request = models.ForeignKey(SubjectRequest, models.SET_NULL, null=True, related_name="exports")
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)
    expires_at = models.DateTimeField(default=link_end)
    read_at = models.DateTimeField(null=True, blank=True, help_text="When its one download began.")

    objects = ExportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.id


class ErasureRun(models.Model):
    """One erasure: what it was to do, who approved exactly that, and the signed proof that it was done."""

    class Status(models.TextChoices):
        PREVIEWED = "previewed", _("Previewed")
        APPROVED = "approved", _("Approved")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "era"), editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    request = models.ForeignKey(SubjectRequest, models.SET_NULL, null=True, related_name="erasures")
    subject = models.CharField(max_length=64, db_index=True, help_text="Keyed hash of their address; outlives it.")
    status = models.CharField(max_length=9, choices=Status, default=Status.PREVIEWED)
    preview = models.JSONField(help_text="Per table: how many rows, what becomes of them, and on what ground.")
    digest = models.CharField(max_length=64, help_text="Of what was previewed: nothing else may be run.")
    previewed_at = models.DateTimeField(default=timezone.now)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    run_at = models.DateTimeField(null=True, blank=True, help_text="When it was complete.")
    receipt = models.TextField(blank=True, help_text="A JWS: what was erased and kept, signed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(status="running"), name="one_erasure_at_a_time"),
        ]

    def __str__(self) -> str:
        return self.id
