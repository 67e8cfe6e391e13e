"""What a process learns of models as it uses them."""

from __future__ import annotations

import pytest

from routing import vitals
from routing.contracts import Room
from routing.errors import BadCompletion, RateLimited, UpstreamRefused, UpstreamTimeout, UpstreamUnavailable
from routing.vitals import UNMEASURED, may_try, note_failure, note_feedback, note_success
from routing.words import Finish

A, B = "a/model", "b/model"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time stands still until a test moves it."""
    vitals.forget()
    now = [1000.0]
    monkeypatch.setattr(vitals, "monotonic", lambda: now[0])
    yield now
    vitals.forget()


def seen(model=A):
    return vitals.vitals().get(model, UNMEASURED)


def succeed(model=A, *, first=0.2, total=1.2, tokens=100, **more):
    note_success(model, first_token_s=first, latency_s=total, output_tokens=tokens, **more)


def fail(model=A, times=1, error=None):
    for _ in range(times):
        note_failure(model, error or UpstreamUnavailable("a", status=503))


def test_of_whom_nothing_was_measured_the_prior_is_believed():
    assert seen() == UNMEASURED
    assert may_try(A)


def test_measurements_soon_outweigh_the_prior_and_then_follow_the_newest():
    for _ in range(20):
        succeed(first=0.2, total=1.2, tokens=100)
    assert seen().expected_ms == pytest.approx(200, rel=0.1)
    assert seen().tokens_per_second == pytest.approx(100, rel=0.1)
    for _ in range(20):
        succeed(first=1.0, total=2.0, tokens=20)
    assert seen().expected_ms == pytest.approx(1000, rel=0.1)
    assert seen().tokens_per_second == pytest.approx(20, rel=0.1)


def test_an_answer_that_came_whole_says_nothing_of_the_first_token():
    succeed(first=None, total=10, tokens=100)
    assert seen().expected_ms == UNMEASURED.expected_ms
    assert seen().tokens_per_second < UNMEASURED.tokens_per_second


def test_a_handful_of_tokens_says_nothing_of_throughput():
    succeed(total=50, tokens=3)
    assert seen().tokens_per_second == UNMEASURED.tokens_per_second


def test_failures_raise_the_failure_rate_and_successes_lower_it():
    fail(times=3)
    worst = seen().failure_rate
    assert 0.2 < worst < 0.3
    succeed()
    assert 0 < seen().failure_rate < worst


def test_a_prompt_too_long_for_it_counts_against_nobody_but_a_dead_key_does():
    fail(times=9, error=UpstreamRefused("a", status=400))
    assert seen() == UNMEASURED
    fail(times=5, error=UpstreamRefused("a", status=401))
    assert seen().open


@pytest.mark.parametrize("error", [UpstreamTimeout("a"), BadCompletion("a"), UpstreamUnavailable("a", status=500)])
def test_five_failures_open_the_circuit_for_five_seconds(clock, error):
    succeed(B)
    fail(times=5, error=error)
    assert seen().open
    assert not may_try(A)
    clock[0] += 5
    assert not seen().open
    assert may_try(A)
    assert seen().open  # its probe is out
    assert not may_try(A)
    succeed()
    assert not seen().open
    assert may_try(A)


def test_where_all_are_open_everybody_may_try():
    fail(A, times=5)
    assert may_try(A)  # the only one in use
    fail(B, times=5)
    assert may_try(A)
    succeed("c/model")
    assert not may_try(A)
    assert may_try(A, among=[A, B])
    assert not may_try(A, among=[A, "d/never-asked"])


def test_a_429_steers_away_until_the_time_it_names(clock):
    fail(error=RateLimited("a", status=429, retry_after=7))
    assert seen().room == Room(requests=0, resets_in=7)
    clock[0] += 6.9
    assert seen().room
    clock[0] += 0.2
    assert seen().room is None


def test_room_is_believed_until_it_resets(clock):
    succeed(room=Room(requests=3, tokens=900, resets_in=2.0))
    assert seen().room.tokens == 900
    clock[0] += 2
    assert seen().room is None


def test_an_answer_without_room_leaves_what_is_known_of_it():
    succeed(room=Room(tokens=900, resets_in=60))
    succeed()
    assert seen().room.tokens == 900


def test_good_and_bad_are_counted_and_fade():
    succeed()
    fail()
    assert (seen().good, seen().bad) == (pytest.approx(0.98), pytest.approx(1.0))
    for _ in range(500):
        succeed()
    assert seen().good < 51
    assert seen().bad < 0.01


@pytest.mark.parametrize("finish", [Finish.LENGTH, Finish.REFUSAL])
def test_an_answer_cut_by_length_or_refused_is_half_a_good_one(finish):
    succeed(finish=finish)
    assert (seen().good, seen().bad) == (0.5, 0.5)


def test_a_first_token_far_later_than_usual_is_half_a_good_one():
    succeed(first=0.2)
    good = seen().good
    succeed(first=9.0, total=10)
    assert seen().good == pytest.approx(good * 0.98 + 0.5)


def test_feedback_counts():
    note_feedback(A, 0.25)
    assert (seen().good, seen().bad) == (0.25, 0.75)
