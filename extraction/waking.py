"""Tells workers that a job waits: by the doorbell, and by a ticket where there is a broker."""

from __future__ import annotations

from django.conf import settings

from extraction import doorbell, tickets


def wake_workers(queue: str) -> None:
    """Never fails: whoever is not woken looks for himself, or is told by the sweep."""
    doorbell.ring(doorbell.WORKERS)
    if settings.QUEUE_URL:
        tickets.publish(queue)
