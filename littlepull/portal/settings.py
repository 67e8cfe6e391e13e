"""The account itself: its name, looks and language; where it is signed in; and all of that ended."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import Session, SignIn, User
from accounts.sessions import end_sessions
from accounts.sign_in import remember_wishes
from littlepull.portal.access import PortalRequest, signed_in

SHOWN = 50


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "theme", "language", "usage_kept_days"]
        labels = {
            "name": gettext_lazy("Name"),
            "theme": gettext_lazy("Appearance"),
            "language": gettext_lazy("Language"),
            "usage_kept_days": gettext_lazy("Keep records of extractions"),
        }
        help_texts = {
            "name": gettext_lazy("Optional. Nobody but you and our staff sees it."),
            "theme": "",
            "language": "",
            "usage_kept_days": gettext_lazy(
                "Older records of finished extractions are deleted for good, within two hours. What they cost stays in "
                "your credits. Media, text and results are never in them."
            ),
        }

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if len(settings.LANGUAGES) == 1:
            del self.fields["language"]


@signed_in
def settings_page(request: PortalRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = form.save(commit=False)
        user.save(update_fields=["name", "theme", "language", "usage_kept_days"])
        remember_wishes(request, user)
        messages.success(request, _("Saved."))
        return redirect("settings")
    return render(request, "portal/settings.html", {"section": "settings", "form": form})


@signed_in
def sign_ins(request: PortalRequest) -> HttpResponse:
    """Where the account is signed in now, and who signed in during the last 90 days."""
    sessions = Session.objects.alive().filter(user=request.user).select_related("sign_in").order_by("-sign_in__at")
    shown = {
        "section": "settings",
        "sessions": [(one, one.session_key == request.session.session_key) for one in sessions],
        "sign_ins": SignIn.objects.filter(user=request.user)[:SHOWN],
    }
    return render(request, "portal/sign_ins.html", shown)


@signed_in
@require_POST
def end_session(request: PortalRequest, sign_in: int) -> HttpResponse:
    get_object_or_404(Session, user=request.user, sign_in=sign_in).delete()
    messages.success(request, _("That session has ended."))
    return redirect("sign_ins")


@signed_in
@require_POST
def sign_out_everywhere(request: PortalRequest) -> HttpResponse:
    ended = end_sessions(request.user, but=request.session.session_key)
    messages.success(request, _("Signed out everywhere else: %(count)d sessions ended.") % {"count": ended})
    return redirect("sign_ins")


urlpatterns = [
    path("portal/settings", settings_page, name="settings"),
    path("portal/settings/sign-ins", sign_ins, name="sign_ins"),
    path("portal/settings/sign-ins/<int:sign_in>/end", end_session, name="end_session"),
    path("portal/settings/sign-out-everywhere", sign_out_everywhere, name="sign_out_everywhere"),
]
