"""The desk of whoever answers requests about personal data: the list by days left, and a page on which all is done."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import User
from accounts.subjects import known_references
from privacy import request_mail, subject_requests
from privacy.admin.steps import WORK_ON_REQUESTS, Approval, Case, Step, find_steps, open_case
from privacy.errors import PrivacyError
from privacy.models import SubjectRequest
from privacy.preview import find_obstacles

SOON = 10  # days
# The labels are said to the person; here it is the other way round.
STATES: dict[str, Any] = {
    **dict(SubjectRequest.Status.choices),
    SubjectRequest.Status.WAITING_SUBJECT: "Waiting for the person",
}


class OpenFilter(admin.SimpleListFilter):
    """What is open, unless somebody asks for more."""

    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", "Open and closed"), ("overdue", "Overdue"), *STATES.items()]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": "Open"}
        yield from others

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        asked = self.value()
        if asked == "all":
            return rows
        if asked == "overdue":
            return rows.overdue()
        return rows.filter(status=asked) if asked in STATES else rows.open()


class NewRequest(forms.ModelForm):
    """By letter, by telephone, by a mail to somebody else: whoever asks has the same rights."""

    email = forms.EmailField(label="Their address", help_text="Erased when the request is closed.")

    class Meta:
        model = SubjectRequest
        fields = ["kind", "email", "corrects"]


@admin.register(SubjectRequest)
class SubjectRequestAdmin(admin.ModelAdmin):
    form = NewRequest
    list_display = ["id", "kind", "state", "left", "answer_by", "identity", "source", "opened_at"]
    list_filter = [OpenFilter, "kind", "source"]
    search_fields = ["id"]
    search_help_text = "The id of a request, or the address of a person: all of it."
    list_max_show_all = 0
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubjectRequest]:
        rows = super().get_queryset(request).annotate(due=Coalesce(F("extended_until"), F("due_at")))
        return rows.order_by("due")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        asked = search_term.strip()
        if not asked:
            return queryset, False
        if "@" in asked:
            return queryset.filter(subject__in=known_references(asked)), False
        return queryset.filter(pk=asked), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        titled = {"title": "Requests about personal data", **(extra_context or {})}
        return super().changelist_view(request, titled)

    @admin.display(ordering="status")
    def state(self, request: SubjectRequest) -> Any:
        return STATES[request.status]

    @admin.display(description="days left", ordering="due")
    def left(self, request: SubjectRequest) -> str:
        if not request.is_open:
            return "–"
        look = "bad" if request.days_left < 0 else "warn" if request.days_left <= SOON else "calm"
        return format_html('<span class="tally {}">{}</span>', look, request.days_left)

    def has_delete_permission(self, request: HttpRequest, obj: SubjectRequest | None = None) -> bool:
        return False  # kept for three years as proof, then purged

    def save_model(self, request: HttpRequest, obj: SubjectRequest, form: Any, change: bool) -> None:
        """Opened by the verb, whose row then is the form's."""
        made = subject_requests.open_request(
            obj.kind,
            source=SubjectRequest.Source.STAFF,
            email=obj.email,
            corrects=obj.corrects if obj.kind == SubjectRequest.Kind.RECTIFICATION else "",
            actor=cast(User, request.user),
        )
        obj.__dict__.update(made.__dict__)

    def add_view(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        try:
            return super().add_view(request, *args, **named)
        except PrivacyError as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(request.path)

    def response_add(self, request: HttpRequest, obj: SubjectRequest, post_url_continue: Any = None) -> HttpResponse:
        self.message_user(request, f"Request {obj.pk} is open. Now make sure who asks.", messages.SUCCESS)
        return HttpResponseRedirect(_page_of(obj))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **named: Any) -> HttpResponse:
        """Not Django's form: the workbench."""
        asked = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, asked):
            raise PermissionDenied
        if asked is None:
            raise Http404
        case = open_case(asked, cast(User, request.user))
        return self._take_step(request, case) if request.method == "POST" else self._show(request, case)

    def _take_step(self, request: HttpRequest, case: Case) -> HttpResponse:
        name = request.POST.get("step", "")
        step = next((step for step in self._open_to(request, case) if step.name == name), None)
        if step is None:
            # Not theirs to do, or done by somebody else meanwhile.
            if not request.user.has_perm(WORK_ON_REQUESTS) or _is_their_own(case):  # type: ignore[union-attr]
                raise PermissionDenied
            self.message_user(request, "This cannot be done (any more): look again.", messages.WARNING)
            return HttpResponseRedirect(request.path)
        form = step.form(request.POST, prefix=step.name)
        if not form.is_valid():
            return self._show(request, case, refused=(step, form))
        try:
            self.message_user(request, step.does(case, form.cleaned_data), messages.SUCCESS)
        except PrivacyError as refused:
            self.message_user(request, str(refused), messages.ERROR)
        return HttpResponseRedirect(request.path)

    def _open_to(self, request: HttpRequest, case: Case) -> list[Step]:
        if _is_their_own(case):
            return []
        return [step for step in find_steps(case) if request.user.has_perm(step.needs)]  # type: ignore[union-attr]

    def _show(
        self, request: HttpRequest, case: Case, *, refused: tuple[Step, forms.Form] | None = None
    ) -> HttpResponse:
        shown = [(step, _form_of(step, case, refused)) for step in self._open_to(request, case)]
        is_next = bool(shown) and shown[0][0].name not in ("extend", "ask", "deny")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{case.request.get_kind_display()}: {case.request.pk}",
            "case": case,
            "state": STATES[case.request.status],
            "address": request_mail.address_of(case.request),
            "next_step": shown[0] if is_next else None,
            "other_steps": shown[1:] if is_next else shown,
            "refused": refused[0].name if refused else "",
            "is_own": _is_their_own(case),
            "obstacles": find_obstacles(case.person) if case.person and case.run else [],
            "changes": [(change, STATES[change.after]) for change in case.request.changes.select_related("actor")],
            "downloads": case.request.exports.order_by("-asked_at"),
            "soon": SOON,
        }
        return TemplateResponse(request, "privacy/admin/workbench.html", context)


def _form_of(step: Step, case: Case, refused: tuple[Step, forms.Form] | None) -> forms.Form:
    if refused is not None and refused[0] is step:
        return refused[1]
    initial = {"digest": case.run.digest} if step.form is Approval and case.run is not None else {}
    return step.form(prefix=step.name, initial=initial)


def _is_their_own(case: Case) -> bool:
    """Nobody answers what they themselves have asked."""
    return case.person is not None and case.person.pk == case.actor.pk


def _page_of(request: SubjectRequest) -> str:
    return reverse("admin:privacy_subjectrequest_change", args=[request.pk])
