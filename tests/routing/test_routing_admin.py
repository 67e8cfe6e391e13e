"""The gateway in the admin: prices and scores by new versions alone, unknown prices shown, requests to read."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User
from routing import catalogue
from routing.models import Attempt, LanguageModel, ModelPrice, ModelQuality, Provider, Weighed
from tests.routing.offers import LONG_AGO, make_generation, make_model

pytestmark = pytest.mark.django_db
WHY = {"audit_reason": "asked for by its owner"}


@pytest.fixture
def staff(client):
    user = User.objects.create_superuser("staff@example.com", "correct horse battery")
    client.force_login(user)
    return client


def page(model, act="changelist", *args):
    return reverse(f"admin:routing_{model}_{act}", args=args)


def new_price(model, **amounts):
    blank = dict.fromkeys(("input", "cached_input", "cache_write", "output"), "")
    when = {"effective_at_0": "2026-01-01", "effective_at_1": "00:00:00"}
    return blank | when | {"model": model, "source": "https://example.com/prices"} | amounts


def test_a_price_is_typed_in_dollars_and_becomes_the_next_version(staff):
    make_model("one/model", dollars=1)
    form = new_price("one/model", input="0.075", output="0.30")
    assert staff.post(page("modelprice", "add"), form).status_code == 302
    newest = ModelPrice.objects.filter(model="one/model").latest("version")
    assert (newest.version, newest.input, newest.cached_input, newest.output) == (2, 7_500_000, None, 30_000_000)
    assert catalogue.read().offers["one/model"].price.version == 2


def test_a_price_left_empty_is_unknown_and_never_nothing(staff):
    make_model("one/model", dollars=None)
    staff.post(page("modelprice", "add"), new_price("one/model", input="1"))
    price = ModelPrice.objects.get(model="one/model")
    assert (price.input, price.output) == (100_000_000, None)
    assert "unknown" in staff.get(page("modelprice")).content.decode()


def test_a_price_below_zero_is_refused(staff):
    make_model("one/model", dollars=None)
    assert staff.post(page("modelprice", "add"), new_price("one/model", input="-1", output="1")).status_code == 200
    assert not ModelPrice.objects.filter(model="one/model").exists()


def test_no_price_and_no_score_can_be_changed_or_deleted(staff):
    model = make_model("one/model", dollars=1)
    for name, row in (("modelprice", model.prices.get()), ("modelquality", model.qualities.first())):
        assert staff.get(page(name, "change", row.pk)).status_code == 200
        assert staff.post(page(name, "change", row.pk), {"score": 1, "input": 1}).status_code == 403
        assert staff.post(page(name, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_a_score_is_a_new_version_of_the_table(staff):
    make_model("one/model", quality=700)
    staff.post(page("modelquality", "add"), {"model": "one/model", "task": "coding", "score": 910})
    read = catalogue.read()
    assert read.quality_version == ModelQuality.objects.latest("version").version
    assert (read.offers["one/model"].quality["coding"], read.offers["one/model"].quality["math"]) == (910, 700)


def test_unknown_prices_are_shown_filtered_and_warned_of(staff):
    make_model("one/priced", dollars=1)
    make_model("one/unpriced", dollars=None)
    everything = staff.get(page("languagemodel")).content.decode()
    assert "The price of one/unpriced is unknown: nobody gets it until it has one." in everything
    unknown = staff.get(page("languagemodel"), {"price": "unknown"})
    assert [model.pk for model in unknown.context["cl"].queryset] == ["one/unpriced"]
    known = staff.get(page("languagemodel"), {"price": "known", "provider__name__exact": "one"})
    assert [model.pk for model in known.context["cl"].queryset] == ["one/priced"]


def test_models_and_providers_are_switched_off_and_on_and_not_deleted(staff):
    make_model("one/model")
    for name, table, key in (("languagemodel", LanguageModel, "one/model"), ("provider", Provider, "one")):
        staff.post(page(name), {"action": "switch_off", "_selected_action": [key], "audit_reason": "tried"})
        assert not table.objects.get(pk=key).enabled
        staff.post(page(name), {"action": "switch_on", "_selected_action": [key], "audit_reason": "tried"})
        assert table.objects.get(pk=key).enabled
        assert staff.post(page(name, "delete", key), {"post": "yes"}).status_code == 403


def test_what_staff_change_is_dated_so_that_the_file_does_not_undo_it(staff):
    make_model("one/model")
    assert Provider.objects.get(pk="one").checked_on == LONG_AGO
    form = {"name": "one", "adapter": "openai_compatible", "retention_days": "0", "trains": "false", "enabled": "on"}
    assert staff.post(page("provider", "change", "one"), form).status_code == 302
    assert Provider.objects.get(pk="one").checked_on > LONG_AGO


def test_a_request_is_read_with_its_tries_and_candidates_and_not_changed(staff, alice):
    make_model("one/model")
    generation = make_generation(alice.key, "one/model", cost=None)
    Attempt.objects.create(generation=generation, number=1, model_id="one/model", outcome="ok", latency_ms=77)
    Weighed.objects.create(generation=generation, model_id="one/model", rank=0, score=913)
    shown = staff.get(page("generation", "change", generation.pk)).content.decode()
    assert "77" in shown
    assert "913" in shown
    assert "unknown" in staff.get(page("generation")).content.decode()
    assert staff.post(page("generation", "change", generation.pk), {"task": "math"}).status_code == 403
    assert staff.get(page("generation", "add")).status_code == 403


def test_policies_and_limits_of_keys_are_kept_here(staff, alice):
    make_policy = {
        "api_key": alice.key.pk,
        "deny_training": "on",
        "max_retention_days": "0",
        "regions": '["eu"]',
        **WHY,
    }
    assert staff.post(page("keypolicy", "add"), make_policy).status_code == 302
    make_limit = {"api_key": alice.key.pk, "resource": "cost", "window": "day", "limit": "5000000", **WHY}
    assert staff.post(page("keylimit", "add"), make_limit).status_code == 302
    for name in ("keypolicy", "keylimit", "keyusage", "provider"):
        assert staff.get(page(name)).status_code == 200


def test_whoever_may_only_look_sees_no_actions(client, alice):
    from django.contrib.auth.models import Permission

    looker = User.objects.create_user("looker@example.com", "correct horse battery", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_languagemodel"))
    client.force_login(looker)
    make_model("one/model")
    client.post(
        page("languagemodel"), {"action": "switch_off", "_selected_action": ["one/model"], "audit_reason": "tried"}
    )
    assert LanguageModel.objects.get(pk="one/model").enabled
    assert client.get(page("provider")).status_code == 403
