"""manage.py sweep_jobs: what the worker does every few seconds, once: stalled jobs, expired results, orphaned files."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from extraction import sweeping


class Command(BaseCommand):
    help = "Requeues or fails stalled jobs, destroys expired results, removes files without a key."

    def handle(self, **_: Any) -> None:
        for what, count in sweeping.sweep().items():
            self.stdout.write(f"{what}: {count}")
