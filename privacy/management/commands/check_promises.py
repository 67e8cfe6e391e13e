"""manage.py check_promises: every promise of both policies, kept or broken, with what shows it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.attesting import Seen, check_promises
from privacy.attesting import attest as publish


class Command(BaseCommand):
    help = "Checks each promise of the privacy policies against the database, the settings and the spool."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--attest", action="store_true", help="also sign and publish what was seen")
        parser.add_argument("--broken", action="store_true", help="show broken promises alone")

    def handle(self, *, attest: bool, broken: bool, **_: Any) -> None:
        seen = check_promises()
        for one in seen:
            if not (broken and one.finding.kept):
                self._show(one)
        if attest:
            publish(seen)
            self.stdout.write("Signed and published.")
        count = sum(not one.finding.kept for one in seen)
        if count:
            raise CommandError(f"{count} of {len(seen)} promises are broken.")
        self.stdout.write(self.style.SUCCESS(f"{len(seen)} promises, all kept."))

    def _show(self, one: Seen) -> None:
        promise, finding = one.promise, one.finding
        word = self.style.SUCCESS("kept  ") if finding.kept else self.style.ERROR("BROKEN")
        self.stdout.write(f"{word} {promise.code:<22} {finding.evidence}")
        if promise.means:
            self.stdout.write(f"{'':<30}{promise.means}")
        for fault in finding.faults:
            self.stdout.write(self.style.ERROR(f"{'':<30}{fault}"))
