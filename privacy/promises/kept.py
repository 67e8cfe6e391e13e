"""How long things are kept: until their time, and of people who have left, nothing but what the law wants."""

from __future__ import annotations

from accounts.erasure import masked_email
from accounts.models import SignIn, User
from privacy.data_map import Act
from privacy.holdings import find_rows, personal_rows
from privacy.models import ErasureRun
from privacy.promises.promise import Finding, found, some
from privacy.retention import find_overdue
from routing.models import Generation

TECHNICAL = SignIn._meta.label
LOOKED_AT = 50  # of the latest erasures


def metadata_is_kept_90_days() -> Finding:
    """And all else that has a term, by the record of processing: what is due is purged within two hours."""
    overdue = {table: rows for table, rows in find_overdue().items() if table != TECHNICAL}
    faults = [f"{rows} rows of {table} are past their time" for table, rows in overdue.items() if rows]
    return found(
        f"{Generation.objects.count()} records of model calls and {len(overdue) - 1} other tables, none past its time",
        faults,
    )


def technical_data_is_kept_90_days() -> Finding:
    faults = some(find_overdue()[TECHNICAL], "sign-ins are older than 90 days")
    return found(f"{SignIn.objects.count()} sign-ins, none older than 90 days", faults)


def accounts_stay_while_they_are_active() -> Finding:
    """Nobody is locked out and left lying: an account is active, or its erasure is on record."""
    erased = ErasureRun.objects.filter(status=ErasureRun.Status.DONE).values("user")
    masked = [user for user in User.objects.filter(pk__in=erased) if user.email != masked_email(user)]
    faults = some(len(masked), "erased accounts still have an address")
    return found(f"{User.objects.filter(is_active=True).count()} active accounts", faults)


def of_the_erased_nothing_is_left() -> Finding:
    done = ErasureRun.objects.filter(status=ErasureRun.Status.DONE, user__isnull=False).order_by("-run_at")
    rows = [row for row in personal_rows() if row.act == Act.ERASE]
    faults = [
        f"{run.pk}: {left} rows of {row.table} are still there"
        for run in done.select_related("user")[:LOOKED_AT]
        for row in rows
        if run.user is not None and (left := find_rows(row, run.user).count())
    ]
    return found(f"{done.count()} erasures, {len(rows)} tables looked through for the latest {LOOKED_AT}", faults)
