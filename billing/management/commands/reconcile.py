"""manage.py reconcile: compares our payments with the providers' lists; a sentence for each difference."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing import reconciliation

WINDOW = timedelta(days=3)


def moment(text: str) -> datetime:
    """A day (its beginning, UTC) or a time as ISO 8601 has it."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("A day or a time, as in 2026-11-23 or 2026-11-23T06:00Z.") from None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def end(text: str) -> datetime:
    """Of a day that is named: the beginning of the next."""
    try:
        return moment((date.fromisoformat(text) + timedelta(days=1)).isoformat())
    except ValueError:
        return moment(text)


class Command(BaseCommand):
    help = "Exits with an error and a line per difference between our payments and the providers' lists."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=moment, help="a day or a time; three days before the end if left out")
        parser.add_argument("--until", type=end, help="a day, included, or a time; now if left out")

    def handle(self, *, since: datetime | None, until: datetime | None, **_: Any) -> None:
        until = until or timezone.now()
        since = since or until - WINDOW
        if since >= until:
            raise CommandError("--since is before --until.")
        differences = reconciliation.reconcile(since, until)
        for difference in differences:
            self.stdout.write(reconciliation.describe(difference))
        if differences:
            raise CommandError(f"{len(differences)} differences with the payment providers' lists.")
        self.stdout.write(f"No difference about payments from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC.")
