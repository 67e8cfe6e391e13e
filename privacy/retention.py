"""One purge for every table, by the data map: what is past its time goes, and the proof that it went is signed.

In batches, each a transaction of its own with a rest after it: a purge may stop anywhere, others write meanwhile, and
the next one takes up what is left.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError, QuerySet
from django.utils import timezone

from accounts.erasure import empty_write_ahead_log
from privacy.data_map import WHOLE_MAP, Row
from privacy.data_map.term import Term
from privacy.evidence import write_evidence, write_moment
from privacy.models import PurgeRun

log = logging.getLogger(__name__)
BATCH = 250
REST = 1.0  # after each batch, as long as it took: others write meanwhile
SWEPT_WITHIN = timedelta(hours=2)  # what is due is purged within it


@dataclass(frozen=True, slots=True)
class Gone:
    """A batch: which rows, how many of which tables, and from which moments their time was counted."""

    ids: list[Any]
    deleted: Counter[str]
    moments: list[datetime]


@dataclass(slots=True)
class Tally:
    """What is gone so far: rows by table, those that went with others included; which they were, as a digest, and
    from when to when.
    """

    rows: Counter[str] = field(default_factory=Counter)
    digests: dict[str, Any] = field(default_factory=dict)

    spans: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def add(self, table: str, gone: Gone) -> None:
        self.rows.update(gone.deleted)
        self.digests.setdefault(table, sha256()).update("".join(f"{one}\n" for one in gone.ids).encode())
        if gone.moments:
            known = self.spans.get(table, (gone.moments[0], gone.moments[0]))
            self.spans[table] = (min(known[0], *gone.moments), max(known[1], *gone.moments))

    def told(self) -> dict[str, dict[str, Any]]:
        return {table: self._tell(table, count) for table, count in sorted(self.rows.items()) if count}

    def _tell(self, table: str, count: int) -> dict[str, Any]:
        told: dict[str, Any] = {"rows": count}
        if table in self.digests:
            told["sha256"] = self.digests[table].hexdigest()
        if table in self.spans:
            told["from"], told["to"] = map(write_moment, self.spans[table])
        return told


def purge(now: datetime | None = None, *, batch: int = BATCH, rest: float = REST) -> PurgeRun | None:
    """All that is past its time at `now`. The evidence; None where there was nothing, and today that is said already.

    Safe to run at any time, any number of times, by any number of workers.
    """
    began = timezone.now()
    tally = Tally()
    for row, term in reversed(rows_with_terms()):
        try:
            _purge_table(row, term, now or began, batch, rest, tally)
        except (ProtectedError, IntegrityError):  # something new points to these rows: the others are due all the same
            log.exception("rows of %s are past their time and cannot be deleted", row.table)
    if tally.rows.total():
        empty_write_ahead_log()
    elif PurgeRun.objects.filter(started_at__date=began.date()).exists():
        return None
    return write_evidence(tally.told(), started_at=began)


def rows_with_terms() -> list[tuple[Row, Term]]:
    return [(row, row.term) for row in WHOLE_MAP if row.term is not None]


def find_overdue(now: datetime | None = None, *, within: timedelta = SWEPT_WITHIN) -> dict[str, int]:
    """By table, how many rows should have been gone by now, and by how much later a purge may come."""
    by = (now or timezone.now()) - within
    return {row.table: term.find_past(row.table, by).count() for row, term in rows_with_terms()}


def _purge_table(row: Row, term: Term, now: datetime, batch: int, rest: float, tally: Tally) -> None:
    if term.by is not None:
        tally.rows[row.table] += term.by()
        return
    while True:
        began = time.monotonic()
        gone = _delete_some(row, term.find_past(row.table, now), term.since, batch)
        tally.add(row.table, gone)
        if len(gone.ids) < batch or not gone.deleted.total():
            return
        time.sleep(rest * (time.monotonic() - began))


@transaction.atomic
def _delete_some(row: Row, past: QuerySet[Any], since: str, batch: int) -> Gone:
    """What belongs to them goes first, and is counted by itself."""
    found = list(past.values_list("pk", since)[:batch])
    ids, moments = [pk for pk, _ in found], [moment for _, moment in found if moment is not None]
    deleted: Counter[str] = Counter()
    if ids:
        for model, link in _belonging(row.table):
            deleted[model._meta.label] += model._base_manager.filter(**{f"{link}__in": ids}).delete()[0]
        deleted.update(_delete_rows(row, past.filter(pk__in=ids)))
    return Gone(ids, deleted, moments)


def _delete_rows(row: Row, rows: QuerySet[Any]) -> dict[str, int]:
    """Where all that points to a table is gone by now, Django need not look for it, nor fetch each row to delete it."""
    pointing = {(one.related_model, one.field.name) for one in rows.model._meta.related_objects}
    if pointing <= set(_belonging(row.table)):
        return {row.table: rows.order_by()._raw_delete(rows.db)}
    return rows.delete()[1]


@cache
def _belonging(table: str) -> list[tuple[type[Model], str]]:
    """Tables whose rows go with this one's, and by which link."""
    links = [(apps.get_model(one.table), one.goes_with) for one in WHOLE_MAP if one.goes_with]
    parent = apps.get_model(table)
    return [(model, link) for model, link in links if model._meta.get_field(link).related_model is parent]
