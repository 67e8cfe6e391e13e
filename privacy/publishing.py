"""Publishing a version of the privacy policy: the verb, and what it refuses to publish.

The text lives in a file that was read by others before; a version that changes much is told to everybody by mail before
it holds (privacy.notices), and asked to be accepted from its day.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.audit_words import AuditAct
from accounts.models import User
from privacy.errors import PolicyRefused
from privacy.models import PolicyVersion
from privacy.policies import digest_of

NAMES = {"contact", "operator"}  # what policies.fill_in knows
TOLD_BEFORE = timedelta(days=14)  # the policy promises word before a significant change holds


def draft(text: str, *, effective_on: date, major: bool) -> PolicyVersion:
    """The next version, not saved. Raises PolicyRefused."""
    text = text.replace("\r\n", "\n").strip() + "\n"
    latest = PolicyVersion.objects.order_by("-number").first()
    today = timezone.localdate()
    unknown = set(re.findall(r"\{(\w*)\}", text)) - NAMES
    refusals = {
        "The text is empty.": not text.strip(),
        "Nothing has changed since the latest version.": latest is not None and text.strip() == latest.text.strip(),
        f"Nobody fills these in: {', '.join(sorted(unknown))}.": bool(unknown),
        "It cannot hold from a day that is over.": effective_on < today,
        "It cannot hold before the version it follows.": latest is not None and effective_on < latest.effective_on,
        f"People are told of a significant change {TOLD_BEFORE.days} days before it holds.": (
            major and latest is not None and effective_on < today + TOLD_BEFORE
        ),
    }
    for refusal, holds in refusals.items():
        if holds:
            raise PolicyRefused(refusal)
    number = latest.number + 1 if latest is not None else 1
    return PolicyVersion(number=number, effective_on=effective_on, major=major, text=text, digest=digest_of(text))


@transaction.atomic
def publish(text: str, *, effective_on: date, major: bool, reason: str, actor: User | None = None) -> PolicyVersion:
    """`actor`: None for whoever has the machine. Raises PolicyRefused, and ValueError for a reason that names people.

    Who publishes at the same time finds the number taken: IntegrityError, and nothing of it is published.
    """
    version = draft(text, effective_on=effective_on, major=major)
    version.save(force_insert=True)
    record(
        AuditAct.POLICY_PUBLISHED,
        actor=actor,
        on=version,
        reason=reason,
        number=version.number,
        major=version.major,
        effective_on=version.effective_on.isoformat(),
        sha256=version.digest,
    )
    return version
