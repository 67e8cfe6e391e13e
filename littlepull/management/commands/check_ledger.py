"""manage.py check_ledger: proves every invariant of the ledger, and that jobs, leases and holds agree."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import audit
from billing.models import Entry, Hold, Wallet
from extraction.audit import find_faults_of_jobs
from routing.audit import find_faults_of_leases


class Command(BaseCommand):
    help = "Exits with an error and a line per fault, or prints what was proved."

    def handle(self, **_: Any) -> None:
        faults = [*audit.find_faults(), *find_faults_of_jobs(), *find_faults_of_leases()]
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults in the ledger.")
        self.stdout.write(
            f"Ledger clean: {Entry.objects.count()} entries sum to {audit.sum_of_entries()}, "
            f"{Wallet.objects.count()} wallets and {Hold.objects.count()} holds agree with them."
        )
