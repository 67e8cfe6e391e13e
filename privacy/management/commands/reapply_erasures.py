"""manage.py reapply_erasures: after a restore, erases again whoever the backup has brought back. Nothing else first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.erasure import empty_write_ahead_log
from privacy import erasure_log
from privacy.erasure_log import Entry
from privacy.errors import ErasureLogBroken
from privacy.reapply import find_undone, find_unlogged, reapply


class Command(BaseCommand):
    help = "Does the erasures of ERASURE_LOG again that this database has forgotten. Run it before anything is started."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be erased, and change nothing")
        parser.add_argument("--from", type=int, default=1, metavar="N", dest="first", help="begin with this line")
        parser.add_argument("--log", type=Path, help="another log than ERASURE_LOG, such as another machine's")

    def handle(self, *, dry_run: bool, first: int, log: Path | None, **_: Any) -> None:
        log = log or erasure_log.place()
        if first < 1:
            raise CommandError("The first line is 1.")
        if not log.is_file():
            raise CommandError(
                f"There is no log of erasures at {log}. Nothing was done. Unless nobody was ever erased here, find it "
                "(ERASURE_LOG, or --log FILE) before you start: without it whoever was erased since the backup is back."
            )
        read: list[Entry] = []
        undone = 0
        try:
            for entry in erasure_log.read_entries(log, first=first):
                read.append(entry)
                undone += self._carry_out(entry, dry_run=dry_run)
        except ErasureLogBroken as broken:
            raise CommandError(self._way_on(broken, dry_run=dry_run)) from None
        finally:
            empty_write_ahead_log()
        self._report(read, undone, first=first, dry_run=dry_run)

    def _carry_out(self, entry: Entry, *, dry_run: bool) -> bool:
        if dry_run:
            back = find_undone(entry) is not None
            told = "is undone" if back else "stands"
        else:
            run = reapply(entry)
            back = run is not None
            told = f"was undone; done again as {run.pk}" if run is not None else "stands"
        self.stdout.write(f"line {entry.number}: erasure {entry.erasure} of {entry.at} {told}")
        return back

    def _report(self, read: list[Entry], undone: int, *, first: int, dry_run: bool) -> None:
        did = "would be done again" if dry_run else "were done again"
        self.stdout.write(f"{len(read)} erasures in the log, {undone} of them {did}.")
        if first > 1 or not read:
            return
        if missing := find_unlogged({entry.erasure for entry in read}, since=read[0].at):
            raise CommandError(
                f"The database knows erasures that this log does not: {', '.join(missing)}. The log is an old copy, or "
                "its end was cut off: find the newest one and run this again."
            )

    @staticmethod
    def _way_on(broken: ErasureLogBroken, *, dry_run: bool) -> str:
        before = "Nothing was changed." if dry_run else "The lines before it are done."
        return (
            f"{broken} {before} Look for a sound copy of the log. "
            f"If there is none, go on behind it with --from {broken.number + 1}: whoever that line was about stays."
        )
