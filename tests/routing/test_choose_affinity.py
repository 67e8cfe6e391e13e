"""Sessions and their models."""

from __future__ import annotations

import pytest

from routing import choose_affinity as affinity


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    affinity.forget()
    now = [1000.0]
    monkeypatch.setattr(affinity, "monotonic", lambda: now[0])
    yield now
    affinity.forget()


def test_a_session_finds_its_model_for_an_hour_after_the_last_answer(clock):
    assert affinity.find_model("key_1", "chat") is None
    affinity.remember("key_1", "chat", "a/model")
    clock[0] += 3599
    assert affinity.find_model("key_1", "chat") == "a/model"
    affinity.remember("key_1", "chat", "a/model")
    clock[0] += 3599
    assert affinity.find_model("key_1", "chat") == "a/model"
    clock[0] += 1
    assert affinity.find_model("key_1", "chat") is None


def test_sessions_of_the_same_name_are_each_keys_own():
    affinity.remember("key_1", "chat", "a/model")
    assert affinity.find_model("key_2", "chat") is None


def test_the_longest_unused_is_forgotten_first(monkeypatch):
    monkeypatch.setattr(affinity, "AT_MOST", 3)
    for session in ("one", "two", "three", "one", "four"):
        affinity.remember("key_1", session, session)
    found = {session: affinity.find_model("key_1", session) for session in ("one", "two", "three", "four")}
    assert found == {"one": "one", "two": None, "three": "three", "four": "four"}


def test_no_session_name_is_held():
    affinity.remember("key_1", "a-name-of-the-caller", "a/model")
    assert "a-name-of-the-caller" not in repr(affinity._sessions)
