"""Proving the audit log: every entry as it was written, in its place, none missing, up to the end that was vouched for.

Page by page, so in constant memory however long the log is; beside a server that goes on writing to it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts import audit_file
from accounts.audit_chain import BEGINNING, COLUMNS, digest_of, is_sealed
from accounts.audit_file import Voucher, find_digest, read_voucher
from accounts.audit_words import AuditAct
from accounts.models import AuditCheckpoint, AuditEntry, AuditHead
from accounts.signing import public_keys

PAGE = 5000
NUMBER, AT, ACT, DETAILS, PREVIOUS, DIGEST = (
    (*COLUMNS, "digest").index(name) for name in ("number", "at", "act", "details", "previous", "digest")
)
IN_A_MOMENT = timedelta(minutes=10)  # until then a process may be about to write it


@dataclass(frozen=True, slots=True)
class Fault:
    """`number`: the entry it was noticed at; 0 where it is about none."""

    number: int
    kind: str
    text: str


def verify() -> Iterator[Fault]:
    return Walk().faults()


@dataclass
class Walk:
    """Once through the log: what is wrong, and after that how far it went."""

    entries: int = 0
    number: int = 0
    at: datetime | None = None
    digest: str = BEGINNING
    _first: int = 1
    _cut_through: int = 0
    _keys: dict[str, Any] = field(default_factory=public_keys)

    def faults(self) -> Iterator[Fault]:
        head = AuditHead.objects.filter(pk=1).first()
        yield from self._look_at_file()
        vouchers = heapq.merge(self._vouchers(), self._filed(), key=lambda one: one.number)
        waiting = next(vouchers, None)
        for row in _rows():
            if not self.entries:
                yield from self._begin(row)
            yield from self._look(row)
            while waiting is not None and waiting.number <= self.number:
                yield from self._compare(waiting)
                waiting = next(vouchers, None)
        yield from self._look_at_end(head)
        while waiting is not None:
            yield from self._beyond(waiting)
            waiting = next(vouchers, None)

    def _begin(self, row: tuple[Any, ...]) -> Iterator[Fault]:
        """At 1; or behind a checkpoint, where the entries before had reached their term."""
        self._first = row[NUMBER]
        if self._first == 1:
            return
        self.number = self._first - 1
        told = AuditCheckpoint.objects.filter(number=self.number).first()
        voucher = read_voucher(told.jws, self._keys, "", self.number) if told else None
        if voucher is None or voucher.digest is None or voucher.number != self.number:
            yield Fault(self._first, "gap", f"entries 1 to {self.number} are missing")
            self._cut_through, self.digest = self.number, row[PREVIOUS]  # said once
        else:
            self.digest = voucher.digest

    def _look(self, row: tuple[Any, ...]) -> Iterator[Fault]:
        number = row[NUMBER]
        if number != self.number + 1:
            yield Fault(number, "gap", f"entries {self.number + 1} to {number - 1} are missing")
        elif row[PREVIOUS] != self.digest:
            yield Fault(number, "order", "it does not follow the entry before: one of the two was changed or replaced")
        if digest_of(row[:DIGEST]) != row[DIGEST]:
            yield Fault(number, "altered", "it is not as it was written")
        if row[ACT] == AuditAct.LOG_CUT:
            self._cut_through = max(self._cut_through, row[DETAILS].get("through", 0))
        self.entries, self.number, self.at, self.digest = self.entries + 1, number, row[AT], row[DIGEST]

    def _compare(self, voucher: Voucher) -> Iterator[Fault]:
        if voucher.digest is None:
            yield Fault(voucher.number, "signature", f"{voucher.source} was not signed by this installation")
        elif voucher.number == self.number and voucher.digest != self.digest:
            yield Fault(voucher.number, "rewritten", f"{voucher.source} vouches for another history up to here")

    def _beyond(self, voucher: Voucher) -> Iterator[Fault]:
        """Written while we were reading, or gone."""
        digest = find_digest(voucher.number) if voucher.number else voucher.digest
        if voucher.digest is None:
            yield from self._compare(voucher)
        elif digest is None:
            text = f"the log ends at {self.number}, {voucher.source} vouches for entry {voucher.number}"
            yield Fault(voucher.number, "truncated", text)
        elif digest != voucher.digest:
            yield Fault(voucher.number, "rewritten", f"{voucher.source} vouches for another history up to here")

    def _look_at_end(self, head: AuditHead | None) -> Iterator[Fault]:
        if self._first > 1 and self._cut_through < self._first - 1:
            yield Fault(self._first, "gap", f"entries before {self._first} were deleted, and no entry tells of it")
        now = AuditHead.objects.filter(pk=1).first()
        if (now.number if now else 0) < self.number:
            yield Fault(self.number, "head", "the log goes on behind its end")
        if head is None or not head.number:
            return
        if not is_sealed(head.seal, head.number, head.digest):
            yield Fault(head.number, "head", "the end of the log was not sealed by this installation")
        if head.number > self.number:
            yield Fault(self.number + 1, "truncated", f"entries {self.number + 1} to {head.number} are missing")
        elif find_digest(head.number) != head.digest:
            yield Fault(head.number, "head", "the last entry is not the one that was sealed")

    def _look_at_file(self) -> Iterator[Fault]:
        """What is only in the database can be rolled back with it."""
        settled = AuditCheckpoint.objects.filter(at__lt=timezone.now() - IN_A_MOMENT)
        newest = settled.order_by("-number").values_list("number", flat=True).first() or 0
        filed = max((one.number for one in self._filed()), default=0)
        if filed < newest:
            yield Fault(newest, "file", f"the file of checkpoints ends at {filed}, the database has one at {newest}")

    def _vouchers(self) -> Iterator[Voucher]:
        for number, jws in AuditCheckpoint.objects.order_by("number").values_list("number", "jws").iterator():
            one = read_voucher(jws, self._keys, f"checkpoint {number}", number)
            yield one if one.number == number else Voucher(number, None, one.source)

    def _filed(self) -> Iterator[Voucher]:
        if audit_file.place().exists():
            yield from audit_file.read_live(self._keys)


def _rows() -> Iterator[tuple[Any, ...]]:
    columns, last = (*COLUMNS, "digest"), 0
    while page := list(AuditEntry.objects.filter(number__gt=last).in_order().values_list(*columns)[:PAGE]):
        yield from page
        last = page[-1][NUMBER]
