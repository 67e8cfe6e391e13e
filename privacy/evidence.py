"""The proof of a purge: counts and digests by table, signed, and an entry of the audit log that has its digest."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.audit_words import AuditAct
from accounts.ids import new_id
from accounts.signing import sign_statement
from privacy.models import PurgeRun

STATEMENT = "littlepull.purge/1"


@transaction.atomic
def write_evidence(counts: dict[str, dict[str, Any]], *, started_at: datetime) -> PurgeRun:
    run = PurgeRun(id=new_id("pur"), started_at=started_at, ended_at=timezone.now(), counts=counts)
    run.digest = digest_of(run)
    run.jws = sign_statement({**state(run), "sha256": run.digest})
    run.save(force_insert=True)
    audit.record(AuditAct.PURGE_RUN, actor=None, on=run, rows=run.rows, tables=len(counts), sha256=run.digest)
    return run


def state(run: PurgeRun) -> dict[str, Any]:
    return {
        "type": STATEMENT,
        "purge": run.pk,
        "started_at": write_moment(run.started_at),
        "ended_at": write_moment(run.ended_at),
        "tables": run.counts,
    }


def digest_of(run: PurgeRun) -> str:
    """Of the statement as canonical JSON: keys sorted, no spaces."""
    return hashlib.sha256(json.dumps(state(run), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write_moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
