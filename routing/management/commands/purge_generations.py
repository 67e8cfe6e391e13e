"""manage.py purge_generations: forgets the records of requests that are older than ninety days."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from routing.retention import purge_generations


class Command(BaseCommand):
    help = "Deletes records of gateway requests past ninety days and says how many, from when to when."

    def handle(self, *args: Any, **options: Any) -> None:
        while not (purged := purge_generations()).complete:
            self.stdout.write(f"{purged}")
        self.stdout.write(f"{purged}")
