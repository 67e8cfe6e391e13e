"""The gateway's log in the portal: a line a request, the decision behind each, and no word of what was said."""

from __future__ import annotations

import re

import pytest

from littlepull.portal import gateway_words
from routing.models import Attempt, Generation, Weighed
from routing.words import Cause, Exclusion, Outcome, Policy, Task
from tests.portal.conftest import enter
from tests.portal.test_dashboard import text
from tests.routing.offers import make_generation, make_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(alice):
    for name in ("one/large", "one/small", "two/kept"):
        make_model(name)
    return enter(alice)


def record(person, **facts) -> Generation:
    """Asked two, of whom the first wanted fewer requests; a third was not in the running."""
    generation = make_generation(person.key, "one/large", **{"streamed": True, "overhead_us": 50_000, **facts})
    tried = {"generation": generation, "first_token_ms": None}
    Attempt.objects.create(**tried, number=1, model_id="one/small", outcome="rate_limited", status=429, latency_ms=150)
    Attempt.objects.create(**tried, number=2, model_id="one/large", outcome="ok", status=200, latency_ms=200)
    figures = {"generation": generation, "quality": 880, "expected_cost": 1_500_000, "expected_ms": 12_467}
    Weighed.objects.create(model_id="one/small", rank=0, score=910, **figures)
    Weighed.objects.create(model_id="one/large", rank=1, score=790, **figures)
    Weighed.objects.create(generation=generation, model_id="two/kept", excluded=Exclusion.TRAINS)
    return generation


def listed(answer) -> list[str]:
    return re.findall(r'href="/portal/gateway/(gen_\w+)"', answer.content.decode())


def newest(found: list[Generation]) -> list[str]:
    """As their ids sort: those of one millisecond have no order of their own."""
    return sorted((one.pk for one in found), reverse=True)


def parts(answer) -> dict[str, float]:
    drawn = re.findall(r'<rect class="(\w+)" x="[\d.]+" y="0" width="([\d.]+)"', answer.content.decode())
    return {name: float(width) for name, width in drawn}


def test_strangers_are_sent_to_sign_in(client, alice):
    for path in ("/portal/gateway", "/portal/gateway/gen_x"):
        assert client.get(path)["Location"].startswith("/accounts/login/")


def test_the_empty_log_teaches(portal, settings):
    settings.LLM_PROVIDERS = {"groq": {"api_key": "x", "base_url": ""}}
    assert "/v1/chat/completions" in text(portal.get("/portal/gateway"))
    settings.LLM_PROVIDERS = {}
    assert "the gateway answers nobody" in text(portal.get("/portal/gateway"))


def test_a_line_tells_the_request_and_that_its_words_are_not_kept(page, alice):
    record(alice, cached_tokens=400)
    told = text(page.get("/portal/gateway"))
    assert "succeeded Coding one/large 1,000 → 500 3 credits 2.2 s" in told
    assert "what was asked and what was answered passes through the gateway, and is not stored" in told


def test_the_bar_is_split_in_queue_first_token_and_rest(page, alice):
    record(alice, latency_ms=1000, first_token_ms=200)
    answer = page.get("/portal/gateway")
    assert parts(answer) == {"queue": 20.0, "first": 20.0, "rest": 60.0}
    assert "queue 200 ms, first token after 200 ms more, the rest 600 ms" in answer.content.decode().replace(
        "\xa0", " "
    )


def test_bars_are_drawn_to_the_longest_of_the_page(page, alice):
    make_generation(alice.key, "one/large", latency_ms=4000, first_token_ms=None)
    make_generation(alice.key, "one/small", latency_ms=1000, first_token_ms=None)
    widths = re.findall(r'class="rest"[^>]*width="([\d.]+)"', page.get("/portal/gateway").content.decode())
    assert sorted(widths) == ["100.0", "25.0"]


def test_the_log_is_found_by_what_requests_are(page, alice, charlie):
    first = make_generation(alice.key, "one/large", minutes_ago=60 * 24 * 40)
    second = make_generation(alice.key, "one/small", task=Task.MATH, status=Generation.Status.CUT, outcome="cut")
    make_generation(charlie.key, "one/large")
    assert listed(page.get("/portal/gateway")) == newest([first, second])
    for asked, found in {
        "task=math": [second],
        "status=cut": [second],
        "model=one/large": [first],
        f"key={alice.key.pk}": [second, first],
        f"to={first.created_at:%Y-%m-%d}": [first],
        f"id={first.pk}": [first],
        "task=math&status=failed": [],
    }.items():
        answer = page.get(f"/portal/gateway?{asked}")
        assert listed(answer) == newest(found), asked
    assert "No request is like that" in text(answer)
    for asked in ("task=gossip", "model=nobody/knows", f"key={charlie.key.pk}"):
        assert 'class="errorlist"' in page.get(f"/portal/gateway?{asked}").content.decode(), asked


def test_pages_go_back_by_cursor(page, alice):
    made = [make_generation(alice.key, "one/large") for _ in range(27)]
    first = page.get("/portal/gateway?task=coding")
    older = re.search(r'href="(/portal/gateway\?[^"]+)" rel="next"', first.content.decode())[1].replace("&amp;", "&")
    assert listed(first) + listed(page.get(older)) == newest(made)
    assert page.get("/portal/gateway?cursor=x").status_code == 404


def test_lines_cost_no_query_each(page, alice, django_assert_max_num_queries):
    page.get("/portal/gateway")  # a session's first page also asks for the policy
    for _ in range(20):
        record(alice)
    with django_assert_max_num_queries(10):
        page.get("/portal/gateway")


def test_the_decision_is_explained(page, alice):
    told = text(page.get(f"/portal/gateway/{record(alice).pk}"))
    assert "told by our trained model, which was sure" in told
    assert "one/small 910 880 1.5 credits 12.5 s one/large answered 790 880 1.5 credits 12.5 s" in told
    assert "two/kept Its provider is not known to refrain from training on requests" in told
    assert "1 one/small asked for fewer requests (429) 150 ms – 2 one/large answered (200) 200 ms" in told
    assert "one/small: most useful for its price and time of 2 models" in told
    assert "what was asked and what was answered is not stored" in told


def test_a_failure_says_what_happened_and_what_to_do(page, alice):
    facts = {"status": Generation.Status.FAILED, "outcome": Outcome.TIMEOUT, "first_token_ms": None}
    failed = make_generation(alice.key, None, cost=0, latency_ms=9000, **facts)
    answer = page.get(f"/portal/gateway/{failed.pk}")
    told = text(answer)
    assert "The provider did not answer in time. Send it again" in told and "Answered by nobody" in told
    assert "9.0 s without an answer" in told and parts(answer) == {"queue": 100.0}


def test_an_unknown_price_is_not_nothing(page, alice):
    unknown = make_generation(alice.key, "one/large", cost=None)
    assert "unknown" in text(page.get("/portal/gateway"))
    assert "unknown: its price is not known" in text(page.get(f"/portal/gateway/{unknown.pk}"))


def test_others_requests_are_not_there(page, charlie):
    assert page.get(f"/portal/gateway/{record(charlie).pk}").status_code == 404
    for nonsense in ("gen_1", "%00", "gen_" + "é" * 26):
        assert page.get(f"/portal/gateway/{nonsense}").status_code == 404


@pytest.mark.parametrize(
    ("words", "table"),
    [
        (Task, gateway_words.TASKS),
        (Cause, gateway_words.CAUSES),
        (Policy, gateway_words.POLICIES),
        (Exclusion, gateway_words.EXCLUSIONS),
        (Outcome, gateway_words.OUTCOMES),
        (Generation.Status, gateway_words.STATES),
    ],
)
def test_every_word_of_the_records_has_a_meaning(words, table):
    assert set(words) == set(table)
