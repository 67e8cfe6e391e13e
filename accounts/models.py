"""People, their API keys, the requests they asked us to do once, and the webhooks by which they are told."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

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

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "usr"), editable=False)
    email = models.EmailField(unique=True, help_text="What they sign in with; compared without case.")
    name = models.CharField(max_length=150, blank=True, help_text="As they or their sign-in provider gave it.")
    is_staff = models.BooleanField(default=False, help_text="May enter the admin.")
    is_active = models.BooleanField(default=True, help_text="Unset to lock the account out.")
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.id  # not the e-mail: this ends up in logs and in the admin's history


class Scope(models.TextChoices):
    EXTRACTIONS_WRITE = "extractions:write", "Start and delete extractions"
    EXTRACTIONS_READ = "extractions:read", "Read extractions"
    ACCOUNT_READ = "account:read", "Read the account and its credits"
    KEYS_WRITE = "keys:write", "Manage keys, and move credits between them"
    BILLING_WRITE = "billing:write", "Buy credits and manage plans"
    CHAT_WRITE = "chat:write", "Call models through the gateway"
    CHAT_READ = "chat:read", "Read models, generations and statistics"
    WEBHOOKS_WRITE = "webhooks:write", "Manage webhook endpoints and their deliveries"


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
        LIVE = "live", "Live"
        TEST = "test", "Test: free, embedded engines only, never reaches a vendor"

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
    def forgotten(self) -> IdempotentRequestQuerySet:
        """A day old; or begun and never answered, because the process that began it died."""
        now = timezone.now()
        abandoned = models.Q(answer_id="", created_at__lt=now - timedelta(minutes=10))
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


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def owned_by(self, user: User) -> WebhookEndpointQuerySet:
        return self.filter(user=user)

    def listening(self) -> WebhookEndpointQuerySet:
        return self.filter(disabled_because="")


class WebhookEndpoint(models.Model):
    """An address of a customer that is told of everything, or of some kinds of event."""

    class Disabled(models.TextChoices):
        OWNER = "owner", "Its owner switched it off"
        FAILURES = "failures", "Too many messages in a row could not be delivered"
        GONE = "gone", "It answered 410: do not come again"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "whe"), editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="webhook_endpoints")
    url = models.CharField(max_length=2048)
    description = models.CharField(max_length=200, blank=True)
    event_types = models.JSONField(default=list, help_text="Empty: all.")
    disabled_because = models.CharField(max_length=8, choices=Disabled, blank=True, help_text="Empty: it is told.")
    failures_in_a_row = models.PositiveIntegerField(default=0, help_text="Messages given up since the last success.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = WebhookEndpointQuerySet.as_manager()


class WebhookSecret(models.Model):
    """What messages are signed with, wrapped by the installation's key. After a rotation the old one signs along."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, null=True, related_name="secrets", help_text="None: for single webhook_urls."
    )
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, help_text="When it stops signing; None for the one in use.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=models.Q(expires_at=None, endpoint__isnull=False),
                name="one_secret_per_endpoint",
            ),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(expires_at=None, endpoint=None), name="one_secret_per_account"
            ),
        ]


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def owned_by(self, user: User) -> WebhookDeliveryQuerySet:
        return self.filter(user=user)

    def due(self) -> WebhookDeliveryQuerySet:
        return self.filter(status=WebhookDelivery.Status.PENDING, next_attempt_at__lte=timezone.now())

    def forgotten(self) -> WebhookDeliveryQuerySet:
        return self.filter(created_at__lt=timezone.now() - timedelta(days=90))


class WebhookDelivery(models.Model):
    """One message to one address, until it is delivered or given up. The message tells that, never what."""

    class Status(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        FAILED = "failed"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "dlv"), editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, null=True, related_name="deliveries")
    url = models.CharField(max_length=2048)
    event_id = models.CharField(max_length=32, help_text="webhook-id: the same for every attempt.")
    event_type = models.CharField(max_length=60)
    payload = models.JSONField(help_text="What is sent: ids, states, dates and the caller's own labels.")
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Since it was last made due.")
    next_attempt_at = models.DateTimeField(
        default=timezone.now, help_text="While one is under way: when it counts as lost."
    )
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    ended_at = models.DateTimeField(null=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at"], name="delivery_due", condition=models.Q(status="pending")),
            models.Index(fields=["user", "-id"], name="delivery_list"),
        ]


class WebhookAttempt(models.Model):
    """One try at one delivery: when, how long, and what came back, without the body."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="log")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    milliseconds = models.PositiveIntegerField(default=0)
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=40, blank=True, help_text="Our code, where no answer came.")

    class Meta:
        ordering = ["number"]
