"""manage.py simulate_payment, as a developer runs it."""

from __future__ import annotations

import io
import itertools

import pytest
from django.core.management import CommandError, call_command

from billing import audit
from billing.models import Payment
from billing.rehearsal import books
from tests.people import make_person

pytestmark = pytest.mark.django_db
ENDS = {
    "paid": ("succeeded", "500.000000 available, 0.000000 frozen"),
    "declined": ("failed", "0.000000 available"),
    "refunded": ("refunded", "0.000000 available"),
    "disputed": ("disputed", "0.000000 available, 500.000000 frozen"),
    "lost": ("lost", "0.000000 available, 0.000000 frozen"),
}


@pytest.mark.parametrize("provider", ["dodo", "paddle"])
@pytest.mark.parametrize("fate", ENDS)
def test_the_whole_flow_is_shown(provider, fate):
    person, said = make_person("sam"), io.StringIO()
    call_command("simulate_payment", email=person.user.email, provider=provider, fate=fate, stdout=said)
    status, credits = ENDS[fate]
    assert f"payment    {status}\n" in said.getvalue()
    assert credits in said.getvalue()
    assert not list(audit.find_faults())


def test_it_may_be_done_again_in_another_process(monkeypatch):
    """As ids of a real provider, those of a rehearsal are never used twice."""
    person = make_person("sam")
    for since, fate in (("a", "paid"), ("b", "disputed"), ("c", "declined")):
        monkeypatch.setattr(books, "_since", since)
        monkeypatch.setattr(books, "_numbers", itertools.count(1))
        call_command("simulate_payment", email=person.user.email, fate=fate, stdout=io.StringIO())
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["disputed", "failed", "succeeded"]


def test_it_is_refused_where_it_makes_no_sense(settings):
    with pytest.raises(CommandError, match="no such key"):
        call_command("simulate_payment", email="nobody@example.com")
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="Not in production"):
        call_command("simulate_payment", email=make_person("sam").user.email)
