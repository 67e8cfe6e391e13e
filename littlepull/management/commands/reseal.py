"""`manage.py reseal`: after a rotation of SEALING_KEYS, what is kept for long is wrapped by the new first key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts import webhooks
from extraction import saved_schemas


class Command(BaseCommand):
    help = "Wraps saved schemas and webhook secrets by the first of SEALING_KEYS, so that the others can go."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{saved_schemas.reseal()} schemas, {webhooks.reseal()} webhook secrets")
