"""Several threads write to the audit log at once: python -m tests.accounts.audit_in_threads ENTRIES THREADS

Run by a test as a process of its own, on an empty database of either kind. Every third transaction is rolled back.
"""

# ruff: noqa: E402 (Django first)
from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "littlepull.settings")
django.setup()

from django.db import connections, transaction

from accounts.audit import record
from accounts.audit_words import AuditAct
from accounts.models import User


class Regret(Exception):
    pass


def write(user: User, count: int) -> None:
    try:
        for number in range(count):
            try:
                with transaction.atomic():
                    record(AuditAct.RECTIFIED, actor=user, subject=user, on=user, reason="asked for", count=number)
                    if number % 3 == 2:
                        raise Regret
            except Regret:
                continue
    finally:
        connections.close_all()


def main(entries: int, threads: int) -> None:
    staff = User.objects.create_user("threads@example.com", is_staff=True)
    connections.close_all()  # a pool of eight has none to spare
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: write(staff, entries // threads), range(threads)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
