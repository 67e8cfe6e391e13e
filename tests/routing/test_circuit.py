"""The circuit: when it opens, for how long, and who closes it."""

from __future__ import annotations

from routing.circuit import Circuit


def failing(circuit, times, *, now=100.0):
    for _ in range(times):
        circuit.note(bad=True, now=now)


def test_four_failures_are_too_few_to_tell():
    circuit = Circuit()
    failing(circuit, 4)
    assert circuit.may_try(100)
    failing(circuit, 1)
    assert not circuit.may_try(100)


def test_half_bad_is_not_more_than_half():
    circuit = Circuit()
    for bad in (False, True) * 3:
        circuit.note(bad=bad, now=100)
    assert not circuit.is_open(100)
    circuit.note(bad=True, now=100)
    assert circuit.is_open(100)


def test_what_is_half_a_minute_old_no_longer_counts():
    circuit = Circuit()
    failing(circuit, 4, now=100)
    failing(circuit, 1, now=131)
    assert not circuit.is_open(131)


def test_after_the_pause_one_probe_goes_and_the_others_wait_for_it():
    circuit = Circuit()
    failing(circuit, 5)
    assert not circuit.may_try(104.9)
    assert circuit.may_try(105)
    assert not circuit.may_try(105)
    assert circuit.is_open(106)


def test_a_good_probe_closes_it_and_all_is_forgotten():
    circuit = Circuit()
    failing(circuit, 5)
    assert circuit.may_try(105)
    circuit.note(bad=False, now=106)
    assert circuit.may_try(106)
    assert circuit.may_try(106)
    failing(circuit, 4, now=107)
    assert not circuit.is_open(107)
    failing(circuit, 1, now=107)
    assert circuit.is_open(111.9)
    assert not circuit.is_open(112)  # five seconds again, not ten


def test_each_bad_probe_doubles_the_pause_up_to_a_minute():
    circuit, now, pauses = Circuit(), 100.0, []
    failing(circuit, 5)
    for _ in range(6):
        opened = now
        while not circuit.may_try(now):
            now += 0.5
        pauses.append(now - opened)
        circuit.note(bad=True, now=now)
    assert pauses == [5, 10, 20, 40, 60, 60]


def test_a_late_answer_of_before_it_opened_decides_nothing():
    circuit = Circuit()
    failing(circuit, 5)
    circuit.note(bad=False, now=102)
    assert circuit.is_open(104)


def test_a_probe_that_nobody_reports_on_is_given_up():
    circuit = Circuit()
    failing(circuit, 5)
    assert circuit.may_try(105)
    assert not circuit.may_try(134)
    assert circuit.may_try(136)
