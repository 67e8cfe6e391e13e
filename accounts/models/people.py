"""People, that they signed in, and from where."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import new_id


class UserManager(BaseUserManager["User"]):
    """What `createsuperuser` and Django's own forms call."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in by e-mail. The hash of the password is Argon2's."""

    class Theme(models.TextChoices):
        SYSTEM = "", _("As the system says")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Language(models.TextChoices):
        BROWSER = "", _("As the browser says")
        ENGLISH = "en", "English"
        FRENCH = "fr", "Français"

    class UsageKept(models.IntegerChoices):
        WEEK = 7, _("7 days")
        MONTH = 30, _("30 days")
        QUARTER = 90, _("90 days")
        YEAR = 365, _("a year")

        __empty__ = _("While the account is active")

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "usr"), editable=False)
    email = models.EmailField(unique=True, help_text="What they sign in with; compared without case.")
    name = models.CharField(max_length=150, blank=True, help_text="As they or their sign-in provider gave it.")
    is_staff = models.BooleanField(default=False, help_text="May enter the admin.")
    is_active = models.BooleanField(default=True, help_text="Unset to lock the account out.")
    date_joined = models.DateTimeField(default=timezone.now)
    theme = models.CharField(max_length=5, choices=Theme, blank=True, help_text="How they want the pages.")
    language = models.CharField(max_length=2, choices=Language, blank=True)
    usage_kept_days = models.PositiveSmallIntegerField(
        null=True, blank=True, choices=UsageKept, help_text="Records of extractions; null: while the account is active."
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.id  # not the e-mail: this ends up in logs and in the admin's history


class SignIn(models.Model):
    """Once somebody signed in: the technical data that the policy names, for its owner to see, for 90 days."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_ins")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    method = models.CharField(max_length=40, blank=True, help_text="password, google, github, webauthn, totp ...")
    ip = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=60, blank=True, help_text="Its name, without a version.")
    device = models.CharField(max_length=60, blank=True, help_text="Operating system or device.")

    class Meta:
        ordering = ["-at"]


class SessionQuerySet(models.QuerySet["Session"]):
    def alive(self) -> SessionQuerySet:
        return self.filter(expire_date__gt=timezone.now())


class Session(AbstractBaseSession):
    """Django's session, which knows whose it is: so that one can be ended, or all of a person's."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    sign_in = models.ForeignKey(SignIn, models.SET_NULL, null=True, related_name="+")

    objects: ClassVar[Any] = BaseSessionManager.from_queryset(SessionQuerySet)()

    @classmethod
    def get_session_store_class(cls) -> type:
        return import_module(settings.SESSION_ENGINE).SessionStore
