"""Asking about one's data without an account, or without getting into it: an address, a code mailed there, an answer.

Whether we know an address is told to nobody: the page goes on alike for every one.
"""

from __future__ import annotations

from allauth.core.ratelimit import consume
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.ids import new_id
from privacy import identity, subject_requests
from privacy.errors import CodeRefused, RequestMoved, TooManyOpenRequests
from privacy.models import SubjectRequest

Kind, Status = SubjectRequest.Kind, SubjectRequest.Status
TO_BE_CONFIRMED = (Status.RECEIVED, Status.VERIFYING)


class AskForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy("The one that the data is about. A code to confirm it is mailed there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What you ask for"), choices=Kind.choices, widget=forms.RadioSelect, initial=Kind.ACCESS
    )
    note = forms.CharField(
        label=gettext_lazy("In your words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Optional. Erased as soon as the request is closed."),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("The code from the mail"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


def ask(request: HttpRequest) -> HttpResponse:
    form = AskForm(request.POST or None)
    if request.method == "POST" and not consume(request, action="privacy_request"):
        return render(request, "429.html", status=429)
    if request.method == "POST" and form.is_valid():
        return redirect("confirm_asking", _open(form.cleaned_data))
    return render(request, "site/asking.html", {"form": form}, status=422 if form.errors else 200)


def confirm(request: HttpRequest, request_id: str) -> HttpResponse:
    """Of a request that does not exist too: there was one, for all that this page says."""
    form = CodeForm(request.POST or None)
    asked = SubjectRequest.objects.filter(pk=request_id, source=SubjectRequest.Source.WRITTEN).first()
    if asked is not None and asked.status not in TO_BE_CONFIRMED:
        return render(request, "site/asking_confirmed.html", {"asked": asked})
    if request.method == "POST" and form.is_valid():
        try:
            if asked is None:
                raise CodeRefused
            identity.confirm(asked, form.cleaned_data["code"])
        except CodeRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            return redirect("confirm_asking", request_id)
    shown = {"form": form, "request_id": request_id}
    return render(request, "site/asking_code.html", shown, status=422 if form.errors else 200)


def send_again(request: HttpRequest, request_id: str) -> HttpResponse:
    if request.method == "POST" and consume(request, action="privacy_request"):
        asked = SubjectRequest.objects.filter(pk=request_id, source=SubjectRequest.Source.WRITTEN).first()
        try:
            if asked is not None:
                identity.send_code(asked)
            messages.success(request, _("Another code is on its way. The one before does not work any more."))
        except RequestMoved:
            pass  # it is confirmed already, and its page says so
    return redirect("confirm_asking", request_id)


def _open(asked: dict[str, str]) -> str:
    """Its number, or one like it: who has too many open already is not told to whoever knows an address."""
    try:
        made = subject_requests.open_request(
            asked["kind"], email=asked["email"], note=asked["note"], source=SubjectRequest.Source.WRITTEN
        )
    except TooManyOpenRequests:
        return new_id("req")
    identity.send_code(made)
    return made.pk


urlpatterns = [
    path("privacy/ask", ask, name="ask_without_account"),
    path("privacy/ask/<str:request_id>", confirm, name="confirm_asking"),
    path("privacy/ask/<str:request_id>/again", send_again, name="ask_for_another_code"),
]
