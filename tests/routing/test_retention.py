"""Ninety days, and then a record of a request is gone, with evidence that it is."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from routing import retention
from routing.models import Attempt, Generation, KeyUsage, Weighed
from tests.routing.offers import make_generation, make_model

pytestmark = pytest.mark.django_db
DAY = 24 * 60


def record(key, *, days_ago):
    generation = make_generation(key, "one/model", minutes_ago=days_ago * DAY)
    Attempt.objects.create(generation=generation, number=1, model_id="one/model", outcome="ok", latency_ms=5)
    Weighed.objects.create(generation=generation, model_id="one/model", rank=0)
    return generation


@pytest.fixture
def records(alice):
    make_model("one/model")
    return {days: record(alice.key, days_ago=days) for days in (1, 89, 91, 200)}


def test_what_is_older_than_ninety_days_is_gone_with_all_that_hangs_on_it(records):
    purged = retention.purge_generations()
    assert set(Generation.objects.all()) == {records[1], records[89]}
    assert (Attempt.objects.count(), Weighed.objects.count()) == (2, 2)
    assert (purged.generations, purged.attempts, purged.weighed, purged.complete) == (2, 2, 2, True)
    assert (purged.oldest, purged.newest) == (records[200].created_at, records[91].created_at)


def test_a_second_purge_finds_nothing(records):
    retention.purge_generations()
    assert retention.purge_generations().generations == 0


def test_the_log_says_how_many_and_from_when_to_when(records, caplog):
    with caplog.at_level(logging.INFO, logger="routing.retention"):
        retention.purge_generations()
        retention.purge_generations()
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith(f"purged 2 generations from {records[200].created_at:%Y-%m-%d}")
    assert records[200].pk not in line


def test_it_goes_in_batches_and_says_when_there_is_more(records, alice, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for days in (100, 101, 102):
        record(alice.key, days_ago=days)
    first = retention.purge_generations(batches=2)
    assert (first.generations, first.complete) == (4, False)
    assert first.oldest == records[200].created_at
    rest = retention.purge_generations()
    assert (rest.generations, rest.complete, rest.newest) == (1, True, records[91].created_at)


def test_old_sums_of_usage_go_too(alice):
    now = timezone.now()
    for days in (1, 100):
        KeyUsage.objects.create(api_key=alice.key, window="hour", starts_at=now - timedelta(days=days))
    assert retention.purge_generations().usages == 1
    assert KeyUsage.objects.count() == 1


def test_the_command_goes_on_to_the_end(records, monkeypatch, capsys):
    monkeypatch.setattr(retention, "BATCH", 1)
    monkeypatch.setattr(retention, "BATCHES_AT_ONCE", 1)
    call_command("purge_generations")
    assert Generation.objects.count() == 2
    assert "purged 1 generations" in capsys.readouterr().out
