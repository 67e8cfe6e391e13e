"""Signing up is accepting the policy, as the page beside the button says."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest

from accounts import sign_in
from accounts.models import User
from privacy import policies


class AccountAdapter(sign_in.AccountAdapter):
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        saved: User = super().save_user(request, user, form, commit=commit)
        if commit:
            _accept(saved)
        return saved


class SocialAdapter(sign_in.SocialAdapter):
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        saved: User = super().save_user(request, sociallogin, form)
        _accept(saved)
        return saved


def _accept(user: User) -> None:
    required = policies.find_required()
    if required is not None:
        policies.accept(user, required)
