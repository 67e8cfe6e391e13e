"""What people may ask, at which doors, and whether they were answered in time."""

from __future__ import annotations

import json
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db.models import F
from django.urls import NoReverseMatch, reverse

from privacy.holdings import exported_fields, personal_rows
from privacy.models import ANSWERED_WITHIN, EXTENDED_BY, SubjectRequest
from privacy.promises.front_door import ask, get
from privacy.promises.promise import Finding, found, some

Kind = SubjectRequest.Kind
A_MONTH = timedelta(days=30)
TWO_MONTHS = timedelta(days=60)
PORTAL = {
    Kind.ACCESS: "privacy_centre",
    Kind.PORTABILITY: "privacy_centre",
    Kind.RECTIFICATION: "settings",
    Kind.ERASURE: "delete_account",
}


def right_has_its_doors(kind: str) -> Finding:
    """In the portal for who has an account, and in the API."""
    faults = []
    try:
        reverse(PORTAL[Kind(kind)])
    except NoReverseMatch:
        faults.append("the portal has no door for it")
    contract = json.loads(get("/v1/openapi.json").content)
    accepted = str(contract["paths"].get("/v1/privacy/requests", {}).get("post", {})) + str(contract["components"])
    if f"'{kind}'" not in accepted:
        faults.append("the API has no door for it")
    asked = SubjectRequest.objects.filter(kind=kind).count()
    return found(f"asked for {asked} times; in the portal, and at POST /v1/privacy/requests", faults)


def requests_are_answered_in_time() -> Finding:
    late = SubjectRequest.objects.all().overdue().count()
    answered = SubjectRequest.objects.exclude(closed_at=None)
    too_late = answered.filter(closed_at__gt=F("opened_at") + A_MONTH, extended_until=None).count()
    faults = some(late, "open requests are past their date")
    faults += some(too_late, "requests were answered after more than 30 days")
    if ANSWERED_WITHIN > A_MONTH:
        faults.append("requests are due after more than 30 days")
    return found(f"{SubjectRequest.objects.all().open().count()} open requests, {answered.count()} answered", faults)


def more_time_has_its_reason() -> Finding:
    extended = SubjectRequest.objects.exclude(extended_until=None)
    silent = extended.filter(extended_because="").count()
    faults = some(silent, "requests were extended without a reason")
    if EXTENDED_BY > TWO_MONTHS:
        faults.append("more time is taken than two months")
    return found(f"{extended.count()} requests extended, each with a reason that was told", faults)


def an_export_has_everything() -> Finding:
    """Of every table about people each column but proofs and secrets, and every table has a person to belong to."""
    rows = personal_rows()
    faults = [f"{row.table} is about people and exports nothing" for row in rows if not exported_fields(row)]
    unknown = [row.table for row in rows if not _exists(row.table)]
    faults += [f"{table} is no table" for table in unknown]
    return found(f"{len(rows)} tables about people, all of them in an export", faults)


def who_to_ask_is_said() -> Finding:
    page = ask("policy").content.decode()
    faults = [] if settings.CONTACT_EMAIL in page else ["the policy does not say whom to write to"]
    if "@" not in settings.CONTACT_EMAIL:
        faults.append("there is no address to write to")
    return found("the published policy names the address to write to", faults)


def _exists(table: str) -> bool:
    try:
        apps.get_model(table)
    except LookupError:
        return False
    return True
