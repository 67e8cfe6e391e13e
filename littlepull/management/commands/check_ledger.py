"""manage.py check_ledger: proves every invariant of the ledger, and that jobs, leases and holds agree."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import audit
from billing.models import Entry, Hold, Wallet
from littlepull import books


class Command(BaseCommand):
    help = "Exits with an error and a line per fault, or prints what was proved."

    def handle(self, **_: Any) -> None:
        faults = books.find_faults()
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults in the ledger.")
        self.stdout.write(
            f"Ledger clean: {Entry.objects.count()} entries sum to {audit.sum_of_entries()}, "
            f"{Wallet.objects.count()} wallets and {Hold.objects.count()} holds agree with them."
        )
