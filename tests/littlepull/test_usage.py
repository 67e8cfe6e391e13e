"""What an account used: sums over both halves, of its own keys alone, without content."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.api_keys import create_key
from billing.pricing import MICRO, parse_credits
from extraction.models import Job
from routing.models import Generation
from tests.billing.callers import call
from tests.extraction.jobs_in_hand import submit
from tests.people import Person
from tests.routing.offers import make_generation, make_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def used(alice, charlie) -> Person:
    """Alice: two extractions and three requests; Charlie: one of each, which are not hers."""
    make_model("one/model")
    at = timezone.now() - timedelta(minutes=5)  # as the requests, lest midnight fall in between
    for person, charged, status in ((alice, 2, "succeeded"), (alice, 0, "failed"), (charlie, 9, "succeeded")):
        Job.objects.filter(pk=submit(person).pk).update(charged=charged * MICRO, status=status, created_at=at)
    make_generation(alice.key, "one/model")
    make_generation(alice.key, "one/model", status=Generation.Status.CUT, cost=MICRO)
    make_generation(alice.key, None, status=Generation.Status.CANCELED, cost=None, task="translation")
    make_generation(charlie.key, "one/model")
    return alice


def sums(person: Person, group_by: str, window: str = "") -> dict[str, tuple[int, int, int, str]]:
    rows = call(person, "GET", f"/v1/usage?group_by={group_by}{window}").json()["data"]
    return {row["group"]: (row["requests"], row["succeeded"], row["failed"], row["credits"]) for row in rows}


def test_usage_is_summed_by_each_grouping(used):
    everything = (5, 2, 2, "6.000000")
    assert sums(used, "key") == {used.key.pk: everything}
    assert sums(used, "day") == {f"{timezone.now() - timedelta(minutes=5):%Y-%m-%d}": everything}
    assert sums(used, "media_type") == {"": (3, 1, 1, "4.000000"), "image/png": (2, 1, 1, "2.000000")}
    assert sums(used, "model") == {"": (3, 1, 1, "2.000000"), "one/model": (2, 1, 1, "4.000000")}
    assert sums(used, "task") == {
        "": (2, 1, 1, "2.000000"),
        "coding": (2, 1, 1, "4.000000"),
        "translation": (1, 0, 0, "0.000000"),
    }


def test_groupings_agree_in_their_totals(used):
    totals = set()
    for group_by in ("day", "key", "model", "task", "media_type"):
        rows = sums(used, group_by).values()
        totals.add((sum(row[0] for row in rows), sum(parse_credits(row[3]) for row in rows)))
    assert totals == {(5, 6 * MICRO)}


def test_every_key_of_the_account_counts(used):
    other, _ = create_key(used.user)
    make_generation(other, "one/model")
    assert set(sums(used, "key")) == {used.key.pk, other.pk}


def test_a_window_includes_its_beginning_and_not_its_end(alice):
    made = make_generation(alice.key, None, minutes_ago=60)
    Job.objects.filter(pk=submit(alice).pk).update(created_at=made.created_at, status="succeeded", charged=MICRO)
    at, after = (f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}" for moment in (made.created_at, timezone.now()))
    assert sums(alice, "key", f"&from={at}&to={after}") == {alice.key.pk: (2, 2, 0, "4.000000")}
    assert sums(alice, "key", f"&to={at}") == {}


def test_days_are_those_of_utc(alice):
    late = timezone.now().replace(hour=23, minute=59, second=59) - timedelta(days=2)
    for moment in (late, late + timedelta(seconds=2)):
        Generation.objects.filter(pk=make_generation(alice.key, None).pk).update(created_at=moment)
    assert list(sums(alice, "day")) == [f"{late:%Y-%m-%d}", f"{late + timedelta(days=1):%Y-%m-%d}"]


def test_an_unknown_grouping_or_scope_is_refused(alice):
    assert call(alice, "GET", "/v1/usage?group_by=prompt").status_code == 422
    blind = Person(alice.user, *create_key(alice.user, scopes=["chat:write"]))
    assert call(blind, "GET", "/v1/usage").json()["code"] == "scope_missing"
