"""The audit log: its entries, its end, and how far it was signed. See accounts.audit."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

from accounts.audit_words import ActorKind, AuditAct
from accounts.written_once import WrittenOnce

AUDIT_KEPT = timedelta(days=3 * 365)  # the database itself refuses to delete an entry before


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def in_order(self) -> AuditEntryQuerySet:
        return self.order_by("number")

    def of(self, column: str, *values: str) -> AuditEntryQuerySet:
        """Said so that SQLite sees that its index, which is without the empty ones, will do."""
        return self.filter(**{f"{column}__in": values}).exclude(**{column: ""})

    def forgettable(self) -> AuditEntryQuerySet:
        # A day more: the database's clock decides, and triggers count in whole days.
        return self.filter(at__lt=timezone.now() - AUDIT_KEPT - timedelta(days=1))


class AuditEntry(WrittenOnce):
    """One act of staff, of the system or of a person on their own data. People stand in it by keyed references only.

    Chained: `digest` is the SHA-256 of all the other columns, of which one is the digest before. See accounts.audit.
    """

    number = models.BigIntegerField(primary_key=True, help_text="Counted from 1, without gaps.")
    at = models.DateTimeField(db_index=True)
    act = models.CharField(max_length=24, choices=AuditAct)
    by = models.CharField(max_length=7, choices=ActorKind)
    actor = models.CharField(max_length=64, blank=True, help_text="Keyed hash of the address of who did it.")
    staff_id = models.CharField(max_length=32, blank=True, help_text="The account, where it was staff.")
    subject = models.CharField(max_length=64, blank=True, help_text="Keyed hash of the address of whom it concerns.")
    table = models.CharField(max_length=60, blank=True)
    row = models.CharField(max_length=128, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="In our words; it names nobody.")
    details = models.JSONField(default=dict, help_text="Counts, yes or no, and codes.")
    previous = models.CharField(max_length=64, help_text="The digest of the entry before.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of this entry as canonical JSON.")

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit log"
        indexes = [
            models.Index(fields=["act", "-number"], name="audit_by_act"),
            models.Index(fields=["by", "-number"], name="audit_by_kind"),
            models.Index(fields=["staff_id", "-number"], name="audit_by_staff", condition=~models.Q(staff_id="")),
            models.Index(fields=["subject"], name="audit_by_subject", condition=~models.Q(subject="")),
            models.Index(fields=["row"], name="audit_by_row", condition=~models.Q(row="")),
        ]

    def __str__(self) -> str:
        return f"entry {self.number}"


class AuditHead(models.Model):
    """One row: the end of the audit log, and the lock under which it grows."""

    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True, help_text="Keyed hash of both: the database cannot make it.")
    signed_on = models.DateField(null=True, help_text="The day of the last checkpoint.")


class AuditCheckpoint(WrittenOnce):
    """How far the audit log had come, signed: what is before it can be neither rewritten nor cut off unnoticed."""

    number = models.BigIntegerField(primary_key=True, help_text="Of the last entry it vouches for.")
    at = models.DateTimeField()
    jws = models.TextField()
