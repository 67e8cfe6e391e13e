"""What the payment providers have been asked to forget: an outbox, worked off until they have."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from billing.models.payments import provider_field


class CustomerErasure(models.Model):
    """A provider's record of somebody who was erased here. Written with the erasure; tied to no account."""

    class Status(models.TextChoices):
        WAITING = "waiting", "To be asked"
        DONE = "done", "Masked there"
        BY_HAND = "by_hand", "Staff have to do it on the provider's own page"

    class Why(models.TextChoices):
        REFUSED = "refused", "The provider said no"
        SHARED = "shared", "Another account here pays as the same customer"

    provider = provider_field()
    customer_ref = models.CharField(max_length=80, blank=True, help_text="The provider's id of them; empty once done.")
    status = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    why = models.CharField(max_length=7, choices=Why, blank=True, help_text="Of what staff have to do.")
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(
        default=timezone.now, help_text="While one is under way: when it counts as lost."
    )
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "customer_ref"], condition=~Q(customer_ref=""), name="one_erasure_per_customer"
            )
        ]
        indexes = [models.Index(fields=["next_try_at"], condition=Q(status="waiting"), name="customer_erasures_due")]

    def __str__(self) -> str:
        return f"customer erasure {self.pk}"  # not the reference: this stays in the admin's history
