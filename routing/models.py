"""What the gateway knows and remembers: the catalogue, the limits of keys, and the record of each request.

No column of a Generation, an Attempt or a Weighed candidate can hold text: numbers, dates, keys of the
catalogue, and words of fixed lists. What was asked and answered passes through, and leaves nothing here.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import new_id
from accounts.models import ApiKey, User
from accounts.written_once import WrittenOnce
from billing.models import Hold
from routing.words import Cause, Exclusion, Finish, Outcome, Policy, Task, Window

METADATA_KEPT = timedelta(days=90)
PERMILLE = [MaxValueValidator(1000)]


class Provider(models.Model):
    """A company or server that sells model calls. Its key is in the settings, under the same name."""

    class Adapter(models.TextChoices):
        OPENAI_COMPATIBLE = "openai_compatible"
        ANTHROPIC = "anthropic"

    name = models.SlugField(primary_key=True, max_length=40)
    adapter = models.CharField(max_length=20, choices=Adapter, default=Adapter.OPENAI_COMPATIBLE)
    base_url = models.URLField(blank=True, help_text="Settings may name another.")
    region = models.CharField(max_length=40, blank=True, help_text="Where requests are processed, as it says itself.")
    retention_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="It keeps prompts; null: unknown."
    )
    trains = models.BooleanField(null=True, blank=True, help_text="It trains on prompts; null: unknown.")
    enabled = models.BooleanField(default=True)
    source = models.URLField(blank=True, help_text="Where this was read.")
    checked_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class LanguageModel(models.Model):
    """A model at a provider. `id` is what callers name: provider/model."""

    id = models.CharField(primary_key=True, max_length=200)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="models")
    upstream_id = models.CharField(max_length=160, help_text="The provider's own name for it.")
    context_tokens = models.PositiveIntegerField()
    max_output_tokens = models.PositiveIntegerField()
    tools = models.BooleanField(default=False, help_text="Calls functions.")
    structured = models.BooleanField(default=False, help_text="Is held to a JSON Schema.")
    vision = models.BooleanField(default=False, help_text="Looks at images.")
    streaming = models.BooleanField(default=True)
    enabled = models.BooleanField(default=True)
    source = models.URLField(blank=True)
    checked_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.id


class ModelPrice(WrittenOnce):
    """Micro-credits for a million tokens in one version. Null is unknown, and never charged as nothing."""

    model = models.ForeignKey(LanguageModel, models.PROTECT, related_name="prices")
    version = models.PositiveIntegerField()
    input = models.BigIntegerField(null=True)
    cached_input = models.BigIntegerField(null=True, help_text="Null: as other input.")
    cache_write = models.BigIntegerField(null=True, help_text="Null: as other input.")
    output = models.BigIntegerField(null=True)
    effective_at = models.DateTimeField(default=timezone.now)
    source = models.URLField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "version"], name="one_price_per_model_and_version")]


class ModelQuality(models.Model):
    """How well a model does a kind of task, 0 to 1000, in one version of the table."""

    version = models.PositiveIntegerField()
    model = models.ForeignKey(LanguageModel, models.CASCADE, related_name="qualities")
    task = models.CharField(max_length=16, choices=Task)
    score = models.PositiveSmallIntegerField(validators=PERMILLE)

    class Meta:
        verbose_name_plural = "model qualities"
        constraints = [models.UniqueConstraint(fields=["version", "model", "task"], name="one_quality_per_task")]


class KeyPolicy(models.Model):
    """What a key's owner allows of providers (F53), and whether its requests may explore (F56)."""

    api_key = models.OneToOneField(ApiKey, models.CASCADE, primary_key=True, related_name="+")
    deny_training = models.BooleanField(default=False, help_text="Only providers known not to train on prompts.")
    max_retention_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0: zero retention only.")
    regions = models.JSONField(default=list, blank=True, help_text="Empty: any.")
    explore = models.BooleanField(default=True)
    affinity = models.BooleanField(default=False, help_text="Stay with a session's model for its prompt cache.")

    class Meta:
        verbose_name_plural = "key policies"


class KeyLimit(models.Model):
    """At most so much in a window of time (F47). `cost` is in micro-credits."""

    class Resource(models.TextChoices):
        REQUESTS = "requests", _("Requests")
        TOKENS = "tokens", _("Tokens")
        COST = "cost", _("Cost")

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    resource = models.CharField(max_length=8, choices=Resource)
    window = models.CharField(max_length=6, choices=Window)
    limit = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "resource", "window"], name="one_limit_per_window")]


class KeyUsage(models.Model):
    """What a key has used in an hour, a day or a month: written with the settlement, read by the limits."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    window = models.CharField(max_length=6, choices=Window)
    starts_at = models.DateTimeField()
    requests = models.PositiveBigIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    cost = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "window", "starts_at"], name="one_usage_per_window")]


class GenerationQuerySet(models.QuerySet["Generation"]):
    def owned_by(self, user: User) -> GenerationQuerySet:
        return self.filter(api_key__user=user)


class Generation(models.Model):
    """One request to the gateway: what kind it was, who answered, what it took. Never what it said."""

    class Status(models.TextChoices):
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CUT = "cut", "Ended after its first token, by the provider"
        CANCELED = "canceled", "The caller went away"

    id = models.CharField(primary_key=True, max_length=32, default=partial(new_id, "gen"), editable=False)
    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, related_name="+", help_text="Null: nothing to pay.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    status = models.CharField(max_length=9, choices=Status)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.OK)

    task = models.CharField(max_length=16, choices=Task)
    cause = models.CharField(max_length=20, choices=Cause, help_text="By what evidence the task was told (F37).")
    confidence = models.PositiveSmallIntegerField(validators=PERMILLE)
    difficulty = models.PositiveSmallIntegerField(default=500, validators=PERMILLE)

    policy = models.CharField(max_length=8, choices=Policy)
    model = models.ForeignKey(LanguageModel, models.PROTECT, null=True, related_name="+", help_text="Who answered.")
    explored = models.BooleanField(default=False)
    affine = models.BooleanField(default=False, help_text="Chosen because the session was there before.")
    quality_version = models.PositiveIntegerField(null=True)
    price_version = models.PositiveIntegerField(null=True)

    streamed = models.BooleanField(default=False)
    finish = models.CharField(max_length=10, choices=Finish, blank=True)
    input_tokens = models.PositiveIntegerField(default=0, help_text="All that was read, cached or not.")
    cached_tokens = models.PositiveIntegerField(default=0)
    cache_write_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    estimated_tokens = models.BooleanField(default=False, help_text="The provider did not count; we did.")
    cost = models.BigIntegerField(null=True, help_text="Micro-credits charged. Null: the price is unknown.")
    cost_input = models.BigIntegerField(default=0)
    cost_cached = models.BigIntegerField(default=0)
    cost_cache_write = models.BigIntegerField(default=0)
    cost_output = models.BigIntegerField(default=0)

    latency_ms = models.PositiveIntegerField(default=0, help_text="From the request's arrival to its last byte.")
    first_token_ms = models.PositiveIntegerField(null=True)
    overhead_us = models.PositiveIntegerField(default=0, help_text="Of it spent here and not upstream, microseconds.")
    score = models.PositiveSmallIntegerField(null=True, validators=PERMILLE, help_text="The caller's feedback.")

    objects = GenerationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["api_key", "-created_at"], name="generations_of_a_key"),
            models.Index(fields=["task", "model", "created_at"], name="generations_by_task"),
        ]
        constraints = [models.CheckConstraint(condition=Q(cost=None) | Q(cost__gte=0), name="cost_not_negative")]


class Attempt(models.Model):
    """One try at one candidate."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    model = models.ForeignKey(LanguageModel, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20, choices=Outcome)
    status = models.PositiveSmallIntegerField(null=True, help_text="The provider's HTTP status, where it answered.")
    latency_ms = models.PositiveIntegerField()
    first_token_ms = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "number"], name="one_attempt_per_number")]


class Weighed(models.Model):
    """A candidate as it stood when the choice was made: its rank and the figures behind it, or why it was out."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="weighed")
    model = models.ForeignKey(LanguageModel, models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField(null=True, help_text="0 is tried first. Null: excluded.")
    excluded = models.CharField(max_length=20, choices=Exclusion, blank=True)
    score = models.PositiveSmallIntegerField(default=0, validators=PERMILLE)
    quality = models.PositiveSmallIntegerField(null=True, validators=PERMILLE)
    expected_cost = models.BigIntegerField(null=True, help_text="Micro-credits.")
    expected_ms = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "model"], name="weighed_once")]


class JournalMark(models.Model):
    """How far a web process's journal has been entered into the books, kept in the same transaction."""

    name = models.CharField(
        primary_key=True, max_length=100, help_text="The journal's file name: host, process, chance."
    )
    offset = models.PositiveBigIntegerField(default=0)
