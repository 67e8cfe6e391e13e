"""Once per Idempotency-Key, also where a process dies in the middle, or is later than anybody thought."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import idempotency, once
from accounts.api_keys import create_key
from accounts.errors import StillRunning
from accounts.models import ApiKey, IdempotentRequest
from tests.people import Person

pytestmark = pytest.mark.django_db
ROUTE = "POST /v1/keys"


def begin(person: Person) -> IdempotentRequest:
    return idempotency.begin(person.key, "once", route=ROUTE, fingerprint="f")


def run_out() -> None:
    """The lease of what has been begun."""
    begun = timezone.now() - idempotency.LEASE - timedelta(seconds=1)
    IdempotentRequest.objects.filter(answer_id="").update(created_at=begun)


def test_a_key_whose_process_died_opens_again_after_a_minute(alice):
    begin(alice)
    with pytest.raises(StillRunning):
        begin(alice)
    run_out()
    second = begin(alice)
    idempotency.answer(second, "key_1")
    assert begin(alice).answer_id == "key_1"


def test_an_answer_is_kept_longer_than_a_lease(alice):
    idempotency.answer(begin(alice), "key_1")
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=23))
    assert begin(alice).answer_id == "key_1"


def test_of_who_is_later_than_that_nothing_comes(alice):
    """F5: both would have done it, and have been charged for it."""

    def slowly() -> str:
        made, _ = create_key(alice.user, name="late")
        run_out()
        idempotency.answer(begin(alice), "key_of_the_second")
        return made.pk

    with pytest.raises(StillRunning):
        once.carry_out(alice.key, "once", slowly, route=ROUTE, asked="f")
    assert not ApiKey.objects.filter(name="late").exists()
