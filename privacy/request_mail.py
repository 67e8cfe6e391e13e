"""What people are told by mail about their requests."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

from accounts.mail import send_best_effort
from privacy.models import SubjectRequest

SUBJECTS = {
    "opened": gettext_lazy("We have your privacy request"),
    "code": gettext_lazy("Your code for LittlePull"),
    "extended": gettext_lazy("We need more time for your privacy request"),
    "asked": gettext_lazy("A question about your privacy request"),
    "answered": gettext_lazy("Your privacy request is done"),
    "denied": gettext_lazy("About your privacy request"),
    "export": gettext_lazy("Your data is ready to download"),
    "erased": gettext_lazy("Your LittlePull account is erased"),
}


def address_of(request: SubjectRequest) -> str:
    return request.user.email if request.user is not None else request.email


def send(request: SubjectRequest | None, what: str, address: str, **told: Any) -> bool:
    """Best effort: the portal says the same."""
    context = {"request": request, "site": settings.SITE_URL, "contact": settings.CONTACT_EMAIL, **told}
    text = render_to_string(f"privacy/mail/{what}.txt", context)
    about = f"request {request.pk}" if request is not None else "an erasure"
    return bool(address) and send_best_effort(address, str(SUBJECTS[what]), text, about=about)
