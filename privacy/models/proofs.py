"""Signed statements about ourselves: promises looked at, and what was deleted in its time. About nobody."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.utils import timezone

from accounts.ids import new_id


class Attestation(models.Model):
    """What the checks of all promises saw at one moment, signed. About nobody."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    promises = models.PositiveSmallIntegerField()
    broken = models.PositiveSmallIntegerField()
    jws = models.TextField(help_text="The statement: each promise, its evidence, its faults.")

    class Meta:
        ordering = ["-pk"]


class PurgeRun(models.Model):
    """What one purge deleted, signed: how many rows of which tables, and a digest of which. About nobody."""

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "pur"), editable=False)
    started_at = models.DateTimeField(default=timezone.now, db_index=True)
    ended_at = models.DateTimeField(default=timezone.now)
    counts = models.JSONField(help_text="Per table: how many rows, and the SHA-256 of their numbers.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the statement, as canonical JSON.")
    jws = models.TextField(help_text="The statement, signed.")

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return self.id

    @property
    def rows(self) -> int:
        return sum(table["rows"] for table in self.counts.values())
