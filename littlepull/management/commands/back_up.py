"""manage.py back_up FOLDER: the database as one file, beside a server that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from littlepull.backups import BackupFailed, back_up


class Command(BaseCommand):
    help = "Writes the database into a new file, without what has to be able to end: media keys, results, sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder: Path, **_: Any) -> None:
        try:
            file = back_up(folder)
        except (BackupFailed, OSError) as failed:
            raise CommandError(str(failed)) from None
        self.stdout.write(str(file))
