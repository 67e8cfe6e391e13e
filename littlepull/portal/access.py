"""Who may see a page of the portal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import cast
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts.models import SignIn, User
from accounts.sessions import SIGN_IN
from privacy import policies

ONES_OWN_DATA = "/portal/privacy"
ACCEPTED = "policy_accepted"
View = Callable[..., HttpResponse]


class PortalRequest(HttpRequest):
    """As a page sees it: somebody is signed in."""

    user: User  # type: ignore[assignment]


def signed_in(view: View) -> View:
    """Anybody else is sent to the sign-in page, and who has a policy to accept, there. No cache keeps what is shown."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *arguments: object, **named: object) -> HttpResponse:
        if must_accept(request):
            return redirect(f"{reverse('accept_policy')}?{urlencode({'next': request.get_full_path()})}")
        response = view(request, *arguments, **named)
        if "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response

    return guarded


def must_accept(request: HttpRequest) -> bool:
    """Asked once in a session and version. One's own data is reached without."""
    if request.path.startswith(ONES_OWN_DATA):
        return False
    required = policies.find_required()
    if required is None or request.session.get(ACCEPTED) == required.number:
        return False
    if not policies.has_accepted(cast(User, request.user), required):
        return True
    request.session[ACCEPTED] = required.number
    return False


def recently_signed_in(view: View) -> View:
    """Asks again for the password or passkey where it was given more than a quarter of an hour ago."""
    return signed_in(reauthentication_required(view, enabled=lambda request: not _just_signed_in(request)))


def _just_signed_in(request: HttpRequest) -> bool:
    since = timezone.now() - timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
    return SignIn.objects.filter(pk=request.session.get(SIGN_IN) or 0, user_id=request.user.pk, at__gt=since).exists()
