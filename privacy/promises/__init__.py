"""What both policies promise, and the checks that show whether it is kept: against the live database, settings, spool.

`manage.py check_promises` prints them all; the worker looks every hour, and what it saw is the signed attestation.
"""

from __future__ import annotations

from privacy.promises.littlepull_policy import LITTLEPULL_POLICY
from privacy.promises.pellet_policy import PELLET_POLICY
from privacy.promises.promise import Document, Finding, Promise

PROMISES = (*LITTLEPULL_POLICY, *PELLET_POLICY)

__all__ = ["PROMISES", "Document", "Finding", "Promise"]
