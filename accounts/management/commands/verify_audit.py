"""Proves the audit log: a line for every fault, by the number of its entry, and 1 to the shell if there is any."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from accounts.audit import TRIGGERS, accept_restore
from accounts.audit_proof import Walk


class Command(BaseCommand):
    help = "Prove that no entry of the audit log was changed, moved or removed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--restored", metavar="REASON", help="A backup was put back on purpose: go on from there, and record it."
        )

    def handle(self, *args: Any, restored: str | None, **options: Any) -> None:
        if restored is not None:
            self._accept(restored)
        walk, faults = Walk(), 0
        for fault in walk.faults():
            faults += 1
            self.stdout.write(f"entry {fault.number}: {fault.kind}: {fault.text}")
        for name in sorted(TRIGGERS.missing(connection)):
            faults += 1
            self.stdout.write(f"entry 0: trigger: {name} is missing")
        until = f"{walk.at:%Y-%m-%d %H:%M:%S} UTC" if walk.at else "never"
        self.stdout.write(f"{walk.entries} entries until {until}; the last is {walk.number}, {walk.digest}")
        if faults:
            self.stdout.write(f"{faults} faults")
            sys.exit(1)

    def _accept(self, reason: str) -> None:
        try:
            entry = accept_restore(actor=None, reason=reason)
        except ValueError as refused:
            raise CommandError(str(refused)) from None
        lost = entry.details["lost_at_most"]
        self.stdout.write(f"The log goes on from its state in the backup; at most {lost} entries are lost.")
