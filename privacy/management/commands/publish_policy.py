"""manage.py publish_policy: a new version of the privacy policy, from a file; first shows what it changes."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy import policies
from privacy.errors import PolicyRefused
from privacy.models import PolicyVersion
from privacy.publishing import draft, publish

MARKS = {"gone": "[-{}-]", "new": "{{+{}+}}", "same": "{}"}


class Command(BaseCommand):
    help = "Publishes a version of the privacy policy. What is published is never changed again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="Headings (#), lists (-), paragraphs; {contact} and {operator}.")
        parser.add_argument("--effective-on", type=_day, required=True, metavar="DAY", help="2027-01-31")
        parser.add_argument("--major", action="store_true", help="Everybody is told by mail, and asked to accept it.")
        parser.add_argument("--reason", default="", help="For the audit log; without it nothing is published.")
        parser.add_argument("--dry-run", action="store_true", help="Only shows what it would change.")

    def handle(
        self, *, file: Path, effective_on: date, major: bool, reason: str, dry_run: bool, **options: Any
    ) -> None:
        if not (dry_run or reason.strip()):
            raise CommandError("Say why, by --reason; --dry-run only shows the difference.")
        latest = PolicyVersion.objects.order_by("-number").first()
        try:
            text = file.read_text(encoding="utf-8")
            coming = draft(text, effective_on=effective_on, major=major)
            for line in policies.compare(latest, coming) if latest else []:
                self.stdout.write("".join(MARKS[piece.mark].format(piece.text) for piece in line))
            if not dry_run:
                coming = publish(text, effective_on=effective_on, major=major, reason=reason)
        except (OSError, UnicodeDecodeError) as unreadable:
            raise CommandError(f"{file} cannot be read as text.") from unreadable
        except (PolicyRefused, ValueError) as refused:
            raise CommandError(str(refused)) from refused
        done = "would be published" if dry_run else "is published"
        self.stdout.write(f"Version {coming.number} {done}: from {coming.effective_on} on, SHA-256 {coming.digest}.")


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as unknown:
        raise ArgumentTypeError("a day looks like 2027-01-31") from unknown
