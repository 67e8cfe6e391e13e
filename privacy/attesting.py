"""Looking at every promise, and signing what was seen."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.signing import sign_statement
from privacy.models import Attestation
from privacy.promises import PROMISES, Finding, Promise

log = logging.getLogger(__name__)
STATEMENT = "littlepull.attestation/1"
EVERY_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Seen:
    promise: Promise
    finding: Finding


def check_promises() -> list[Seen]:
    """One after the other, as things are now."""
    return [Seen(promise, _look(promise)) for promise in PROMISES]


def attest(seen: list[Seen] | None = None) -> Attestation:
    """Signed and kept for 90 days; the latest is public."""
    seen = check_promises() if seen is None else seen
    broken = [one for one in seen if not one.finding.kept]
    for one in broken:
        log.error("promise %s is broken: %s", one.promise.code, "; ".join(one.finding.faults))
    jws = sign_statement(_statement(seen))
    return Attestation.objects.create(promises=len(seen), broken=len(broken), jws=jws)


def attest_when_due() -> Attestation | None:
    """For every worker, each of which comes by: one of them looks, once an hour."""
    latest = find_latest()
    return attest() if latest is None or latest.at < timezone.now() - EVERY_HOUR else None


def find_latest() -> Attestation | None:
    return Attestation.objects.first()


def _look(promise: Promise) -> Finding:
    try:
        return promise.check()
    except Exception as trouble:  # a promise that cannot be looked at is not known to be kept; the others still are
        log.exception("promise %s could not be looked at", promise.code)
        return Finding("", (f"could not be looked at: {type(trouble).__name__}",))


def _statement(seen: list[Seen]) -> dict[str, Any]:
    return {
        "type": STATEMENT,
        "site": settings.SITE_URL,
        "at": timezone.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "promises": [_tell(one) for one in seen],
    }


def _tell(one: Seen) -> dict[str, Any]:
    promise, finding = one.promise, one.finding
    return {
        "code": promise.code,
        "document": promise.document.value,
        "quote": promise.quote,
        "means": promise.means,
        "kept": finding.kept,
        "evidence": finding.evidence,
        "faults": list(finding.faults),
    }
