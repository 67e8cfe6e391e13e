"""Erasing a person: previewed, approved as previewed, and run in an order that loses nothing and lets nothing in.

Keys first; then what runs and what lies sealed; then the rows, from the bottom of the data map to its top; the account
itself last. A run that was broken off is run again: every step may be repeated.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.audit_words import AuditAct
from accounts.erasure import close_account, delete_rows, empty_write_ahead_log, lock_account, masked_email
from accounts.models import User
from accounts.signing import sign_statement
from accounts.subjects import refer_to
from billing.erasure import mask_late_references, write_off_credits
from extraction.erasure import destroy_content, stop_jobs
from privacy import erasure_log, request_mail
from privacy.data_map import Act, Row
from privacy.errors import ErasureOutdated, ErasureRefused, RequestMoved
from privacy.holdings import find_rows, personal_rows
from privacy.models import ErasureRun, RequestChange, SubjectRequest
from privacy.preview import find_obstacles, reckon
from privacy.subject_requests import open_request, take_step

log = logging.getLogger(__name__)
Status, By = ErasureRun.Status, RequestChange.By
STATEMENT = "littlepull.erasure/1"
ELSEWHERE = (
    "Asked to mask its record of the customer and to delete saved ways to pay. Its transactions and invoices it keeps "
    "as the merchant of record, for as long as its own bookkeeping duty obliges it."
)
BROKEN_OFF_AFTER = timedelta(minutes=10)
LATE_FOR = timedelta(days=1)  # a gateway's journal may be entered into the books after its process died


@transaction.atomic
def place_preview(user: User, *, request: SubjectRequest | None = None, actor: User | None = None) -> ErasureRun:
    """Written down for somebody to approve."""
    run = _write_preview(user, request)
    audit.record(AuditAct.ERASURE_PREVIEWED, actor=actor, subject=user, on=run, preview=run.digest)
    return run


@transaction.atomic
def approve(run: ErasureRun, digest: str, *, actor: User, reason: str = "") -> ErasureRun:
    """What was looked at, named by its digest. Raises ErasureOutdated where the run is of something else."""
    approved = _approve(run, digest, actor)
    audit.record(AuditAct.ERASURE_APPROVED, actor=actor, subject=run.subject, on=run, reason=reason, preview=digest)
    return approved


def _write_preview(user: User, request: SubjectRequest | None) -> ErasureRun:
    preview = reckon(user)
    return ErasureRun.objects.create(
        user=user, request=request, subject=refer_to(user.email), preview=preview.to_json(), digest=preview.digest
    )


def _approve(run: ErasureRun, digest: str, actor: User) -> ErasureRun:
    if digest != run.digest:
        raise ErasureOutdated
    previewed = ErasureRun.objects.filter(pk=run.pk, status=Status.PREVIEWED)
    if not previewed.update(status=Status.APPROVED, approved_at=timezone.now(), approved_by=actor):
        raise RequestMoved
    run.refresh_from_db()
    return run


def erase_at_once(user: User, digest: str, *, source: str) -> ErasureRun:
    """By the person, of what they have just seen. Raises ErasureOutdated, ErasureRefused, TooManyOpenRequests."""
    with transaction.atomic():
        request = open_request(
            SubjectRequest.Kind.ERASURE,
            user=user,
            source=source,
            identity=SubjectRequest.Identity.SESSION,
            at_once=True,
        )
        run = _approve(_write_preview(user, request), digest, user)
        _begin(run, user)
        audit.record(AuditAct.ERASURE_APPROVED, actor=user, subject=run.subject, on=run, preview=digest, source=source)
    return run_erasure(run)


def run_erasure(run: ErasureRun) -> ErasureRun:
    """At once, and for good. Raises ErasureOutdated, ErasureRefused, RequestMoved; then nothing has happened."""
    user = run.user
    if user is None:
        raise RequestMoved
    address = user.email
    if run.status != Status.RUNNING:
        _begin(run, user)
    erase_rows(user)
    erasure_log.record(run)  # first: whatever is called done has to survive a restore
    _finish(run)
    empty_write_ahead_log()
    if address != masked_email(user):  # a run taken up again may have forgotten it already
        request_mail.send(run.request, "erased", address, run=run)
    log.info("erasure %s is done", run.pk)
    return run


def erase_rows(user: User) -> None:
    """All that the data map says; harmless where it was done before, so also what comes in late goes by this."""
    stop_jobs(user)
    destroy_content(user)
    write_off_credits(user)
    for row in reversed(personal_rows()):
        _erase(row, user)


def tidy_up() -> int:
    """For the worker, now and then: runs that were broken off, and what came in late for those just done; how many."""
    now = timezone.now()
    broken_off = ErasureRun.objects.filter(status=Status.RUNNING, approved_at__lt=now - BROKEN_OFF_AFTER)
    for run in broken_off:
        run_erasure(run)
    just_done = ErasureRun.objects.filter(status=Status.DONE, run_at__gt=now - LATE_FOR, user__isnull=False)
    for run in just_done.select_related("user"):
        if run.user is not None:
            erase_rows(run.user)
    if mask_late_references() or just_done:
        empty_write_ahead_log()  # somebody who read at the wrong moment may have kept it from being emptied
    return len(broken_off)


@transaction.atomic
def _begin(run: ErasureRun, user: User) -> None:
    """The account is closed in the transaction that has made sure that nothing has changed."""
    locked = lock_account(user)
    approved = ErasureRun.objects.filter(pk=run.pk, status=Status.APPROVED)
    if not approved.update(status=Status.RUNNING):
        raise RequestMoved
    if obstacles := find_obstacles(locked):
        raise ErasureRefused(obstacles)
    if reckon(locked).digest != run.digest:
        raise ErasureOutdated
    if run.request is not None:
        take_step(run.request, SubjectRequest.Status.IN_PROGRESS, by=By.SYSTEM)
    close_account(locked)
    run.refresh_from_db()


@transaction.atomic
def _finish(run: ErasureRun) -> None:
    run.run_at = timezone.now()
    run.receipt = sign_receipt(run)
    running = ErasureRun.objects.filter(pk=run.pk, status=Status.RUNNING)
    running.update(status=Status.DONE, run_at=run.run_at, receipt=run.receipt)
    run.refresh_from_db()
    if run.request is not None and run.request.is_open:
        take_step(run.request, SubjectRequest.Status.COMPLETE, by=By.SYSTEM, reason="erased, with a signed receipt")
    audit.record(AuditAct.ERASURE_RUN, actor=None, subject=run.subject, on=run, preview=run.digest)


def _erase(row: Row, user: User) -> None:
    if row.by is not None:
        row.by(user)
    elif row.act == Act.ERASE:
        delete_rows(find_rows(row, user))


def sign_receipt(run: ErasureRun) -> str:
    """What was erased, masked and kept, of a run that is complete."""
    return sign_statement(_statement(run))


def _statement(run: ErasureRun) -> dict[str, Any]:
    tables = run.preview["tables"]
    again = {"reapplies": run.preview["reapplies"]} if "reapplies" in run.preview else {}
    return {
        "type": STATEMENT,
        "erasure": run.pk,
        "request": run.request_id,
        "subject": run.subject,
        "previewed_at": _moment(run.previewed_at),
        "approved_at": _moment(run.approved_at),
        "completed_at": _moment(run.run_at),
        "preview_sha256": run.digest,
        "erased": [_told(table) for table in tables if table["act"] == Act.ERASE],
        "masked": [_told(table) for table in tables if table["act"] == Act.MASK],
        "kept": [_told(table) for table in tables if table["act"] == Act.KEEP],
        "elsewhere": [{"processor": name, "ground": ELSEWHERE} for name in run.preview.get("elsewhere", ())],
        "credits_written_off": run.preview["credits_left"],
        **again,
    }


def _told(table: dict[str, Any]) -> dict[str, Any]:
    told = {"table": table["table"], "rows": table["count"]}
    return told | ({"ground": table["ground"]} if table["ground"] else {})


def _moment(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
