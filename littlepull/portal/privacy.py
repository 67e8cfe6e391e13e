"""The privacy centre: what we hold about you, taken along, corrected, deleted, and asked about."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from littlepull.portal.access import PortalRequest, recently_signed_in, signed_in
from privacy import erase, export, preview, rectify, subject_requests
from privacy.errors import ErasureOutdated, ErasureRefused, ExportGone, PrivacyError
from privacy.holdings import by_category, count_holdings
from privacy.models import Export, PolicyVersion, SubjectRequest
from privacy.processors import list_processors

SHOWN = 50
PORTAL, SESSION = SubjectRequest.Source.PORTAL, SubjectRequest.Identity.SESSION


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name"]
        labels = {"name": gettext_lazy("Name")}
        help_texts = {"name": ""}


class AskForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What you ask for"),
        choices=SubjectRequest.Kind.choices,
        widget=forms.RadioSelect,
        initial=SubjectRequest.Kind.ACCESS,
    )
    note = forms.CharField(
        label=gettext_lazy("In your words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Optional. Erased as soon as the request is closed."),
    )


class DeleteForm(forms.Form):
    """`digest`: of the preview that the person has before their eyes."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    email = forms.EmailField(
        label=gettext_lazy("Type your e-mail address to confirm"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *arguments: Any, user: User, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.user = user

    def clean_email(self) -> str:
        if self.cleaned_data["email"].casefold() != self.user.email.casefold():
            raise forms.ValidationError(_("This is not the address of this account. Nothing was deleted."))
        return self.cleaned_data["email"]


@signed_in
@require_GET
def privacy_centre(request: PortalRequest) -> HttpResponse:
    return _show(request)


@recently_signed_in
@require_POST
def ask_for_export(request: PortalRequest) -> HttpResponse:
    try:
        export.place_export(request.user, source=PORTAL)
    except PrivacyError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your download is ready below. The link works once."))
    return redirect(f"{reverse('privacy_centre')}#download")


@signed_in
@require_GET
def download(request: PortalRequest, export_id: str) -> HttpResponse:
    """Made while it is read. HEAD is not answered: whoever looks ahead must not use the link up."""
    try:
        export.take(request.user, export_id, path=request.path, signature=request.GET.get("signature", ""))
    except ExportGone as gone:
        return render(request, "portal/privacy_gone.html", {"section": "privacy", "why": gone}, status=410)
    answer = StreamingHttpResponse(export.stream(request.user), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="littlepull-{timezone.localdate()}.zip"'
    return answer  # type: ignore[return-value]  # guards and handlers pass a stream on like any other answer


@signed_in
@require_POST
def correct_name(request: PortalRequest) -> HttpResponse:
    form = NameForm(request.POST, instance=User.objects.get(pk=request.user.pk))
    if not form.is_valid():
        return _show(request, name_form=form)
    if rectify.correct_name(request.user, form.cleaned_data["name"]):
        messages.success(request, _("Corrected."))
    return redirect("privacy_centre")


@signed_in
@require_POST
def ask(request: PortalRequest) -> HttpResponse:
    form = AskForm(request.POST)
    if not form.is_valid():
        return _show(request, ask_form=form)
    asked = form.cleaned_data
    try:
        made = subject_requests.open_request(
            asked["kind"], user=request.user, source=PORTAL, identity=SESSION, note=asked["note"]
        )
    except PrivacyError as refusal:
        form.add_error(None, str(refusal))
        return _show(request, ask_form=form)
    messages.success(request, _("We have your request %(id)s.") % {"id": made.pk})
    return redirect(f"{reverse('privacy_centre')}#requests")


@signed_in
@require_POST
def withdraw(request: PortalRequest, request_id: str) -> HttpResponse:
    asked = get_object_or_404(SubjectRequest.objects.owned_by(request.user), pk=request_id)
    try:
        subject_requests.withdraw(asked)
        messages.success(request, _("Withdrawn."))
    except PrivacyError as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{reverse('privacy_centre')}#requests")


@recently_signed_in
def delete_account(request: PortalRequest) -> HttpResponse:
    """First what would be erased, masked and kept; then, of exactly that, the deed."""
    form = DeleteForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            done = erase.erase_at_once(request.user, form.cleaned_data["digest"], source=PORTAL)
        except (ErasureRefused, ErasureOutdated) as refusal:
            form.add_error(None, str(refusal))
        else:
            logout(request)
            return redirect("erased", done.pk)
    shown = {"section": "privacy", "form": form, "preview": preview.reckon(request.user)}
    return render(request, "portal/privacy_delete.html", shown, status=409 if form.errors else 200)


def _show(request: PortalRequest, **refused: forms.BaseForm) -> HttpResponse:
    user = request.user
    holdings = count_holdings(user)
    requests = SubjectRequest.objects.owned_by(user).prefetch_related("changes").order_by("-pk")
    shown = {
        "section": "privacy",
        "categories": [(one, held, sum(row.count for row in held)) for one, held in by_category(holdings).items()],
        "total": sum(one.count for one in holdings),
        "exports": [(one, _link(one)) for one in Export.objects.owned_by(user).readable()],
        "requests": requests[:SHOWN],
        "versions": PolicyVersion.objects.defer("text").order_by("-number"),
        "processors": [one for one in list_processors() if one.in_use],
        "name_form": NameForm(instance=user),
        "ask_form": AskForm(),
    }
    return render(request, "portal/privacy.html", shown | refused, status=422 if refused else 200)


def _link(one: Export) -> str:
    return export.link_to(reverse("download_export", args=[one.pk]))


urlpatterns = [
    path("portal/privacy", privacy_centre, name="privacy_centre"),
    path("portal/privacy/download", ask_for_export, name="ask_for_export"),
    path("portal/privacy/exports/<str:export_id>", download, name="download_export"),
    path("portal/privacy/name", correct_name, name="correct_name"),
    path("portal/privacy/requests", ask, name="ask_privacy"),
    path("portal/privacy/requests/<str:request_id>/withdraw", withdraw, name="withdraw_privacy"),
    path("portal/privacy/delete", delete_account, name="delete_account"),
]
