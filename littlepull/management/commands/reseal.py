"""`manage.py reseal`: after a rotation of SEALING_KEYS, what is kept for long is wrapped by the new first key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts import webhooks
from accounts.sign_in import reseal_second_factors
from extraction import saved_schemas


class Command(BaseCommand):
    help = "Wraps what is kept for long by the first of SEALING_KEYS, so that the others can go."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        schemas, secrets, factors = saved_schemas.reseal(), webhooks.reseal(), reseal_second_factors()
        self.stdout.write(f"{schemas} schemas, {secrets} webhook secrets, {factors} second factors")
