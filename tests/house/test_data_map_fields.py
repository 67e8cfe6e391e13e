"""Every column of every table is declared once, third-party ones and those outside of models included."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import CASCADE, Model
from django.utils import timezone

from privacy.data_map import OUTSIDE_MODELS, WHOLE_MAP, Act, Kind, Row, has_room
from privacy.data_map.field import columns
from privacy.data_map.row import BOOKKEEPING, BOOKS
from privacy.data_map.term import Term
from privacy.management.commands.write_privacy_docs import PAGE
from privacy.record_pages import renew

EACH = pytest.mark.parametrize("row", WHOLE_MAP, ids=lambda row: row.table)
WITH_TERM = [row for row in WHOLE_MAP if row.term is not None]
# SQLite's own; PostgreSQL keeps such things out of the tables that it lists.
OF_THE_DATABASE = {"sqlite_sequence", "sqlite_stat1", "sqlite_stat4"}
UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "year": timedelta(days=365),
}
A_TIME = re.compile(rf"(\d+) ({'|'.join(UNITS)})s?\b")


def model_of(row: Row) -> type[Model]:
    return apps.get_model(row.table)


def limit_of(row: Row) -> timedelta | None:
    """As its words say it."""
    told = A_TIME.search(str(row.keep))
    return int(told[1]) * UNITS[told[2]] if told else None


@EACH
def test_every_column_is_declared_and_nothing_else(row: Row):
    assert set(row.fields) == {column.name for column in model_of(row)._meta.concrete_fields}


@EACH
def test_what_has_room_for_content_says_why_there_is_none(row: Row):
    roomy = {column.name for column in model_of(row)._meta.concrete_fields if has_room(column)}
    assert not {name for name in roomy if not str(row.fields[name].why)}


@EACH
def test_links_are_told_as_links(row: Row):
    """Which columns point to other rows is for the models to say; none of those may pass for a figure."""
    pointing = {column.name for column in model_of(row)._meta.concrete_fields if column.is_relation}
    assert not {name for name in pointing if row.fields[name].kind != Kind.LINK}


@EACH
def test_what_is_sent_has_somebody_to_send_it_to(row: Row):
    assert row.recipients or not any(field.sent for field in row.fields.values())
    assert row.act == Act.MASK or not any(field.masked for field in row.fields.values())


def test_every_table_of_the_database_is_declared(db):
    tables = set(connection.introspection.table_names()) - OF_THE_DATABASE
    of_models = {model_of(row)._meta.db_table for row in WHOLE_MAP}
    assert tables == of_models | set(OUTSIDE_MODELS)
    with connection.cursor() as cursor:
        for table, declared in OUTSIDE_MODELS.items():
            found = {one.name for one in connection.introspection.get_table_description(cursor, table)}
            assert found == set(declared)


def test_saying_something_of_an_unknown_column_is_refused():
    with pytest.raises(ValueError, match="email"):
        columns(identifier="id", because={"email": "why"})


@EACH
def test_a_limited_time_has_a_rule(row: Row):
    """Or goes with what has one. The books have one too, but nothing may be deleted from them: none is promised."""
    parent = parent_of(row)
    assert limit_of(row) is None or row.term or (parent and parent.term), f"{row.table}: {row.keep}"


@pytest.mark.parametrize("row", [row for row in WITH_TERM if row.term.after], ids=lambda row: row.table)
def test_the_rule_says_what_the_words_say(row: Row):
    assert row.term is not None
    assert limit_of(row) == row.term.after


@EACH
def test_what_goes_with_another_is_deleted_with_it(row: Row):
    if row.goes_with:
        link = model_of(row)._meta.get_field(row.goes_with)
        parent = parent_of(row)
        assert link.remote_field.on_delete is CASCADE
        assert parent is not None and parent.term is not None and str(parent.keep) == str(row.keep)


def test_the_books_alone_have_no_rule():
    booked = {row.table for row in WHOLE_MAP if str(row.keep) == str(BOOKKEEPING)}
    assert booked
    assert all(str(row.ground) == str(BOOKS) and not row.term for row in WHOLE_MAP if row.table in booked)


def test_a_rule_is_of_a_column_that_is_there(db):
    for row in WITH_TERM:
        assert isinstance(row.term, Term)
        assert row.term.find_past(row.table, timezone.now()).count() == 0


def parent_of(row: Row) -> Row | None:
    if not row.goes_with:
        return None
    parent = model_of(row)._meta.get_field(row.goes_with).related_model._meta.label
    return next(one for one in WHOLE_MAP if one.table == parent)


def test_the_page_of_the_docs_says_what_the_map_says():
    """manage.py write_privacy_docs writes it anew."""
    page = PAGE.read_text()
    assert page == renew(page)
    assert all(f"`{row.table}`" in page for row in WHOLE_MAP)
