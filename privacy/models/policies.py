"""The policies as they were published, who was told of them, and who accepted which."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.written_once import WrittenOnce


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def in_force(self) -> PolicyVersionQuerySet:
        return self.filter(effective_on__lte=timezone.localdate()).order_by("-number")


class PolicyVersion(WrittenOnce):
    """The privacy policy as it was published. A change is a new version."""

    number = models.PositiveIntegerField(primary_key=True)
    effective_on = models.DateField()
    major = models.BooleanField(default=False, help_text="Everybody is told of it, and asked to accept it.")
    text = models.TextField(help_text="Headings (#), lists (-), paragraphs; {contact} and {operator} are filled in.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text.")
    published_at = models.DateTimeField(default=timezone.now)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"policy {self.number}"


class PolicyAcceptance(models.Model):
    """That somebody has accepted a version, and when."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="one_acceptance_per_version")]


class PolicyNotice(models.Model):
    """That somebody was told by mail of a version that changes much: the proof, or where the next try begins."""

    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True, help_text="When the mail server took it.")
    text_sha256 = models.CharField(max_length=64, blank=True, help_text="Of what was sent.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="one_notice_per_version")]
        indexes = [models.Index(fields=["version"], name="notices_waiting", condition=Q(sent_at=None))]
