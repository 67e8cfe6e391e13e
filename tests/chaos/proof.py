"""After it: everything asked is answered once, charged once, and nothing is left of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.chaos.load import Load
from tests.server import Product

ENDED_WITHIN, SETTLED_WITHIN = 600.0, 60.0
COUNT = """
import json
from django.db.models import Count, Sum
from billing.models import Hold
from extraction import sweeping
from extraction.models import Envelope, Job
from routing.models import Generation
print(json.dumps({
    "jobs": dict(Job.objects.values_list("status").annotate(count=Count("pk"))),
    "codes": dict(Job.objects.exclude(error_code="").values_list("error_code").annotate(count=Count("pk"))),
    "charged": Job.objects.aggregate(sum=Sum("charged"))["sum"] or 0,
    "generations": Generation.objects.count(),
    "spent": Generation.objects.aggregate(sum=Sum("cost"))["sum"] or 0,
    "holds": Hold.objects.filter(status=Hold.Status.OPEN).count(),
    "keys_of_media": Envelope.objects.filter(content=Envelope.Content.MEDIA).count(),
    "orphans": sweeping.sweep_spool(older_than_seconds=0),
}))
"""


def wait_until_quiet(product: Product, load: Load) -> float:
    """Seconds until every extraction had ended and no credits were set aside."""
    began = time.monotonic()
    with product.client(load.key) as client:
        for job in load.accepted.values():
            while client.get(f"/v1/extractions/{job}").json()["status"] in {"queued", "running"}:
                if time.monotonic() - began > ENDED_WITHIN:
                    return time.monotonic() - began
                time.sleep(0.2)
        deadline = time.monotonic() + SETTLED_WITHIN
        while client.get("/v1/account").json()["credits"]["held"] != "0.000000" and time.monotonic() < deadline:
            time.sleep(0.5)
    return time.monotonic() - began


def find_faults(product: Product, load: Load, spool: Path, granted: int) -> Iterator[str]:
    """A line for each thing that ought to be otherwise."""
    told = count(product)
    print(json.dumps(told))
    yield from load.unexpected
    jobs = told["jobs"]
    if sum(jobs.values()) != len(load.accepted):
        yield f"{len(load.accepted)} extractions were accepted, {sum(jobs.values())} are in the books"
    if set(jobs) - {"succeeded", "failed"}:
        yield f"not all have ended: {jobs}"
    if told["holds"] or told["keys_of_media"]:
        yield f"{told['holds']} holds and {told['keys_of_media']} keys of media are left"
    if left := [path.name for path in spool.iterdir()]:
        yield f"{len(left)} files are left in the spool"
    with product.client(load.key) as client:
        available = Decimal(client.get("/v1/account").json()["credits"]["available"])
    if available * 1_000_000 != granted * 1_000_000 - told["charged"] - told["spent"]:
        yield f"{available} credits are left of {granted}, where {told['charged']} + {told['spent']} were charged"
    for command in ("check_ledger", "verify_audit", "check_promises"):
        try:
            product.manage(command)
        except AssertionError:
            yield f"{command}: {product.manage(command, check=False)[-2000:]}"


def count(product: Product) -> dict[str, Any]:
    return json.loads(product.manage("shell", "-v", "0", "-c", COUNT).splitlines()[-1])
