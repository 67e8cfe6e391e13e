"""Customers' addresses, and the messages by which they are told what happened."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.utils import timezone

from accounts.ids import new_id
from accounts.models.people import User


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
        verbose_name_plural = "webhook deliveries"
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
