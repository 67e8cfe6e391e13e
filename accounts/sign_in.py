"""Signing in, by allauth, with what is ours about it: what is recorded, who is told, and what of a provider is kept."""

from __future__ import annotations

import base64
import logging
from datetime import timedelta
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from ua_parser import parse

from accounts import audit, mail, sealing
from accounts.audit_words import AuditAct
from accounts.models import SignIn, User
from accounts.sessions import SIGN_IN

log = logging.getLogger(__name__)
KEPT_OF_A_PROVIDER = ("name", "email", "picture", "avatar_url")
SEALED_AS = "second factor"
SEALED_IN = {"totp": "secret", "recovery_codes": "seed"}
A_DEVICE_IS_KNOWN_FOR = timedelta(days=90)


class AccountAdapter(DefaultAccountAdapter):
    def post_login(self, request: HttpRequest, user: User, **told: Any) -> HttpResponse:
        response = super().post_login(request, user, **told)
        sign_in = record(request, user, ip=self.get_client_ip(request))
        request.session[SIGN_IN] = sign_in.pk
        remember_wishes(request, user)
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away must not become a stack trace; whoever waits for the mail is told."""
        here = self.request.get_host()
        told = {name: _at_our_address(value, here) for name, value in context.items()}
        try:
            super().send_mail(template_prefix, email, told)
        except (SMTPException, OSError):
            log.warning("a mail (%s) could not be sent", template_prefix)
            messages.error(self.request, _("The mail could not be sent: please try again in a minute."))

    def send_account_already_exists_mail(self, email: str) -> None:
        """Hashes a password too, as a new account would: the time it takes tells nobody that there is one."""
        make_password(get_random_string(20))
        super().send_account_already_exists_mail(email)

    def render_mail(self, *about: Any, **more: Any) -> EmailMessage:
        message = super().render_mail(*about, **more)
        message.connection = get_connection(timeout=mail.SECONDS)
        return message


def _at_our_address(value: Any, host: str) -> Any:
    """A link of a mail leads to this installation, by whatever name somebody asked for it."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        return value
    parts = urlsplit(value)
    return value if parts.netloc != host else settings.SITE_URL + value.partition(parts.netloc)[2]


class NotOffered(SocialApp.DoesNotExist, Http404):
    """This installation has no credentials of that provider: its pages are not there. A template shows nothing."""


class SocialAdapter(DefaultSocialAccountAdapter):
    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """Raises NotOffered."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise NotOffered from None

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Before anything is saved: of all that a provider tells, the three things that the policy names."""
        user = super().populate_user(request, sociallogin, data)
        told = sociallogin.account.extra_data
        user.name = str(data.get("name") or told.get("name") or "")[:150]
        sociallogin.account.extra_data = {name: told[name] for name in KEPT_OF_A_PROVIDER if told.get(name)}
        return user


class MFAAdapter(DefaultMFAAdapter):
    """The secrets of authenticator apps and recovery codes lie sealed."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(sealing.wrap(text.encode(), context=SEALED_AS)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unwrap(base64.b64decode(encrypted_text), context=SEALED_AS).decode()


@transaction.atomic
def reseal_second_factors() -> int:
    """Under the first of SEALING_KEYS: how many rows."""
    rows = Authenticator.objects.select_for_update().filter(type__in=SEALED_IN)
    for row in rows:
        name = SEALED_IN[row.type]
        row.data[name] = base64.b64encode(sealing.rewrap(base64.b64decode(row.data[name]), context=SEALED_AS)).decode()
        row.save(update_fields=["data"])
    return len(rows)


def record(request: HttpRequest, user: User, *, ip: str | None) -> SignIn:
    """One more sign-in; from a browser or a device that is new, its owner gets a mail."""
    browser, device = describe_browser(request.headers.get("User-Agent", ""))
    earlier = SignIn.objects.filter(user=user, at__gt=timezone.now() - A_DEVICE_IS_KNOWN_FOR)
    is_new = earlier.exists() and not earlier.filter(browser=browser, device=device).exists()
    sign_in = SignIn.objects.create(user=user, ip=ip, browser=browser, device=device, method=_method(request, user))
    if user.is_staff:
        with transaction.atomic():
            audit.record(AuditAct.SIGNED_IN_TO_CONSOLE, actor=user, method=sign_in.method, new_device=is_new)
    if is_new:
        tell_of_new_device(sign_in)
    return sign_in


def _method(request: HttpRequest, user: User) -> str:
    records = get_authentication_records(request, user)
    last = records[-1] if records else {}
    return str(last.get("provider") or last.get("type") or last.get("method") or "")[:40]


def describe_browser(user_agent: str) -> tuple[str, str]:
    """Its name and what it runs on, as far as it says."""
    told = parse(user_agent[:500])
    browser = told.user_agent.family if told.user_agent else ""
    device = " ".join(part for part in ((told.device and told.device.brand), (told.os and told.os.family)) if part)
    return browser[:60], device[:60]


def tell_of_new_device(sign_in: SignIn) -> None:
    text = render_to_string("accounts/mail/new_device.txt", {"sign_in": sign_in})
    mail.send_best_effort(sign_in.user.email, _("A new sign-in to LittlePull"), text, about=f"sign-in {sign_in.pk}")


def remember_wishes(request: HttpRequest, user: User) -> None:
    """In the session, so that no page has to ask the database for them."""
    request.session["theme"], request.session["language"] = user.theme, user.language


def display(user: User) -> str:
    """For its owner's eyes, in mails and on pages."""
    return user.name or user.email
