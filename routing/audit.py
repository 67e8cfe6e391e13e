"""Proves that leases and generations agree: a line for each fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from billing.models import Hold
from routing.models import METADATA_KEPT, Generation

LEASE = "lse_"
LEFT_OPEN = timedelta(minutes=10)  # a lease lives seconds, its longest request minutes


def find_faults_of_leases() -> Iterator[str]:
    """Of leases whose generations are all still there: past the ninety days, or of an erased account, they are not."""
    now = timezone.now()
    spent = Generation.objects.filter(hold=OuterRef("pk")).order_by().values("hold").annotate(total=Sum("cost"))
    leases = Hold.objects.filter(key__startswith=LEASE, created_at__gt=now - METADATA_KEPT + timedelta(days=1))
    known = leases.exclude(status=Hold.Status.OPEN).exclude(spender__digest="")
    closed = known.annotate(spent=Coalesce(Subquery(spent.values("total")), 0))
    for hold in closed.exclude(spent=F("charged")):
        yield f"lease {hold.key} was charged {hold.charged}, its generations cost {hold.spent}"
    for late in leases.filter(status=Hold.Status.OPEN, created_at__lt=now - LEFT_OPEN):
        yield f"lease {late.key} is open since {late.created_at:%Y-%m-%d %H:%M}: is a worker keeping the books?"
