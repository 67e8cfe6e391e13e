"""The destruction receipt: a signed statement that a job's media is gone, for its caller and not for us.

It travels in the result's envelope and dies with it; whoever keeps their copy can verify it at any time with
the published keys (`manage.py verify_receipt`, or any JWS library).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts import signing
from extraction.models import Job

KIND = "littlepull.media-destruction.v1"
METHOD = "crypto-shredding: the only key (AES-256-GCM) deleted, then the ciphertext unlinked"


def issue_receipt(job: Job, *, sha256: str, destroyed_at: datetime) -> dict[str, Any]:
    """Readable as `statement`, provable as `jws`, which holds the same."""
    statement = {
        "type": KIND,
        "job_id": job.pk,
        "media": {"sha256": sha256, "bytes": job.media_bytes},
        "created_at": job.created_at.isoformat(),
        "destroyed_at": destroyed_at.isoformat(),
        "method": METHOD,
    }
    return {"statement": statement, "jws": signing.sign_statement(statement)}


def verify_receipt(receipt: dict[str, Any], key_set: dict[str, Any]) -> dict[str, Any]:
    """The statement that was really signed. Raises accounts.signing.NotGenuine."""
    signed = signing.read_statement(receipt["jws"], key_set)
    if signed != receipt.get("statement", signed) or signed.get("type") != KIND:
        raise signing.NotGenuine("What is readable here is not what was signed.")
    return signed
