"""Public statistics: right where enough keys stand behind them, and absent where they do not."""

from __future__ import annotations

import pytest
from django.core.cache import caches

from accounts.models import ApiKey
from routing import statistics
from routing.models import Generation
from routing.words import Task
from tests.people import make_person
from tests.routing.offers import make_generation, make_model

KEYS, REQUESTS = 3, 12
PAGE, JSON = "/statistics/models", "/v1/statistics/models"


@pytest.fixture(autouse=True)
def small_thresholds(db, settings):
    settings.STATISTICS_MIN_KEYS, settings.STATISTICS_MIN_REQUESTS = KEYS, REQUESTS
    caches["process"].clear()
    make_model("one/model")
    yield
    caches["process"].clear()


@pytest.fixture
def keys():
    return [make_person(f"person{number}").key for number in range(KEYS)]


def requests(keys, number, model="one/model", **facts):
    for at in range(number):
        make_generation(keys[at % len(keys)], model, **facts)


def only_cell():
    (cell,) = statistics.count().cells
    return cell


def test_the_defaults_are_twenty_keys_and_five_hundred_requests(settings):
    del settings.STATISTICS_MIN_KEYS, settings.STATISTICS_MIN_REQUESTS
    assert statistics.thresholds() == statistics.Thresholds(keys=20, requests=500)


def test_too_few_requests_or_too_few_keys_publish_nothing_and_are_said_to(keys):
    requests(keys, REQUESTS - 1)
    requests(keys[:-1], 5 * REQUESTS, task=Task.MATH)
    found = statistics.count()
    assert (found.cells, found.withheld) == ((), 2)


def test_as_many_as_it_takes_are_published(keys):
    requests(keys, REQUESTS)
    cell = only_cell()
    assert (cell.task, cell.model, cell.requests) == ("coding", "one/model", 12)
    assert (cell.input_tokens, cell.output_tokens) == (12_000, 6_000)
    assert (cell.first_token_ms_p50, cell.first_token_ms_p95, cell.tokens_per_second_p50) == (200, 200, 250)
    assert (cell.success_share, cell.feedback_mean) == (1.0, None)


def test_percentiles_are_of_the_nearest_rank(keys):
    for milliseconds in range(100, 2100, 100):
        make_generation(keys[milliseconds // 100 % KEYS], "one/model", first_token_ms=milliseconds)
    cell = only_cell()
    assert (cell.first_token_ms_p50, cell.first_token_ms_p95) == (1000, 1900)


def test_success_counts_all_but_those_who_went_away(keys):
    requests(keys, 15)
    requests(keys, 4, status=Generation.Status.FAILED)
    requests(keys, 1, status=Generation.Status.CUT)
    requests(keys, 30, status=Generation.Status.CANCELED)
    assert only_cell().success_share == 0.75


def test_a_figure_that_too_few_keys_stand_behind_is_left_out(keys):
    requests(keys, REQUESTS, first_token_ms=None)
    requests(keys[:-1], 5, score=1000)
    cell = only_cell()
    assert (cell.first_token_ms_p50, cell.tokens_per_second_p50, cell.feedback_mean) == (None, None, None)
    requests(keys[-1:], 5, score=0)
    cell = only_cell()
    assert (cell.feedback_mean, cell.first_token_ms_p50) == (0.5, 200)


def test_figures_are_rounded_so_that_one_more_request_shows_nowhere(keys):
    requests(keys, 120, first_token_ms=1234, latency_ms=5000)
    before = only_cell()
    make_generation(keys[0], "one/model", first_token_ms=1239, latency_ms=5000)
    assert only_cell() == before
    assert before.first_token_ms_p50 == 1200


def test_test_keys_old_requests_and_unanswered_ones_do_not_count(keys):
    requests(keys, REQUESTS - 1)
    test_key = make_person("tester", mode=ApiKey.Mode.TEST).key
    make_generation(test_key, "one/model")
    make_generation(keys[0], "one/model", minutes_ago=31 * 24 * 60)
    make_generation(keys[0], None, status=Generation.Status.FAILED)
    found = statistics.count()
    assert (found.cells, found.withheld) == ((), 1)


def test_anybody_may_read_them(client, keys):
    requests(keys, REQUESTS)
    requests(keys, 1, task=Task.MATH)
    answer = client.get(JSON)
    assert answer.status_code == 200
    body = answer.json()
    assert body["thresholds"] == {"keys": KEYS, "requests": REQUESTS}
    assert body["withheld"] == 1
    assert [(row["task"], row["model"]) for row in body["data"]] == [("coding", "one/model")]
    assert "key_" not in answer.content.decode()


def test_they_are_counted_once_in_ten_minutes(client, keys, django_assert_num_queries):
    client.get(JSON)
    with django_assert_num_queries(0):
        client.get(JSON)


def test_the_page_shows_them(client, keys):
    requests(keys, REQUESTS)
    requests(keys, 1, task=Task.MATH)
    page = client.get(PAGE).content.decode()
    assert "one/model" in page
    assert "12,000" in page
    assert "100 %" in page
    assert "1 line withheld" in page
    assert "Math" not in page


def test_the_empty_page_says_what_to_do(client):
    page = client.get(PAGE).content.decode()
    assert "Nothing to show yet" in page
    assert "curl" in page


def test_the_page_keeps_to_the_sites_content_policy(client):
    page = client.get(PAGE)
    assert "style=" not in page.content.decode()
    assert "<script>" not in page.content.decode()
    assert "default-src 'none'" in page["Content-Security-Policy"]
