"""What needs a person now, for whoever may do something about it: the gravest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone

from accounts.ids import first_id
from accounts.models import WebhookDelivery, WebhookEndpoint
from billing.attention import gather as gather_payments
from billing.models import LedgerCheck
from extraction.models import Job, WorkerBeat
from littlepull.site.status_parts import State, judge_providers
from privacy.attesting import find_latest
from privacy.erase import BROKEN_OFF_AFTER
from privacy.models import ErasureRun, SubjectRequest
from routing import catalogue, vitals

LATELY, SOON = timedelta(days=1), timedelta(days=10)
LATE, TOO_LATE = timedelta(minutes=1), timedelta(minutes=10)
STALE = timedelta(hours=3)  # an hourly look that has been left out more than once


class Weight(IntEnum):
    GOOD = 0
    CALM = 1
    WARN = 2
    BAD = 3


@dataclass(frozen=True, slots=True)
class Need:
    """`tally`: the figure, short; `says`: what it is and what to do; `page`: where."""

    title: str
    weight: Weight
    tally: str
    says: str
    page: str = ""

    @property
    def look(self) -> str:
        return self.weight.name.lower()


def gather(user: Any) -> list[Need]:
    """Of what `user` may see. What is in order comes last."""
    seen = (need for permission, look in LOOKS if user.has_perm(permission) for need in look())
    return sorted(seen, key=lambda need: -need.weight)


def _requests() -> Iterator[Need]:
    page = reverse("admin:privacy_subjectrequest_changelist")
    rows, now = SubjectRequest.objects.all(), timezone.now()
    overdue, soon, open_ = rows.overdue().count(), rows.due_before(now + SOON).count(), rows.open().count()
    if overdue:
        says = f"{overdue} past the legal date, {soon - overdue} more within ten days, {open_} open in all."
        yield Need("Privacy requests", Weight.BAD, str(overdue), says, f"{page}?state=overdue")
    elif soon:
        yield Need("Privacy requests", Weight.WARN, str(soon), f"Due within ten days, of {open_} that are open.", page)
    elif open_:
        yield Need("Privacy requests", Weight.CALM, str(open_), "Open, none due within ten days.", page)
    else:
        yield Need("Privacy requests", Weight.GOOD, "0", "None is open.", page)
    started = ErasureRun.objects.filter(status=ErasureRun.Status.RUNNING, approved_at__lt=now - BROKEN_OFF_AFTER)
    if broken_off := started.count():
        says = "Broken off half way. A worker takes them up again; if it does not, open them and run them again."
        where = reverse("admin:privacy_erasurerun_changelist")
        yield Need("Erasures", Weight.BAD, str(broken_off), says, f"{where}?status__exact=running")


def _queue() -> Iterator[Need]:
    page, now = reverse("admin:extraction_job_changelist"), timezone.now()
    due = Job.objects.waiting().aggregate(waiting=Count("pk"), oldest=Min("run_after"))
    running, stalled = Job.objects.filter(status=Job.Status.RUNNING).count(), Job.objects.stalled().count()
    age = now - due["oldest"] if due["oldest"] else timedelta()
    weight = Weight.BAD if age > TOO_LATE else Weight.WARN if age > LATE else Weight.GOOD
    waits = f"the oldest for {_for(age)}" if due["waiting"] else "nothing waits"
    yield Need("Queue", weight, str(due["waiting"]), f"Waiting, {waits}; {running} running.", f"{page}?status=queued")
    if stalled:
        says = "Their worker has gone silent. Any worker alive takes them over within seconds: is there one?"
        yield Need("Stuck extractions", Weight.BAD, str(stalled), says, f"{page}?status=running")
    alive = list(WorkerBeat.objects.alive().values_list("ready", flat=True))
    workers = reverse("admin:extraction_workerbeat_changelist")
    if not alive:
        yield Need("Workers", Weight.BAD, "0", "None is alive: nothing is read, purged or checked. Start one.", workers)
    elif not any(alive):
        yield Need("Workers", Weight.WARN, str(len(alive)), "Alive, and still loading their models.", workers)
    else:
        yield Need("Workers", Weight.GOOD, str(len(alive)), f"Alive, {sum(alive)} ready.", workers)


def _failures() -> Iterator[Need]:
    page = reverse("admin:extraction_job_changelist")
    since = first_id("ext", timezone.now() - LATELY)
    failed = Job.objects.filter(status=Job.Status.FAILED, pk__gte=since)
    ours = failed.filter(error_code__in=["internal_error", "engine_crashed", "engine_timeout", "media_lost"])
    count = ours.count()
    codes = ours.values_list("error_code").annotate(many=Count("pk")).order_by("-many")
    says = ", ".join(f"{code}: {many}" for code, many in codes) or "None in the last day for a reason of ours."
    where = f"{page}?status=failed"
    yield Need("Failed extractions", Weight.WARN if count else Weight.GOOD, str(count), says, where)


def _payments() -> Iterator[Need]:
    matters, page = gather_payments(), reverse("admin:billing_payment_attention")
    if not matters:
        yield Need("Payments", Weight.GOOD, "0", "No difference, no dispute, no debt, nothing misunderstood.", page)
        return
    says = "; ".join(f"{matter.title}: {matter.count}" for matter in matters)
    yield Need("Payments", Weight.WARN, str(sum(matter.count for matter in matters)), says, page)


def _ledger() -> Iterator[Need]:
    page, latest = reverse("admin:billing_transaction_changelist"), LedgerCheck.objects.first()
    if latest is None or latest.at < timezone.now() - STALE:
        when = f"Last proved {_for(timezone.now() - latest.at)} ago" if latest else "Never proved yet"
        yield Need("Ledger", Weight.WARN, "?", f"{when}: a worker does it every hour, or manage.py check_ledger.", page)
    elif latest.faults:
        says = "manage.py check_ledger names them. Stop writing before you look; never mend by hand."
        yield Need("Ledger", Weight.BAD, str(latest.faults), f"Faults. {says}", page)
    else:
        yield Need("Ledger", Weight.GOOD, "0", f"No fault, proved {_for(timezone.now() - latest.at)} ago.", page)


def _providers() -> Iterator[Need]:
    page = reverse("admin:routing_languagemodel_changelist")
    offers = [offer for offer in catalogue.read().offers.values() if offer.enabled]
    parts = [part for part in judge_providers(offers, vitals.vitals()) if part.state in (State.WARN, State.BAD)]
    if parts:
        told = "; ".join(
            f"{part.name}: {part.facts['paused']} of {part.facts['models']} models paused" for part in parts
        )
        weight = Weight.BAD if any(part.state == State.BAD for part in parts) else Weight.WARN
        yield Need("Model providers", weight, str(len(parts)), f"{told}. As this process sees it.", page)
    else:
        yield Need("Model providers", Weight.GOOD, "0", "No open circuit that this process knows of.", page)
    if missing := catalogue.unpriced():
        says = "Without a price nobody gets them."
        yield Need("Models without a price", Weight.WARN, str(len(missing)), says, f"{page}?price=unknown")


def _promises() -> Iterator[Need]:
    page, latest = reverse("attestation"), find_latest()
    if latest is None or latest.at < timezone.now() - STALE:
        when = f"Last looked at {_for(timezone.now() - latest.at)} ago" if latest else "Not looked at yet"
        yield Need("Promises", Weight.WARN, "?", f"{when}: a worker does it every hour.", page)
    elif latest.broken:
        says = f"Broken, of {latest.promises}: what we say to people is not true now. The page says which and why."
        yield Need("Promises", Weight.BAD, str(latest.broken), says, page)
    else:
        ago = _for(timezone.now() - latest.at)
        yield Need("Promises", Weight.GOOD, str(latest.promises), f"All kept, looked at {ago} ago.", page)


def _webhooks() -> Iterator[Need]:
    deliveries, endpoints = (reverse(f"admin:accounts_webhook{name}_changelist") for name in ("delivery", "endpoint"))
    since = first_id("dlv", timezone.now() - LATELY)
    failed = WebhookDelivery.objects.filter(status=WebhookDelivery.Status.FAILED, pk__gte=since)
    if count := failed.count():
        says = "Given up in the last day: the customer's server did not take them."
        yield Need("Webhooks", Weight.CALM, str(count), says, f"{deliveries}?status__exact=failed")
    else:
        yield Need("Webhooks", Weight.GOOD, "0", "None was given up in the last day.", deliveries)
    if off := WebhookEndpoint.objects.filter(disabled_because=WebhookEndpoint.Disabled.FAILURES).count():
        says = "Switched off after failing too often; their owners were told."
        yield Need("Webhook endpoints", Weight.CALM, str(off), says, f"{endpoints}?disabled_because__exact=failures")


LOOKS: tuple[tuple[str, Callable[[], Iterator[Need]]], ...] = (
    ("privacy.view_subjectrequest", _requests),
    ("privacy.view_attestation", _promises),
    ("extraction.view_job", _queue),
    ("extraction.view_job", _failures),
    ("billing.view_payment", _payments),
    ("billing.view_transaction", _ledger),
    ("routing.view_languagemodel", _providers),
    ("accounts.view_webhookdelivery", _webhooks),
)


def _for(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "under a minute"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"
