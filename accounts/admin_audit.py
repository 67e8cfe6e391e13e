"""The admin and the audit log: whatever staff change there is told of in it; and the log itself, to read.

Django's own history stays what it is, the few words under a row's "History"; this is what nobody can change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from operator import attrgetter
from types import new_class
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db import transaction
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin_parts import CappedPaginator, Large, OnlyShown
from accounts.audit import LONGEST_REASON, check_reason, record
from accounts.audit_words import ActorKind, AuditAct
from accounts.models import AuditEntry, User
from accounts.subjects import known_references

REASON = "audit_reason"


class ReasonedActions(ActionForm):
    """Beside the choice of what to do with the selected rows: why."""

    audit_reason = forms.CharField(label="Reason:", max_length=LONGEST_REASON, required=False)


class ReasonForm(forms.ModelForm):
    """One more question, whose answer is not a column of the row."""

    audit_reason = forms.CharField(
        label="Reason", max_length=LONGEST_REASON, help_text="For the audit log, which is never erased: name nobody."
    )

    def clean_audit_reason(self) -> str:
        try:
            return check_reason(self.cleaned_data[REASON])
        except ValueError as refused:
            raise forms.ValidationError(str(refused)) from None


class AuditedAdmin(admin.ModelAdmin):
    """`audit_act`: what a change here is; `audit_acts`: what it is for single fields, where that is something else.

    `audit_subject`: the way from a row to the person it is about; `asks_reason`: where their data or money changes.
    Every action on a list asks for one, but for `leading`: those that only open the form of an act.
    """

    audit_act: AuditAct = AuditAct.SETTINGS_CHANGED
    audit_acts: ClassVar[Mapping[str, AuditAct]] = {}
    audit_subject = ""
    asks_reason = False
    leading: ClassVar[Sequence[str]] = ()
    action_form = ReasonedActions

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        if self.asks_reason:
            self.form = new_class(self.form.__name__, (ReasonForm, self.form))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        if not self.asks_reason:
            return sets
        bare = [(title, {**told, "fields": [one for one in told["fields"] if one != REASON]}) for title, told in sets]
        asks = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return [*bare, ("For the audit log", {"fields": [REASON]})] if asks else bare

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """By the names of columns, which mean the same in every language."""
        if add:
            return [{"added": {}}]
        changed = [name for name in form.changed_data if name != REASON]
        return [{"changed": {"fields": changed}}] if changed else []

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        with transaction.atomic():
            self._tell(request, obj, self.audit_act, message, added=True)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        with transaction.atomic():
            for act, fields in self._acts(obj, message).items():
                self._tell(request, obj, act, message, **({"fields": ",".join(fields)} if fields else {}))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        with transaction.atomic():
            for obj in queryset:
                self._tell(request, obj, AuditAct.ROW_DELETED, "")
        return super().log_deletions(request, queryset)

    def response_action(self, request: HttpRequest, queryset: Any, *where: Any) -> Any:
        if request.POST.get("action") in ("", None, *self.leading):
            return super().response_action(request, queryset, *where)
        try:
            given = bool(check_reason(request.POST.get(REASON, "").strip()))
        except ValueError as refused:
            self.message_user(request, str(refused), messages.WARNING)
            return None
        if not given:
            self.message_user(request, "Nothing was done: say why, for the audit log.", messages.WARNING)
            return None
        return super().response_action(request, queryset, *where)

    def act_of(self, obj: Any, name: str) -> AuditAct:
        """What it is to change that column of that row, which has its new value already."""
        return self.audit_acts.get(name, self.audit_act)

    def _acts(self, obj: Any, message: str | Sequence[Mapping[str, Any]]) -> dict[AuditAct, list[str]]:
        if isinstance(message, str):  # an act of our own, told in our own words
            return {self.audit_act: []}
        acts: dict[AuditAct, list[str]] = {}
        for name in (name for part in message for name in part.get("changed", {}).get("fields", ())):
            acts.setdefault(self.act_of(obj, name), []).append(name)
        return acts

    def _tell(self, request: HttpRequest, obj: Any, act: AuditAct, message: Any, **details: Any) -> None:
        asked = request.POST.get(REASON, "").strip()
        said = message if isinstance(message, str) else ""
        subject = attrgetter(self.audit_subject)(obj) if self.audit_subject else obj if isinstance(obj, User) else None
        reason = (asked or said)[:LONGEST_REASON]
        record(act, actor=request.user, subject=subject, on=obj, reason=reason, **details)  # type: ignore[arg-type]


class NumberedPaginator(CappedPaginator):
    """Entries are numbered without gaps, so all of them need no counting; of a selection, the newest are shown."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[AuditEntry] = self.object_list  # type: ignore[assignment]
        if rows.query.where:
            return self.count_capped()
        ends = (rows.order_by(way).values_list("number", flat=True).first() for way in ("-number", "number"))
        last, first = ends
        return 0 if last is None or first is None else last - first + 1


class DayFilter(admin.SimpleListFilter):
    """The last two weeks to choose from; any other day by the address, ?day=2026-01-31."""

    title = parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        today = timezone.now().date()
        return [(str(day), str(day)) for day in (today - timedelta(days=back) for back in range(14))]

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        try:
            day = date.fromisoformat(self.value() or "")
        except ValueError:
            return rows
        begins = timezone.make_aware(datetime.combine(day, time.min))
        return rows.filter(at__gte=begins, at__lt=begins + timedelta(days=1))


class ActorFilter(admin.SimpleListFilter):
    """Staff by the address they have now: the log itself has only references."""

    title, parameter_name = "actor", "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        staff = User.objects.filter(is_staff=True).order_by("email").values_list("pk", "email")[:50]
        return [(ActorKind.SYSTEM.value, "the system"), (ActorKind.SUBJECT.value, "people themselves"), *staff]

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        asked = self.value()
        if not asked:
            return rows
        return rows.filter(by=asked) if asked in ActorKind.values else rows.of("staff_id", asked)


@admin.register(AuditEntry)
class AuditEntryAdmin(OnlyShown, Large):
    list_display = ["number", "at", "act", "who", "table", "row", "reason", "details"]
    list_filter = ["act", ActorFilter, DayFilter]
    search_fields = ["row"]
    search_help_text = "The address of a person, or the id of a row: all of it."
    ordering = ["-number"]
    sortable_by = ()  # what has no index is not sorted by
    paginator = NumberedPaginator

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        staff = User.objects.filter(pk=OuterRef("staff_id")).values("email")[:1]
        return super().get_queryset(request).annotate(staff_email=Subquery(staff))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        asked = search_term.strip()
        if not asked:
            return queryset, False
        if "@" in asked:
            return queryset.of("subject", *known_references(asked)), False
        return queryset.of("row", asked), False

    @admin.display(description="actor")
    def who(self, entry: AuditEntry) -> str:
        return str(getattr(entry, "staff_email", "") or entry.staff_id or entry.get_by_display())
