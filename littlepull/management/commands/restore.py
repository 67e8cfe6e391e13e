"""manage.py restore FILE: a backup put back, and all that has to follow before anything is started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from extraction.jobs import end_what_was_lost
from littlepull.backups import BackupFailed, put_back


class Command(BaseCommand):
    help = "Puts a backup back, brings it up to date, erases again who was erased since, and proves ledger and log."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--reason", required=True, help="for the audit log, which is never erased: name nobody")
        parser.add_argument(
            "--nobody-was-erased", action="store_true", help="there is no ERASURE_LOG, because nobody ever was"
        )

    def handle(self, *, file: Path, reason: str, nobody_was_erased: bool, **_: Any) -> None:
        """What was put back stays, also where a later step fails: each may be run again by itself."""
        try:
            put_back(file)
        except BackupFailed as failed:
            raise CommandError(f"{failed} Nothing was changed.") from None
        self.stdout.write(f"{file.name} was put back.")
        call_command("migrate", verbosity=0)
        if not nobody_was_erased:
            call_command("reapply_erasures", stdout=self.stdout)
        self.stdout.write(f"{end_what_was_lost()} extractions were under way: they failed, and cost nothing.")
        call_command("verify_audit", restored=reason, stdout=self.stdout)
        call_command("check_ledger", stdout=self.stdout)
