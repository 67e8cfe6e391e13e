"""Jobs for tests of the verbs: submitted as the API would, without an engine."""

from __future__ import annotations

from extraction import jobs, spool
from extraction.media.facts import MediaFacts
from extraction.models import Job
from extraction.orders import Options, Order
from tests.people import Person

FACTS = MediaFacts(kind="image", media_type="image/png", bytes=5, pages=1)
OUTCOME = jobs.Outcome(result={"data": {"total": 1}}, charge=1_000_000, engines={}, timings={})


def spooled(content: bytes = b"media") -> spool.Spooled:
    writer = spool.SpoolWriter(limit=10**9)
    writer.write(content)
    return writer.finish()


def submit(person: Person, **options: object) -> Job:
    order = Order(output_schema={"type": "object"}, options=Options(**options))
    return jobs.submit(person.key, spooled(), facts=FACTS, order=order, llm_mapping=False)
