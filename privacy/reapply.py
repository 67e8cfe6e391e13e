"""Erasures that a restored backup has undone, done again: from the log that is kept beside the database.

By the same verbs as the first time, in one transaction for each person, and as often as one likes. Nobody is told by
mail: nothing is left to tell it to, and the person was told when it was done first.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.audit_words import AuditAct
from accounts.erasure import close_account, lock_account, masked_email
from accounts.models import User
from privacy.data_map import Act
from privacy.erase import erase_rows, sign_receipt
from privacy.erasure_log import Entry
from privacy.holdings import find_rows, personal_rows
from privacy.models import ErasureRun
from privacy.preview import reckon


def find_undone(entry: Entry) -> User | None:
    """Whose erasure the database has forgotten; None where it still stands, or the account came after the backup."""
    user = User.objects.filter(pk=entry.user).first()
    return user if user is not None and _is_back(user) else None


@transaction.atomic
def reapply(entry: Entry) -> ErasureRun | None:
    """All of it or nothing; the run, with a receipt of its own, where there was anything to erase again."""
    user = User.objects.filter(pk=entry.user).first()
    if user is None:
        return None
    run = _begin_again(entry, lock_account(user)) if _is_back(user) else None
    erase_rows(user)  # also where it stands: what came in late, or was only masked, goes by this
    return _finish_again(run) if run is not None else None


def find_unlogged(logged: Collection[str], *, since: str) -> list[str]:
    """Erasures that this database knows and a log that begins at `since` should: the log is an old copy, or was cut."""
    done = ErasureRun.objects.filter(status=ErasureRun.Status.DONE, run_at__gt=since)
    first_time = done.exclude(preview__has_key="reapplies").order_by("pk")
    return [pk for pk in first_time.values_list("pk", flat=True) if pk not in logged]


def _is_back(user: User) -> bool:
    """The account's row is masked last, so where it is, all was done. Rows with a verb of their own may have to wait
    for it: the record of a gateway request until it is settled."""
    erased = (row for row in personal_rows() if row.act == Act.ERASE and row.by is None)
    return user.email != masked_email(user) or any(find_rows(row, user).exists() for row in erased)


def _begin_again(entry: Entry, user: User) -> ErasureRun:
    preview = reckon(user)
    reapplies = {"erasure": entry.erasure, "completed_at": entry.at}
    close_account(user)
    return ErasureRun(
        user=user,
        subject=entry.subject,
        preview=preview.to_json() | {"reapplies": reapplies},
        digest=preview.digest,
        approved_at=timezone.now(),
    )


def _finish_again(run: ErasureRun) -> ErasureRun:
    run.status, run.run_at = ErasureRun.Status.DONE, timezone.now()
    run.receipt = sign_receipt(run)
    run.save(force_insert=True)
    audit.record(AuditAct.ERASURES_REAPPLIED, actor=None, subject=run.subject, on=run, preview=run.digest)
    return run
