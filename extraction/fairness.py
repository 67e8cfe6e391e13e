"""Whose turn it is: start-time fair queuing between accounts, in lanes.

A job's turn is where its account's previous job in the lane will have ended, counted in work, but never
before the work that is next anyway. So an account that sends a thousand files takes turns with one that
sends a single file, and nobody saves up turns by being idle.
"""

from __future__ import annotations

import secrets
from math import ceil

from django.db.models import Max, Min, Q

from accounts.models import User
from extraction.models import Job

SECONDS_LIKE_A_PAGE = 30  # of sound: about as much work as one page
LANES_UPSIDE_DOWN_EVERY = 8  # claims: batches go on, slowly, however many callers wait on the line


def next_turn(user: User, *, priority: int) -> int:
    """To be called in the transaction that inserts the job."""
    lane = Job.objects.active().filter(priority=priority)
    queued, running = Q(status=Job.Status.QUEUED), Q(status=Job.Status.RUNNING)
    at = lane.aggregate(next=Min("turn", filter=queued), last=Max("turn", filter=running))
    now = at["last"] or 0 if at["next"] is None else at["next"]
    mine = lane.owned_by(user).order_by("-turn").only("turn", "pages", "seconds").first()
    return max(now, mine.turn + work_of(mine)) if mine else now


def work_of(job: Job) -> int:
    return max(1, job.pages or 0, ceil((job.seconds or 0.0) / SECONDS_LIKE_A_PAGE))


def order_of_claims() -> tuple[str, ...]:
    """Urgent lanes first, but for one claim in so many; in a lane by turn, and then by age."""
    upside_down = secrets.randbelow(LANES_UPSIDE_DOWN_EVERY) == 0
    return ("-priority" if upside_down else "priority", "turn", "run_after")
