"""The record of processing: every table of every app, and rules that its rows keep."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import BinaryField

from privacy.data_map import WHOLE_MAP, Act, Category
from privacy.data_map.row import Row
from privacy.holdings import count_holdings, exported_fields, personal_rows
from privacy.processors import KNOWN, unlisted_processors


def models_by_label():
    return {model._meta.label: model for model in apps.get_models(include_auto_created=True)}


def test_every_table_is_on_it_third_parties_included():
    assert {row.table for row in WHOLE_MAP} == set(models_by_label())
    assert len({row.table for row in WHOLE_MAP}) == len(WHOLE_MAP)


@pytest.mark.parametrize("row", WHOLE_MAP, ids=lambda row: row.table)
def test_a_row_says_all_that_it_must(row: Row):
    assert all(map(str, (row.holds, row.purpose, row.basis, row.keep)))
    assert row.is_personal == (row.category != Category.NOBODY)
    assert row.act == Act.ERASE or str(row.ground), "what is not erased has a ground"
    assert row.act == Act.ERASE or row.by or row.act == Act.KEEP, "masking is somebody's verb"
    assert set(row.recipients) <= set(KNOWN)
    known = {field.name for field in models_by_label()[row.table]._meta.concrete_fields}
    assert set(row.secret) <= known


def test_whoever_points_to_a_person_has_an_owner():
    """A foreign key to somebody makes a table personal, but for those that say which of our staff acted."""
    for row in WHOLE_MAP:
        pointing = [
            field.name
            for field in models_by_label()[row.table]._meta.concrete_fields
            if field.related_model and field.related_model._meta.label in ("accounts.User", "accounts.ApiKey")
        ]
        assert row.is_personal or not pointing, row.table


def test_an_export_leaves_out_what_is_a_proof_and_not_data():
    said = {(row.table, field.name) for row in personal_rows() if not row.export for field in exported_fields(row)}
    proofs = ("password", "digest", "wrapped", "sealed", "wrapped_key", "token", "fingerprint", "session_key")
    told = {pair for pair in said if pair[1] in proofs and pair not in KEPT_AS_DATA}
    assert not told
    binary = {
        (row.table, field.name)
        for row in personal_rows()
        if not row.export
        for field in exported_fields(row)
        if isinstance(field, BinaryField)
    }
    assert not binary


KEPT_AS_DATA = {("billing.PaymentEvent", "digest"), ("privacy.ErasureRun", "digest")}  # of what a provider, or we, said


def test_the_planted_person_is_in_every_table(zebulon, client):
    client.force_login(zebulon.user)
    empty = {one.row.table for one in count_holdings(zebulon.user) if not one.count}
    assert empty == {"privacy.ErasureRun"}


def test_every_configured_vendor_is_a_listed_processor(settings):
    assert not unlisted_processors()
    settings.LLM_PROVIDERS = {"anthropic": {}, "selfhosted": {}, "unheard_of": {}}
    assert unlisted_processors() == {"unheard_of"}
