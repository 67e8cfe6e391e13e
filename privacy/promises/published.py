"""The policy itself: published as it is stored, dated, and its readers told of what changed."""

from __future__ import annotations

from datetime import timedelta
from html import escape

from django.conf import settings
from django.utils import timezone

from privacy.models import PolicyNotice, PolicyVersion
from privacy.notices import find_untold
from privacy.policies import OPERATOR, digest_of, find_current
from privacy.promises.front_door import ask
from privacy.promises.promise import Finding, found

A_DAY = timedelta(days=1)


def policy_is_in_force() -> Finding:
    current = find_current()
    if current is None:
        return found("no version is in force", ["there is no policy"])
    page = ask("policy")
    faults = [] if page.status_code == 200 else ["the policy's page does not answer"]
    if str(current.effective_on.year) not in page.content.decode():
        faults.append("the policy's page does not say since when it holds")
    return found(f"version {current.number}, in force since {current.effective_on}", faults)


def versions_are_unchanged() -> Finding:
    versions = list(PolicyVersion.objects.all())
    faults = [
        f"version {one.number} is not what was published" for one in versions if digest_of(one.text) != one.digest
    ]
    numbers = [one.number for one in versions]
    if numbers != list(range(1, len(numbers) + 1)):
        faults.append("a version is missing")
    return found(f"{len(versions)} versions, each with the digest it was published with", faults)


def operator_is_named() -> Finding:
    page = ask("policy").content.decode()
    names = [OPERATOR, settings.CONTACT_EMAIL]
    return found(
        "the policy names who operates this, and where to write",
        [f"{n} is missing" for n in names if escape(n) not in page],
    )


def people_were_told() -> Finding:
    """Of a version that changes much everybody is told by mail, within a day of its publication."""
    faults, told = [], 0
    for version in PolicyVersion.objects.filter(major=True, number__gt=1).defer("text"):
        told += PolicyNotice.objects.filter(version=version, sent_at__isnull=False).count()
        if version.published_at < timezone.now() - A_DAY and (untold := find_untold(version).count()):
            faults.append(f"{untold} people were not told of version {version.number}")
    return found(f"{told} mails sent about significant changes, each with its proof", faults)
