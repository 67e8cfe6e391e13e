"""What staff can do with a request, as forms: which steps are open in its state, what each asks for, and what it does.

The verbs are those of the API and the portal; nothing about a request is written here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.audit import LONGEST_REASON, check_reason
from accounts.models import User
from privacy import erase, export, identity, rectify, subject_requests
from privacy.models import ErasureRun, RequestChange, SubjectRequest
from privacy.subject_requests import ALLOWED, BEGUN, LOOKED_AT, Kind, Source, Status

WORK_ON_REQUESTS, ERASE_PEOPLE = "privacy.change_subjectrequest", "privacy.change_erasurerun"
By = RequestChange.By


class ReasonField(forms.CharField):
    def __init__(self, label: str, help_text: str = "For the record, which is never erased: name nobody.") -> None:
        super().__init__(label=label, max_length=LONGEST_REASON, help_text=help_text)

    def clean(self, value: Any) -> str:
        try:
            return check_reason(super().clean(value))
        except ValueError as refused:
            raise forms.ValidationError(str(refused)) from None


class NothingAsked(forms.Form):
    pass


class Because(forms.Form):
    reason = ReasonField("Reason")


class HowKnown(forms.Form):
    reason = ReasonField("How you made sure")


class WhatWasDone(forms.Form):
    reason = ReasonField("What was done")


class NewName(forms.Form):
    name = forms.CharField(label="The name, corrected", max_length=150, strip=True)
    reason = ReasonField("How you know it is right")


class Question(forms.Form):
    question = forms.CharField(
        max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Goes by mail, and is kept nowhere here."
    )


class Extension(forms.Form):
    because = forms.ChoiceField(label="Because", choices=SubjectRequest.Extension.choices)


class Denial(forms.Form):
    because = forms.ChoiceField(label="Because", choices=SubjectRequest.Denial.choices)


class Approval(forms.Form):
    """`digest`: of the preview that is on the page, so that nothing else is approved."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = ReasonField("Why they may have it")


@dataclass(frozen=True, slots=True)
class Case:
    """A request on somebody's desk. `person`: whose account it is about, if any; `run`: its newest erasure."""

    request: SubjectRequest
    actor: User
    person: User | None
    run: ErasureRun | None

    @property
    def account(self) -> User:
        assert self.person is not None, "steps without an account are other ones"
        return self.person

    @property
    def erasure(self) -> ErasureRun:
        assert self.run is not None, "an erasure is approved or run after it was previewed"
        return self.run


Act = Callable[[Case, dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Step:
    """`does` carries it out, and says so in a sentence; it raises PrivacyError where it cannot."""

    name: str
    verb: str
    says: str
    does: Act
    form: type[forms.Form] = NothingAsked
    needs: str = WORK_ON_REQUESTS
    grave: bool = False


def open_case(request: SubjectRequest, actor: User) -> Case:
    run = request.erasures.order_by("-previewed_at").first()
    return Case(request, actor, subject_requests.find_account(request), run)


def find_steps(case: Case) -> list[Step]:
    """What can be done now: the first is what comes next."""
    status = case.request.status
    if not case.request.is_open:
        return []
    if status in BEGUN:
        first = [IDENTIFY, SEND_CODE] if status == Status.VERIFYING else [SEND_CODE, IDENTIFY]
        return [*first, DENY]
    # What staff and the worker erase at this moment is beyond being asked about or denied.
    if case.run is not None and case.run.status == ErasureRun.Status.RUNNING:
        return [RUN]
    may_wait = [EXTEND] if status in LOOKED_AT and case.request.extended_until is None else []
    return [*_work(case), *may_wait, *([ASK] if status != Status.WAITING_SUBJECT else []), DENY]


def _work(case: Case) -> list[Step]:
    if case.request.status == Status.WAITING_SUBJECT:
        return [GO_ON]
    if case.person is None:
        return []  # nothing is held but the request itself: that is a denial, or an answer
    if case.request.kind == Kind.ERASURE:
        return _erasing(case)
    under_way = case.request.status == Status.IN_PROGRESS
    if case.request.kind == Kind.RECTIFICATION:
        return [ANSWER, CORRECT_NAME] if under_way or not _is_about_name(case.request) else [CORRECT_NAME, ANSWER]
    return [ANSWER, SEND_EXPORT] if under_way else [SEND_EXPORT]


def _is_about_name(request: SubjectRequest) -> bool:
    return request.corrects in (SubjectRequest.Corrects.NAME, "")


def _erasing(case: Case) -> list[Step]:
    if case.run is None or case.run.status == ErasureRun.Status.DONE:
        return [PREVIEW]
    return [RUN if case.run.status == ErasureRun.Status.APPROVED else APPROVE, PREVIEW]


def _send_code(case: Case, asked: dict[str, Any]) -> str:
    identity.send_code(case.request)
    return "A code was mailed: it is good for ten minutes and three tries."


def _identify(case: Case, asked: dict[str, Any]) -> str:
    known = SubjectRequest.Identity.STAFF
    subject_requests.identify(case.request, known, by=By.STAFF, actor=case.actor, because=asked["reason"])
    return "It is on record how you know who asks."


def _go_on(case: Case, asked: dict[str, Any]) -> str:
    subject_requests.move(case.request, Status.PENDING, by=By.STAFF, actor=case.actor, reason=asked["reason"])
    return "Back on the desk."


def _ask(case: Case, asked: dict[str, Any]) -> str:
    subject_requests.ask(case.request, asked["question"], actor=case.actor)
    return "They were asked by mail; the time to answer runs on."


def _extend(case: Case, asked: dict[str, Any]) -> str:
    extended = subject_requests.extend(case.request, asked["because"], actor=case.actor)
    return f"Extended to {extended.answer_by:%Y-%m-%d}; they were told by mail."


def _deny(case: Case, asked: dict[str, Any]) -> str:
    subject_requests.deny(case.request, asked["because"], actor=case.actor)
    return "Denied; they were told by mail why, and where to complain."


def _answer(case: Case, asked: dict[str, Any]) -> str:
    subject_requests.answer(case.request, actor=case.actor, reason=asked["reason"])
    return "Answered; they were told by mail."


def _send_export(case: Case, asked: dict[str, Any]) -> str:
    request, actor = case.request, case.actor
    subject_requests.move(request, Status.IN_PROGRESS, by=By.STAFF, actor=actor, reason=asked["reason"])
    export.place_export(case.account, source=Source.STAFF, request=request, actor=actor)
    return "The link was mailed: it works once, within five days, after they have signed in."


def _correct_name(case: Case, asked: dict[str, Any]) -> str:
    rectify.correct_for(case.request, case.account, asked["name"], actor=case.actor, reason=asked["reason"])
    return "Corrected. Answer the request to tell them."


def _preview(case: Case, asked: dict[str, Any]) -> str:
    erase.place_preview(case.account, request=case.request, actor=case.actor)
    return "Previewed: look at it below before you approve it."


def _approve(case: Case, asked: dict[str, Any]) -> str:
    erase.approve(case.erasure, asked["digest"], actor=case.actor, reason=asked["reason"])
    if case.request.status in ALLOWED[Status.APPROVED]:
        subject_requests.move(case.request, Status.APPROVED, by=By.STAFF, actor=case.actor, reason=asked["reason"])
    return "Approved, exactly as previewed. Nothing has been erased yet."


def _run(case: Case, asked: dict[str, Any]) -> str:
    run = erase.run_erasure(case.erasure)
    return f"Erased. The receipt {run.pk} is signed, and they were told by mail."


SEND_CODE = Step(
    "send_code",
    "Mail them a code",
    "Whoever can read the mails of that address, and tells us the code, is who they say.",
    _send_code,
)
IDENTIFY = Step(
    "identify",
    "I know who asks",
    "Where a mailed code will not do: you made sure otherwise, and say how.",
    _identify,
    HowKnown,
)
GO_ON = Step("go_on", "They have answered", "The request goes back to those that wait for you.", _go_on, Because)
ASK = Step("ask", "Ask them something", "By mail. The time to answer runs on.", _ask, Question)
EXTEND = Step("extend", "Take 60 days more", "Once, and they are told why (GDPR Art. 12(3)).", _extend, Extension)
DENY = Step("deny", "Deny it", "They are told on what ground, and where they can complain.", _deny, Denial, grave=True)
ANSWER = Step("answer", "Answer: it is done", "Closes the request, and tells them by mail.", _answer, WhatWasDone)
SEND_EXPORT = Step(
    "send_export",
    "Mail the link to their data",
    "A ZIP of all that is held about them, made while they download it; nobody here sees it.",
    _send_export,
    Because,
)
CORRECT_NAME = Step(
    "correct_name",
    "Correct the name",
    "The one thing staff can correct. An address is changed by its owner, who has to confirm it.",
    _correct_name,
    NewName,
)
PREVIEW = Step(
    "preview",
    "Preview the erasure",
    "Counts what would be erased, masked and kept. Changes nothing.",
    _preview,
)
APPROVE = Step(
    "approve", "Approve exactly this", "What is approved is the preview below.", _approve, Approval, ERASE_PEOPLE
)
RUN = Step(
    "run",
    "Erase them now",
    "At once and for good, if nothing has changed since the preview. Keys first; closes the request and tells them.",
    _run,
    needs=ERASE_PEOPLE,
    grave=True,
)
