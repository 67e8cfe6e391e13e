"""What the gateway gives up of a person: its record of their requests.

A request whose credits are still held is settled by its record; that goes with the sweep after it is settled.
"""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.erasure import delete_rows
from accounts.models import User
from billing.models import Hold
from routing.models import Attempt, Generation, Weighed


def settled_generations(user: User) -> QuerySet[Generation]:
    return Generation.objects.filter(api_key__user=user).exclude(hold__status=Hold.Status.OPEN)


def erase_generations(user: User) -> int:
    return delete_rows(settled_generations(user))


def erase_attempts(user: User) -> int:
    return delete_rows(Attempt.objects.filter(generation__in=settled_generations(user)))


def erase_weighed(user: User) -> int:
    return delete_rows(Weighed.objects.filter(generation__in=settled_generations(user)))
