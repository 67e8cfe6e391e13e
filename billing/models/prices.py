"""What work costs, by versions of a table."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.written_once import WrittenOnce


class Price(WrittenOnce):
    """What one unit of work costs in one version of the price table. A change is a new version."""

    class Item(models.TextChoices):
        PAGE = "page", "A page of an image or document, read"
        AUDIO_SECOND = "audio_second", "A second of sound, read"
        GATEWAY_MARGIN = "gateway_margin", "Added to each credit of a model provider's price"
        LLM_MAPPING = "llm_mapping", "Mapping of one extraction by a language model"

    version = models.PositiveIntegerField()
    item = models.CharField(max_length=20, choices=Item)
    credits = models.BigIntegerField(help_text="Micro-credits for one unit.")
    effective_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "item"], name="one_price_per_item"),
            models.CheckConstraint(condition=Q(credits__gte=0), name="price_not_negative"),
        ]
