"""API keys, their secrets as digests, and the requests they asked us to do once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import new_id
from accounts.models.people import User


class Scope(models.TextChoices):
    EXTRACTIONS_WRITE = "extractions:write", _("Start and delete extractions")
    EXTRACTIONS_READ = "extractions:read", _("Read extractions")
    ACCOUNT_READ = "account:read", _("Read the account and its credits")
    KEYS_WRITE = "keys:write", _("Manage keys, and move credits between them")
    BILLING_WRITE = "billing:write", _("Buy credits and manage plans")
    PRIVACY_WRITE = "privacy:write", _("Ask about the account's data, and end it")
    CHAT_WRITE = "chat:write", _("Call models through the gateway")
    CHAT_READ = "chat:read", _("Read models, generations and statistics")
    WEBHOOKS_WRITE = "webhooks:write", _("Manage webhook endpoints and their deliveries")


def every_scope() -> list[str]:
    return list(Scope.values)


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def owned_by(self, user: User) -> ApiKeyQuerySet:
        return self.filter(user=user)

    def usable(self) -> ApiKeyQuerySet:
        unexpired = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, revoked_at=None, user__is_active=True)


class ApiKey(models.Model):
    """A key as we can prove it: the public half, and the SHA-256 of the secret half."""

    class Mode(models.TextChoices):
        LIVE = "live", _("Live")
        TEST = "test", _("Test: free, embedded engines only, never reaches a vendor")

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "key"), editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100, blank=True, help_text="What its owner calls it.")
    mode = models.CharField(max_length=4, choices=Mode)
    public_id = models.CharField(max_length=16, unique=True, help_text="The visible part, by which it is found.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the secret part, hex.")
    scopes = models.JSONField(default=every_scope)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute, not the request.")
    pays_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", help_text="Shares that key's credits."
    )

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """What lists show: enough to tell keys apart, nothing to use one with."""
        return f"lp_{self.mode}_{self.public_id}…"

    @property
    def is_test(self) -> bool:
        return self.mode == self.Mode.TEST


class RetiredSecretQuerySet(models.QuerySet["RetiredSecret"]):
    def in_grace(self) -> RetiredSecretQuerySet:
        return self.filter(expires_at__gt=timezone.now())


class RetiredSecret(models.Model):
    """What a key was before it was rerolled: opens the same key until its grace is over."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="retired_secrets")
    public_id = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the secret part, hex.")
    expires_at = models.DateTimeField(db_index=True)

    objects = RetiredSecretQuerySet.as_manager()


class IdempotentRequestQuerySet(models.QuerySet["IdempotentRequest"]):
    def forgotten(self, lease: timedelta) -> IdempotentRequestQuerySet:
        """A day old; or begun longer ago than `lease` and not answered: the process that began it died, or is late."""
        now = timezone.now()
        abandoned = models.Q(answer_id="", created_at__lt=now - lease)
        return self.filter(models.Q(created_at__lt=now - timedelta(hours=24)) | abandoned)


class IdempotentRequest(models.Model):
    """One Idempotency-Key on one route of one API key, for 24 hours: which object answered it."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    route = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="Keyed hash of the body: tells other from same.")
    answer_id = models.CharField(max_length=32, blank=True, help_text="Empty while the first is under way.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotentRequestQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "route", "key"], name="one_answer_per_key")]
