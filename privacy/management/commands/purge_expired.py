"""manage.py purge_expired: deletes what is past its time, by the data map, and prints the evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from privacy.models import PurgeRun
from privacy.retention import BATCH, find_overdue, purge


class Command(BaseCommand):
    help = "Deletes what is past its time, in every table, and prints the signed evidence."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")
        parser.add_argument("--batch", type=int, default=BATCH, help="rows in one transaction")

    def handle(self, *, dry_run: bool, batch: int, **_: Any) -> None:
        if dry_run:
            self._show({table: count for table, count in find_overdue(within=timedelta()).items() if count})
            return
        run = purge(batch=batch)
        if run is None:
            self.stdout.write("nothing is past its time")
        else:
            self._tell(run)

    def _show(self, counts: dict[str, int]) -> None:
        for table, count in sorted(counts.items()):
            self.stdout.write(f"{table}: {count}")
        self.stdout.write(f"{sum(counts.values())} rows are past their time")

    def _tell(self, run: PurgeRun) -> None:
        for table, told in run.counts.items():
            self.stdout.write(f"{table}: {told['rows']} {told.get('sha256', '')}".rstrip())
        self.stdout.write(f"{run.pk}: {run.rows} rows deleted, sha256 {run.digest}")
        self.stdout.write(run.jws)
