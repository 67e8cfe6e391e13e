"""The choice: who is out and why, and in which order the others are tried."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.catalogue import Price
from routing.choose import Need, choose
from routing.choose_explore import EXPLORED_SHARE, NEAR
from routing.contracts import Room
from routing.vitals import Vital
from routing.words import Exclusion, Policy, Task
from tests.routing.offers import MILLION, catalogue_of, offer

CODING = Need(task=Task.CODING, difficulty=0.5, input_tokens=1000, max_output_tokens=1000)


def ranked(need, *offers, vitals=None, **how):
    return [one.model for one in choose(need, catalogue_of(*offers), vitals or {}, **how).ranked]


def exclusion(need, one, vitals=None):
    """Why one is out, where another could serve the request."""
    able = offer("able/model")
    decision = choose(need, catalogue_of(one, able), vitals or {})
    assert [placed.model for placed in decision.ranked] == [able.id]
    return decision.excluded[0].excluded


@pytest.mark.parametrize(
    ("why", "need", "traits"),
    [
        (Exclusion.CAPABILITY, {"tools": True}, {"tools": False}),
        (Exclusion.CAPABILITY, {"structured": True}, {"structured": False}),
        (Exclusion.CAPABILITY, {"vision": True}, {"vision": False}),
        (Exclusion.CAPABILITY, {"streaming": True}, {"streaming": False}),
        (Exclusion.CONTEXT, {}, {"context_tokens": 1999}),
        (Exclusion.CONTEXT, {}, {"max_output_tokens": 999}),
        (Exclusion.PRICE_UNKNOWN, {}, {"price": None}),
        (Exclusion.PRICE_UNKNOWN, {}, {"price": Price(1, 5, None, None, None)}),
        (Exclusion.PRICE_CAP, {"max_price_input": 10 * MILLION - 1}, {"region": "dear"}),
        (Exclusion.PRICE_CAP, {"max_price_output": 10 * MILLION - 1}, {"region": "dear"}),
        (Exclusion.TRAINS, {"deny_training": True}, {"trains": True}),
        (Exclusion.TRAINS, {"deny_training": True}, {"trains": None}),
        (Exclusion.RETENTION, {"max_retention_days": 7}, {"retention_days": 8}),
        (Exclusion.RETENTION, {"max_retention_days": 7}, {"retention_days": None}),
        (Exclusion.REGION, {"regions": ("eu",)}, {"region": "us"}),
        (Exclusion.REGION, {"regions": ("eu",)}, {"region": ""}),
    ],
)
def test_who_cannot_or_must_not_serve_it_is_out_with_the_reason(why, need, traits):
    one = offer("other/model", **traits)
    if why == Exclusion.PRICE_CAP:
        able = offer("able/model", cost=9)
        decision = choose(replace(CODING, **need), catalogue_of(one, able), {})
        assert [left.excluded for left in decision.excluded] == [why]
        return
    assert exclusion(replace(CODING, **need), one) == why


@pytest.mark.parametrize(
    ("need", "traits"),
    [
        ({}, {"context_tokens": 2000, "max_output_tokens": 1000}),
        ({"max_price_input": 10 * MILLION, "max_price_output": 10 * MILLION}, {}),
        ({"max_retention_days": 7}, {"retention_days": 7}),
        ({"max_retention_days": 0, "deny_training": True, "regions": ("us", "eu")}, {}),
    ],
)
def test_who_just_fits_is_in(need, traits):
    assert ranked(replace(CODING, **need), offer("a/fits", **traits)) == ["a/fits"]


def test_what_is_not_configured_or_switched_off_is_said_only_where_it_is_named_or_nothing_else_is_there():
    off, keyless = offer("a/off", enabled=False), offer("b/keyless", configured=False)
    assert choose(CODING, catalogue_of(off, keyless, offer("c/on")), {}).excluded == ()
    decision = choose(CODING, catalogue_of(off, keyless), {})
    assert {left.model: left.excluded for left in decision.excluded} == {
        "a/off": Exclusion.DISABLED,
        "b/keyless": Exclusion.NOT_CONFIGURED,
    }
    named = choose(replace(CODING, model="a/off", models=("c/on",)), catalogue_of(off, offer("c/on")), {})
    assert [left.excluded for left in named.excluded] == [Exclusion.DISABLED]
    assert [placed.model for placed in named.ranked] == ["c/on"]


def test_an_open_circuit_and_a_used_up_limit_are_steered_around():
    assert exclusion(CODING, offer("other/model"), {"other/model": Vital(open=True)}) == Exclusion.CIRCUIT_OPEN
    for room in (Room(requests=0), Room(tokens=1999)):
        assert exclusion(CODING, offer("other/model"), {"other/model": Vital(room=room)}) == Exclusion.RATE_LIMIT
    enough = {"a/model": Vital(room=Room(requests=1, tokens=2000))}
    assert ranked(CODING, offer("a/model"), offer("b/model"), vitals=enough) == ["a/model", "b/model"]


def test_where_all_are_unwell_they_are_tried_all_the_same_but_nothing_else_is_overlooked():
    unwell = {"a/open": Vital(open=True), "b/limited": Vital(room=Room(requests=0))}
    offers = [offer("a/open"), offer("b/limited"), offer("c/trains", trains=True)]
    decision = choose(replace(CODING, deny_training=True), catalogue_of(*offers), unwell)
    assert {one.model for one in decision.ranked} == {"a/open", "b/limited"}
    assert [left.model for left in decision.excluded] == ["c/trains"]


def test_best_is_by_quality_and_among_equals_by_cost():
    offers = [offer("a/good", quality=900), offer("b/best", quality=950, cost=99), offer("c/best", quality=950)]
    assert ranked(replace(CODING, policy=Policy.BEST), *offers) == ["c/best", "b/best", "a/good"]


def test_cheapest_is_the_cheapest_that_is_good_enough():
    offers = [offer("a/poor", quality=540, cost=1), offer("b/enough", quality=560, cost=5), offer("c/dear", cost=50)]
    decision = choose(replace(CODING, policy=Policy.CHEAPEST), catalogue_of(*offers), {})
    assert [one.model for one in decision.ranked] == ["b/enough", "c/dear", "a/poor"]
    assert "cheapest of 2 models that do coding at 550 or more of 1000" in decision.reason


def test_what_is_good_enough_depends_on_the_difficulty():
    offers = [offer("a/poor", quality=400, cost=1), offer("b/good", quality=760, cost=5)]
    need = replace(CODING, policy=Policy.CHEAPEST)
    assert ranked(replace(need, difficulty=0.0), *offers)[0] == "a/poor"
    assert ranked(replace(need, difficulty=1.0), *offers)[0] == "b/good"


def test_where_nobody_is_good_enough_the_best_is_taken_and_said_to_be():
    offers = [offer("a/worse", quality=300, cost=1), offer("b/better", quality=400, cost=5)]
    decision = choose(replace(CODING, policy=Policy.CHEAPEST), catalogue_of(*offers), {})
    assert decision.ranked[0].model == "b/better"
    assert "none of 2 models" in decision.reason


def test_fastest_goes_by_what_was_measured():
    offers = [offer("a/slow"), offer("b/fast"), offer("c/unmeasured")]
    seen = {"a/slow": Vital(expected_ms=3000, tokens_per_second=20), "b/fast": Vital(200, 300)}
    assert ranked(replace(CODING, policy=Policy.FASTEST), *offers, vitals=seen) == ["b/fast", "c/unmeasured", "a/slow"]


def test_fastest_counts_the_time_of_the_tries_that_fail():
    offers = [offer("a/flaky"), offer("b/steady")]
    seen = {"a/flaky": Vital(500, 60, failure_rate=0.6), "b/steady": Vital(700, 60)}
    assert ranked(replace(CODING, policy=Policy.FASTEST), *offers, vitals=seen)[0] == "b/steady"


def test_sorting_as_asked_for_goes_before_the_policy():
    offers = [offer("a/cheap", cost=1, quality=100), offer("b/quick"), offer("c/wide")]
    seen = {"a/cheap": Vital(2000, 30), "b/quick": Vital(100, 50), "c/wide": Vital(900, 500)}
    first = {
        sort: ranked(replace(CODING, sort=sort), *offers, vitals=seen)[0] for sort in ("price", "latency", "throughput")
    }
    assert first == {"price": "a/cheap", "latency": "b/quick", "throughput": "c/wide"}


def test_auto_spends_more_only_where_it_matters():
    offers = [offer("a/small", quality=600, cost=10), offer("b/large", quality=980, cost=1000)]
    assert ranked(replace(CODING, difficulty=0.1), *offers)[0] == "a/small"
    assert ranked(replace(CODING, difficulty=1.0), *offers)[0] == "b/large"


def test_the_harder_it_is_the_more_a_better_answer_is_worth():
    offers = [offer("a/fair", quality=750, cost=10), offer("b/better", quality=950, cost=100)]
    assert ranked(replace(CODING, difficulty=0.8), *offers)[0] == "b/better"


def test_auto_among_equals_takes_the_cheaper_then_the_faster_then_the_reliable():
    assert ranked(CODING, offer("a/dear", cost=11), offer("b/cheap", cost=10))[0] == "b/cheap"
    pair = [offer("a/one"), offer("b/two")]
    assert ranked(CODING, *pair, vitals={"a/one": Vital(expected_ms=5000)})[0] == "b/two"
    assert ranked(CODING, *pair, vitals={"a/one": Vital(failure_rate=0.3)})[0] == "b/two"


def test_a_doubtful_task_counts_less_than_the_general_level():
    specialist = offer("a/specialist", quality=500, cost=10)
    specialist = replace(specialist, quality={**specialist.quality, Task.CODING: 950}, level=535)
    allrounder = offer("b/allrounder", quality=800, cost=10)
    need = replace(CODING, policy=Policy.BEST)
    assert ranked(need, specialist, allrounder)[0] == "a/specialist"
    assert ranked(replace(need, confidence=0.2), specialist, allrounder)[0] == "b/allrounder"


def test_a_model_that_no_table_knows_is_tried_after_those_that_one_knows_to_be_good():
    offers = [offer("a/unknown", quality=None, cost=1), offer("b/known", quality=800)]
    decision = choose(replace(CODING, policy=Policy.BEST), catalogue_of(*offers), {})
    assert [(one.model, one.quality) for one in decision.ranked] == [("b/known", 800), ("a/unknown", None)]


def test_named_models_keep_the_callers_order():
    offers = [offer("a/poor", quality=10, cost=99), offer("b/best", quality=999, cost=1), offer("c/more")]
    need = replace(CODING, policy=Policy.NAMED, model="a/poor", models=("c/more", "a/poor", "b/best"))
    assert ranked(need, *offers) == ["a/poor", "c/more", "b/best"]
    assert ranked(replace(need, model="nobody/knows", models=()), *offers) == []


def test_only_ignore_and_order_name_providers_or_models():
    offers = [offer("a/one", cost=1), offer("a/two", cost=2), offer("b/three", cost=3), offer("c/four", cost=4)]
    need = replace(CODING, sort="price")
    assert ranked(replace(need, only=("a", "b/three")), *offers) == ["a/one", "a/two", "b/three"]
    assert ranked(replace(need, ignore=("a/one", "b")), *offers) == ["a/two", "c/four"]
    assert ranked(replace(need, order=("c", "a/two")), *offers) == ["c/four", "a/two", "a/one", "b/three"]


def test_the_script_is_chosen_only_where_there_is_nothing_else_or_it_is_asked_for():
    script, real = offer("scripted/echo", cost=0), offer("a/real")
    assert ranked(CODING, script, real) == ["a/real"]
    assert ranked(CODING, script) == ["scripted/echo"]
    unasked = choose(CODING, replace(catalogue_of(script), rehearsing=False), {})
    assert unasked.ranked == ()
    assert "no model is configured here" in unasked.reason
    assert ranked(replace(CODING, only=("scripted",)), script, real) == ["scripted/echo"]
    assert ranked(replace(CODING, policy=Policy.NAMED, model="scripted/echo"), script, real) == ["scripted/echo"]


def test_a_session_stays_with_its_model_while_that_can_serve():
    offers = [offer("a/cheap", cost=1), offer("b/dear", cost=90)]
    decision = choose(CODING, catalogue_of(*offers), {}, stay_with="b/dear", explore=0.0)
    assert (decision.ranked[0].model, decision.affine, decision.explored) == ("b/dear", True, False)
    assert [one.rank for one in decision.ranked] == [0, 1]
    moved = choose(CODING, catalogue_of(*offers), {"b/dear": Vital(open=True)}, stay_with="b/dear")
    assert (moved.ranked[0].model, moved.affine) == ("a/cheap", False)


def test_a_named_model_is_stronger_than_the_sessions():
    offers = [offer("a/named"), offer("b/before")]
    need = replace(CODING, policy=Policy.NAMED, model="a/named")
    decision = choose(need, catalogue_of(*offers), {}, stay_with="b/before")
    assert [one.model for one in decision.ranked] == ["a/named"]


EQUALS = [offer("a/one", cost=100), offer("b/two", cost=101), offer("c/three", cost=102)]
CHANCES = [EXPLORED_SHARE * step / 50 for step in range(50)]
FAR = offer("z/far", cost=5000, quality=100)


def test_exploration_is_bounded_and_goes_to_near_equals_only():
    chances = [step / 5000 for step in range(5000)]
    decisions = [choose(CODING, catalogue_of(*EQUALS, FAR), {}, explore=chance) for chance in chances]
    explored = [decision for decision in decisions if decision.explored]
    assert 0 < len(explored) <= EXPLORED_SHARE * len(chances)
    assert {decision.ranked[0].model for decision in explored} == {"b/two", "c/three"}
    assert all(decision.ranked[0].score >= NEAR for decision in decisions)
    assert all(len(decision.ranked) == 4 for decision in decisions)


def test_exploration_prefers_whom_more_good_is_known_of():
    known = {
        "a/one": Vital(good=5, bad=5),
        "b/two": Vital(good=40, bad=1),
        "c/three": Vital(good=1, bad=40),
    }
    chances = [EXPLORED_SHARE * step / 400 for step in range(400)]
    firsts = [choose(CODING, catalogue_of(*EQUALS), known, explore=chance).ranked[0].model for chance in chances]
    assert firsts.count("b/two") > 390
    assert firsts.count("c/three") == 0


@pytest.mark.parametrize(
    "fixed",
    [
        {"policy": Policy.BEST},
        {"policy": Policy.CHEAPEST},
        {"policy": Policy.FASTEST},
        {"sort": "price"},
        {"order": ("b", "a", "c")},
        {"policy": Policy.NAMED, "models": ("c/three", "b/two", "a/one")},
    ],
    ids=str,
)
def test_whoever_says_what_they_want_is_not_explored_with(fixed):
    need = replace(CODING, **fixed)
    assert not any(choose(need, catalogue_of(*EQUALS), {}, explore=chance).explored for chance in CHANCES)


def test_a_session_that_stays_is_not_explored_with():
    decisions = [choose(CODING, catalogue_of(*EQUALS), {}, explore=chance, stay_with="c/three") for chance in CHANCES]
    assert {(one.ranked[0].model, one.affine, one.explored) for one in decisions} == {("c/three", True, False)}


def test_exploration_can_be_switched_off_and_the_same_inputs_give_the_same_decision():
    off = choose(CODING, catalogue_of(*EQUALS), {}, explore=None)
    assert not off.explored
    for chance in (None, 0.0, 0.01, 0.03, 0.5):
        again = [choose(CODING, catalogue_of(*EQUALS), {}, explore=chance) for _ in range(3)]
        assert again[0] == again[1] == again[2]


def test_the_reason_is_made_of_the_figures():
    one = offer("groq/large", cost=100, quality=812)
    limited = {"groq/small": Vital(room=Room(requests=0))}
    decision = choose(CODING, catalogue_of(one, offer("groq/small")), limited)
    assert decision.reason == (
        "groq/large: most useful for its price and time of 1 model for coding of difficulty 0.50; quality for coding "
        "812 of 1000, about 0.170000 credits and 12.5 s; groq/small excluded: rate limit nearly used up."
    )


def test_where_nobody_can_serve_the_reason_says_why():
    decision = choose(replace(CODING, vision=True), catalogue_of(offer("a/blind", vision=False)), {})
    assert decision.ranked == ()
    assert decision.reason == (
        "Nobody can serve this request; a/blind excluded: cannot do what the request brings or asks for."
    )


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("task", Task)
def test_every_task_and_policy_has_an_order_and_a_reason(policy, task):
    need = Need(task=task, policy=policy)
    decision = choose(need, catalogue_of(*EQUALS, FAR, offer("n/none", quality=None, cost=0)), {})
    assert [one.rank for one in decision.ranked] == [0, 1, 2, 3, 4]
    assert all(0 <= one.score <= 1000 for one in decision.ranked)
    assert decision.reason.startswith(decision.ranked[0].model)


def test_the_expected_cost_is_never_rounded_down():
    price = Price(1, 1, None, None, 1)
    decision = choose(CODING, catalogue_of(offer("a/nearly-free", price=price)), {})
    assert decision.ranked[0].expected_cost == 1
