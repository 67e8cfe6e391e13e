"""The shipped catalogue, the command that loads it, and what is held of it in memory."""

from __future__ import annotations

import json
import logging
from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from routing import catalogue, seed
from routing.models import LanguageModel, ModelPrice, ModelQuality, Provider
from routing.words import Task
from tests.routing.offers import MILLION, make_model

SHIPPED = seed.read_file(seed.FILE)


@pytest.fixture
def nothing(db):
    """No row of a catalogue, whatever a migration put there."""
    ModelPrice.objects.all()._raw_delete("default")
    for table in (ModelQuality, LanguageModel, Provider):
        table.objects.all().delete()
    catalogue.forget()
    yield
    catalogue.forget()


def test_every_row_of_the_file_says_where_it_was_read():
    ours = {"selfhosted", "scripted"}
    for entry in (*SHIPPED["providers"], *SHIPPED["models"]):
        provider = (entry.get("name") or entry["id"]).partition("/")[0]
        assert entry["source"].startswith("https://") or provider in ours, entry
    assert date.fromisoformat(SHIPPED["read"])


def test_what_is_unknown_is_null_and_never_nothing():
    for entry in SHIPPED["models"]:
        price = entry["price"]
        free = entry["id"].startswith("scripted/")
        assert all(price[name] is None or float(price[name]) > 0 or free for name in seed.PRICES), entry["id"]
    together = next(entry for entry in SHIPPED["providers"] if entry["name"] == "together")
    assert together["retention_days"] is None  # its own pages disagree


def test_the_scores_follow_from_the_ranks_they_claim_to_rest_on():
    quality = SHIPPED["quality"]
    size = quality["models_in_group"]
    for name, entry in quality["weights"].items():
        behind = {group: 1000 * (size[group] - rank) / (size[group] - 1) for group, rank in entry["ranks"].items()}
        assert set(entry["scores"]) == set(Task.values), name
        for task, groups in quality["groups_of_task"].items():
            expected = sum(behind.get(group, min(behind.values())) for group in groups) / len(groups)
            assert entry["scores"][task] == pytest.approx(expected, abs=1), (name, task)


def test_loading_twice_changes_nothing(nothing, capsys):
    call_command("load_catalogue")
    assert LanguageModel.objects.count() == len(SHIPPED["models"])
    assert ModelPrice.objects.count() == len(SHIPPED["models"])
    assert set(ModelQuality.objects.values_list("version", flat=True)) == {1}
    call_command("load_catalogue")
    said = capsys.readouterr().out.splitlines()
    assert said[1] == "0 providers, 0 models, 0 prices and 0 scores added or changed."


def test_dollars_become_micro_credits_exactly(nothing):
    call_command("load_catalogue")
    price = ModelPrice.objects.get(model="groq/openai/gpt-oss-20b")
    assert (price.input, price.cached_input, price.cache_write, price.output) == (
        7_500_000,
        3_750_000,
        None,
        30_000_000,
    )


def test_a_price_that_changed_becomes_a_new_version_and_the_old_one_stays(nothing, tmp_path):
    seed.load(SHIPPED)
    news = changed("groq/openai/gpt-oss-20b", output="0.31")
    assert seed.load(news).prices == 1
    assert seed.load(news).prices == 0
    versions = ModelPrice.objects.filter(model="groq/openai/gpt-oss-20b").order_by("version")
    assert [(price.version, price.output) for price in versions] == [(1, 30 * MILLION), (2, 31 * MILLION)]
    assert catalogue.read().offers["groq/openai/gpt-oss-20b"].price.output == 31 * MILLION


def test_a_price_of_the_operators_own_holds_until_the_file_has_a_new_one(nothing):
    seed.load(SHIPPED)
    ModelPrice.objects.create(model_id="groq/openai/gpt-oss-20b", version=2, input=1, output=2)
    assert seed.load(SHIPPED).prices == 0
    assert catalogue.read().offers["groq/openai/gpt-oss-20b"].price.output == 2
    assert seed.load(changed("groq/openai/gpt-oss-20b", output="0.31")).prices == 1
    assert catalogue.read().offers["groq/openai/gpt-oss-20b"].price.version == 3


def test_what_the_operator_has_looked_at_since_stays(nothing):
    seed.load(SHIPPED)
    later = date.fromisoformat(SHIPPED["read"]) + timedelta(days=1)
    Provider.objects.filter(name="together").update(retention_days=0, enabled=False, checked_on=later)
    assert seed.load(SHIPPED).providers == 0
    together = Provider.objects.get(name="together")
    assert (together.retention_days, together.enabled) == (0, False)
    news = deepcopy(SHIPPED) | {"read": str(later + timedelta(days=1))}
    assert seed.load(news).providers == 1
    together.refresh_from_db()
    assert (together.retention_days, together.enabled) == (None, False)  # switched off stays switched off


def test_a_row_that_the_file_no_longer_has_stays(nothing):
    seed.load(SHIPPED)
    seed.load(SHIPPED | {"models": SHIPPED["models"][:1]})
    assert LanguageModel.objects.count() == len(SHIPPED["models"])


def test_a_score_that_changed_becomes_a_new_version_of_the_table(nothing):
    seed.load(SHIPPED)
    news = deepcopy(SHIPPED)
    news["quality"]["weights"]["gpt-oss-20b"]["scores"]["coding"] = 11
    assert seed.load(news).scores == 2  # at two providers
    read = catalogue.read()
    assert read.quality_version == 2
    assert read.offers["groq/openai/gpt-oss-20b"].quality[Task.CODING] == 11
    assert read.offers["groq/openai/gpt-oss-20b"].quality[Task.MATH] == 665


def test_the_migrations_function_fills_a_fresh_installation(nothing):
    from django.apps import apps

    seed.seed(apps, None)
    assert Provider.objects.count() == len(SHIPPED["providers"])


@pytest.mark.parametrize(
    "text", ["{", '{"read": "2026-01-01"}', '{"read": "soon", "providers": [], "models": []}', "[]"]
)
def test_a_file_that_is_no_catalogue_is_refused_and_changes_nothing(db, tmp_path, text):
    file = tmp_path / "catalogue.json"
    file.write_text(text)
    with pytest.raises(CommandError):
        call_command("load_catalogue", file)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_catalogue", tmp_path / "missing.json")


def test_a_file_that_is_wrong_at_its_end_changes_nothing(nothing, tmp_path):
    wrong = changed(SHIPPED["models"][-1]["id"], input="-1")
    file = tmp_path / "catalogue.json"
    file.write_text(json.dumps(wrong))
    with pytest.raises(CommandError, match="below zero"):
        call_command("load_catalogue", file)
    assert not Provider.objects.exists()


def test_an_offer_is_configured_when_its_provider_has_a_key_here(nothing, settings):
    make_model("one/model")
    make_model("two/model", provider={"enabled": False})
    settings.LLM_PROVIDERS = {"one": {"api_key": "k", "base_url": ""}}
    offers = catalogue.read().offers
    assert (offers["one/model"].configured, offers["one/model"].enabled) == (True, True)
    assert (offers["two/model"].configured, offers["two/model"].enabled) == (False, False)


def test_a_price_of_tomorrow_is_not_in_effect_today(nothing):
    model = make_model("one/model", dollars=1)
    tomorrow = timezone.now() + timedelta(days=1)
    ModelPrice.objects.create(model=model, version=2, input=1, output=1, effective_at=tomorrow)
    assert catalogue.read().offers["one/model"].price.version == 1


def test_an_unknown_price_is_alerted_once(nothing, settings, caplog, monkeypatch):
    monkeypatch.setattr(catalogue, "_alerted", set())
    settings.LLM_PROVIDERS = {"one": {"api_key": "k", "base_url": ""}}
    make_model("one/unpriced", dollars=None)
    make_model("two/elsewhere", dollars=None)
    with caplog.at_level(logging.WARNING, logger="routing.catalogue"):
        for _ in range(3):
            assert not catalogue.read().offers["one/unpriced"].priced
    assert [record.getMessage() for record in caplog.records] == [
        "the price of one/unpriced is unknown: it is not offered until the catalogue has one"
    ]


async def test_the_catalogue_is_held_for_a_second_and_then_read_behind_the_answer(nothing, monkeypatch):
    from asgiref.sync import sync_to_async

    clock = [1000.0]
    monkeypatch.setattr(catalogue, "monotonic", lambda: clock[0])
    await sync_to_async(make_model)("one/model")
    with pytest.raises(RuntimeError):
        catalogue.current()
    first = await catalogue.load()
    await sync_to_async(make_model)("two/model")
    clock[0] += 0.9
    assert catalogue.current() is first
    clock[0] += 0.2
    assert catalogue.current() is first  # nobody waits for the next one
    await catalogue._refreshing
    assert set(catalogue.current().offers) == {"one/model", "two/model"}


async def test_a_database_that_cannot_be_read_leaves_what_is_known(nothing, monkeypatch, caplog):
    from django.db import OperationalError

    clock = [1000.0]
    monkeypatch.setattr(catalogue, "monotonic", lambda: clock[0])
    first = await catalogue.load()

    def locked():
        raise OperationalError("database is locked")

    monkeypatch.setattr(catalogue, "read", locked)
    clock[0] += 5
    assert catalogue.current() is first
    await catalogue._refreshing
    assert catalogue.current() is first
    assert "OperationalError" in caplog.text


def changed(model, **prices):
    news = deepcopy(SHIPPED)
    next(entry for entry in news["models"] if entry["id"] == model)["price"].update(prices)
    return news
