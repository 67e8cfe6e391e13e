"""The audit log: who did what to personal data and money, chained and signed, in the transaction of what it tells of.

An entry names people by keyed references, so it outlives their erasure. `record` takes the one lock of the log and
holds it until the caller commits: it is the last thing a transaction does, and nothing that waits comes after it.
"""

from __future__ import annotations

import re

from django.db import connection, transaction
from django.db.models import Model, Q
from django.utils import timezone

from accounts import audit_file
from accounts.audit_chain import BEGINNING, COLUMNS, digest_of, seal_head, write_moment
from accounts.audit_words import ActorKind, AuditAct
from accounts.models import AUDIT_KEPT, AuditCheckpoint, AuditEntry, AuditEntryQuerySet, AuditHead, User
from accounts.signing import sign_statement
from accounts.subjects import known_references, refer_to
from accounts.written_once import Triggers

SIGNED_EVERY = 100
CODE = re.compile(r"[A-Za-z0-9_.,:/+-]{0,100}")
REFERENCE = re.compile(r"[0-9a-f]{64}")
ADDRESS = re.compile(r"\S@\S")
LONGEST_REASON = 200
TRIGGERS = Triggers(
    "accounts", ("accounts_auditentry", "accounts_auditcheckpoint"), kept={"accounts_auditentry": AUDIT_KEPT}
)
Detail = int | bool | str


def record(
    act: AuditAct,
    *,
    actor: User | None,
    subject: User | str | None = None,
    on: Model | None = None,
    reason: str = "",
    **details: Detail,
) -> AuditEntry:
    """One more entry. `actor`: None is the system; `subject`: whom it concerns, where they are gone by `refer_to`.

    Raises ValueError for a reason or a detail that may hold more than our own words, counts and codes.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An audit entry commits with what it tells of.")
    entry = AuditEntry(act=act, reason=check_reason(reason), details=_check(details), **_parties(actor, subject, on))
    head, _ = AuditHead.objects.select_for_update().get_or_create(pk=1)
    entry.number, entry.at, entry.previous = head.number + 1, timezone.now(), head.digest or BEGINNING
    entry.digest = digest_of([getattr(entry, column) for column in COLUMNS])
    entry.save(force_insert=True)
    head.number, head.digest, head.seal = entry.number, entry.digest, seal_head(entry.number, entry.digest)
    if entry.number % SIGNED_EVERY == 0 or head.signed_on != entry.at.date():
        _sign(head)
    head.save(force_update=True)
    return entry


def entries_about(user: User) -> AuditEntryQuerySet:
    """By the address they have now, while they had this account, and of the account's own row."""
    about = (
        AuditEntry.objects.filter(at__gte=user.date_joined).of("subject", *known_references(user.email)).values("pk")
    )
    own = AuditEntry.objects.all().of("row", user.pk).values("pk")
    return AuditEntry.objects.filter(Q(pk__in=about) | Q(pk__in=own))


def check_reason(reason: str) -> str:
    """It is never erased, so it names nobody. Raises ValueError."""
    if len(reason) > LONGEST_REASON:
        raise ValueError(f"A reason has at most {LONGEST_REASON} characters.")
    if ADDRESS.search(reason):
        raise ValueError("The log is never erased: no addresses of people in it.")
    return reason


@transaction.atomic
def sign_head() -> bool:
    """For the worker, now and then: the end of a quiet day is signed too, and the file gets what it lacks."""
    head = AuditHead.objects.select_for_update().filter(pk=1).first()
    unsigned = head is not None and not AuditCheckpoint.objects.filter(number__gte=head.number).exists()
    if head is not None and unsigned:
        _sign(head)
        head.save(force_update=True)
    else:
        transaction.on_commit(audit_file.catch_up, robust=True)
    return unsigned


@transaction.atomic
def forget_old_entries() -> int:
    """Those past their term, up to a checkpoint on which the rest hangs; the log tells of it itself."""
    newest = AuditEntry.objects.all().forgettable().order_by("-at").values_list("number", flat=True).first()
    held_by = AuditCheckpoint.objects.filter(number__lte=newest or 0).order_by("-number").first()
    old = AuditEntry.objects.filter(number__lte=held_by.number if held_by else 0)
    if held_by is None or not old.exists():
        return 0
    record(AuditAct.LOG_CUT, actor=None, through=held_by.number)
    return old.delete()[0]


@transaction.atomic
def accept_restore(*, actor: User | None, reason: str) -> AuditEntry:
    """After a restored backup: what the file vouches for beyond it is given up, and the log says how much that was."""
    last, kept = audit_file.give_up_lost()
    return record(AuditAct.BACKUP_RESTORED, actor=actor, reason=reason, after=kept, lost_at_most=max(0, last - kept))


def _sign(head: AuditHead) -> None:
    now = timezone.now()
    statement = {"type": audit_file.CHECKPOINT, "number": head.number, "digest": head.digest, "at": write_moment(now)}
    AuditCheckpoint.objects.create(number=head.number, at=now, jws=sign_statement(statement))
    head.signed_on = now.date()
    # Only what is committed may be vouched for outside; should this fail, the next one writes both.
    transaction.on_commit(audit_file.catch_up, robust=True)


def _parties(actor: User | None, subject: User | str | None, on: Model | None) -> dict[str, str]:
    by = ActorKind.SYSTEM if actor is None else ActorKind.STAFF if actor.is_staff else ActorKind.SUBJECT
    row = "" if on is None else str(on.pk)
    if len(row) > 128:
        raise ValueError("Too long for the key of a row.")
    return {
        "by": by,
        "actor": "" if actor is None else refer_to(actor.email),
        "staff_id": actor.pk if actor is not None and by == ActorKind.STAFF else "",
        "subject": _refer(subject),
        "table": "" if on is None else on._meta.label,
        "row": row,
    }


def _refer(subject: User | str | None) -> str:
    if isinstance(subject, User):
        return refer_to(subject.email)
    if subject and not REFERENCE.fullmatch(subject):
        raise ValueError("A person stands in the log by a keyed reference.")
    return subject or ""


def _check(details: dict[str, Detail]) -> dict[str, Detail]:
    for name, value in details.items():
        is_code = isinstance(value, str) and CODE.fullmatch(value) is not None
        is_count = isinstance(value, int) and abs(value) < 2**63
        if not (is_code or is_count):
            raise ValueError(f"{name}: details are counts, yes or no, and codes.")
    return details
