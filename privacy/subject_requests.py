"""The verbs of a request about somebody's data: opened, moved on, extended, answered, denied, withdrawn.

Every change of state is one conditional UPDATE and one RequestChange, in one transaction, which ends with the entry of
the audit log. What the person wrote and the address they wrote from are erased with the step that closes the request.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.audit_words import AuditAct
from accounts.models import User
from accounts.subjects import known_references, refer_to
from privacy import request_mail
from privacy.errors import RequestMoved, TooManyOpenRequests
from privacy.models import EXTENDED_BY, MailedCode, RequestChange, SubjectRequest

Status, Kind, Source, Identity, By = (
    SubjectRequest.Status,
    SubjectRequest.Kind,
    SubjectRequest.Source,
    SubjectRequest.Identity,
    RequestChange.By,
)
MOST_OPEN = 10
GROUPED_FOR = timedelta(days=365)
UNDER_WAY = (Status.APPROVED, Status.IN_PROGRESS, Status.ERROR)
LOOKED_AT = (Status.PENDING, Status.WAITING_SUBJECT, Status.EXTENDED)
BEGUN = (Status.RECEIVED, Status.VERIFYING)
ALLOWED: dict[str, tuple[str, ...]] = {
    Status.VERIFYING: (Status.RECEIVED, Status.VERIFYING),
    Status.PENDING: (*BEGUN, Status.WAITING_SUBJECT),
    Status.APPROVED: LOOKED_AT,
    Status.DENIED: (*BEGUN, *LOOKED_AT, *UNDER_WAY),
    Status.IN_PROGRESS: (Status.PENDING, Status.EXTENDED, *UNDER_WAY),
    Status.WAITING_SUBJECT: (*LOOKED_AT, *UNDER_WAY),
    Status.EXTENDED: LOOKED_AT,
    Status.COMPLETE: (Status.PENDING, Status.EXTENDED, Status.APPROVED, Status.IN_PROGRESS),
    Status.CANCELLED: (*BEGUN, *LOOKED_AT, *UNDER_WAY),
    Status.ERROR: (Status.IN_PROGRESS,),
}


@transaction.atomic
def open_request(
    kind: str,
    *,
    source: str,
    user: User | None = None,
    email: str = "",
    identity: str = "",
    note: str = "",
    corrects: str = "",
    actor: User | None = None,
    at_once: bool = False,
) -> SubjectRequest:
    """By an account's holder (`user`), or by whoever wrote in from `email`. Raises TooManyOpenRequests.

    With an `identity` it waits to be looked at; without, for the person to be identified. Who is known and not served
    `at_once` gets a mail that says by when; who is, of them the caller tells the audit log when all is done.
    """
    address = user.email if user is not None else email
    earlier = SubjectRequest.objects.filter(subject__in=known_references(address))
    if user is not None:
        User.objects.select_for_update().get(pk=user.pk)  # two at once must not both be the tenth
    if earlier.open().count() >= MOST_OPEN:
        raise TooManyOpenRequests(MOST_OPEN)
    alike = earlier.filter(kind=kind, opened_at__gt=timezone.now() - GROUPED_FOR, duplicate_of=None)
    request = SubjectRequest.objects.create(
        kind=kind,
        source=source,
        user=user,
        subject=refer_to(address),
        email="" if user is not None else email,
        note=note,
        corrects=corrects,
        duplicate_of=alike.order_by("pk").first(),
    )
    by = By.STAFF if source == Source.STAFF else By.SUBJECT
    RequestChange.objects.create(request=request, after=request.status, by=by, actor=actor)
    if not at_once and (user is not None or identity):
        _tell(request, "opened", address)
    if identity:
        take_step(request, Status.PENDING, by=by, actor=actor, reason=identity, **_identified(identity))
    if not at_once:
        record(AuditAct.REQUEST_OPENED, request, by=by, actor=actor, kind=kind, identity=identity)
    return request


@transaction.atomic
def identify(
    request: SubjectRequest, identity: str, *, by: str, actor: User | None = None, because: str = ""
) -> SubjectRequest:
    """It is clear now who asks; `because`: how staff made sure, in our words. Raises RequestMoved."""
    reason = because or identity
    known = take_step(request, Status.PENDING, by=by, actor=actor, reason=reason, **_identified(identity))
    record(AuditAct.IDENTITY_VERIFIED, known, by=by, actor=actor, reason=because, identity=identity)
    return known


@transaction.atomic
def move(
    request: SubjectRequest, to: str, *, by: str, actor: User | None = None, reason: str = "", **fields: object
) -> SubjectRequest:
    """One step, told to the audit log: the last that its transaction does. Raises RequestMoved."""
    before = request.status
    moved = take_step(request, to, by=by, actor=actor, reason=reason, **fields)
    record(AuditAct.REQUEST_MOVED, moved, by=by, actor=actor, reason=reason, before=before, after=to)
    return moved


def record(
    act: AuditAct, request: SubjectRequest, *, by: str, actor: User | None, reason: str = "", **details: audit.Detail
) -> None:
    """`actor`: of staff; people who ask are known by their request."""
    who = request.user if by == By.SUBJECT else actor
    audit.record(act, actor=who, subject=request.subject, on=request, reason=reason, by=by, **details)


@transaction.atomic
def take_step(
    request: SubjectRequest, to: str, *, by: str, actor: User | None = None, reason: str = "", **fields: object
) -> SubjectRequest:
    """The only place that writes `status`. `reason` is in our words. Raises RequestMoved: from here it cannot.

    For transactions that go on after it, and tell the audit log at their end.
    """
    known = SubjectRequest.objects.select_for_update().get(pk=request.pk)
    if known.status not in ALLOWED[to]:
        raise RequestMoved
    if to in SubjectRequest.CLOSED:
        fields |= {"closed_at": timezone.now(), "email": "", "note": ""}
        MailedCode.objects.filter(request=known).delete()
    moved = SubjectRequest.objects.filter(pk=known.pk, status=known.status).update(status=to, **fields)
    if not moved:
        raise RequestMoved
    RequestChange.objects.create(request=known, before=known.status, after=to, by=by, actor=actor, reason=reason)
    request.refresh_from_db()
    return request


@transaction.atomic
def extend(request: SubjectRequest, because: str, *, actor: User) -> SubjectRequest:
    """Sixty days more, once, and the person is told why (GDPR Art. 12(3)). Raises RequestMoved."""
    if request.extended_until is not None:
        raise RequestMoved
    until = request.due_at + EXTENDED_BY
    moved = move(
        request,
        Status.EXTENDED,
        by=By.STAFF,
        actor=actor,
        extended_until=until,
        extended_because=because,
        reminded=0,
    )
    _tell(moved, "extended", request_mail.address_of(moved))
    return moved


@transaction.atomic
def ask(request: SubjectRequest, question: str, *, actor: User) -> SubjectRequest:
    """Something that only they know; mailed, and kept nowhere. Raises RequestMoved."""
    address = request_mail.address_of(request)
    moved = move(request, Status.WAITING_SUBJECT, by=By.STAFF, actor=actor, reason="they were asked by mail")
    transaction.on_commit(partial(request_mail.send, moved, "asked", address, question=question))
    return moved


def answer(request: SubjectRequest, *, by: str = By.STAFF, actor: User | None = None, reason: str = "") -> None:
    """What was asked is done, and the person is told. Raises RequestMoved."""
    _close(request, Status.COMPLETE, "answered", by=by, actor=actor, reason=reason)


def deny(request: SubjectRequest, because: str, *, actor: User) -> None:
    """With its ground, and how to complain. Raises RequestMoved."""
    _close(request, Status.DENIED, "denied", by=By.STAFF, actor=actor, denied_because=because)


def withdraw(request: SubjectRequest) -> SubjectRequest:
    """By the person. Raises RequestMoved."""
    return move(request, Status.CANCELLED, by=By.SUBJECT)


def find_account(request: SubjectRequest) -> User | None:
    """Whose data it is about: of who wrote in, the account of their address, once it is clear that it is theirs."""
    if request.user is not None or not (request.email and request.identity):
        return request.user
    return User.objects.filter(email__iexact=request.email, is_active=True).first()


def forget_person(user: User) -> int:
    """What is still open is cancelled, but for the erasure itself; all of them are no longer tied to the account.

    Those too that were written in from its address, and are tied to no account: they hold the address itself.
    """
    written = Q(user=None, subject__in=known_references(user.email))
    mine = SubjectRequest.objects.filter(Q(user=user) | written)
    for request in mine.open().exclude(kind=Kind.ERASURE, status=Status.IN_PROGRESS):
        take_step(request, Status.CANCELLED, by=By.SYSTEM, reason="the account was erased")
    return mine.update(user=None, email="", note="")


@transaction.atomic
def _close(request: SubjectRequest, to: str, told: str, **step: object) -> None:
    address = request_mail.address_of(request)  # closing erases it
    moved = move(request, to, **step)  # type: ignore[arg-type]
    _tell(moved, told, address)


def _identified(identity: str) -> dict[str, object]:
    return {"identity": identity, "verified_at": timezone.now()}


def _tell(request: SubjectRequest, what: str, address: str) -> None:
    transaction.on_commit(partial(request_mail.send, request, what, address))
