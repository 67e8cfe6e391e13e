"""The record of processing as anybody reads it: page, JSON and CSV say the same of every column."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignIn, User
from privacy import erase, policies
from privacy.data_map import WHOLE_MAP, Act
from privacy.holdings import exported_fields, find_rows, personal_rows
from privacy.models import PurgeRun
from privacy.preview import reckon
from privacy.retention import purge

RECORD = "/privacy/record"


@pytest.fixture
def console(client, db):
    staff = User.objects.create_superuser("staff@example.com", "correct horse battery")
    EmailAddress.objects.create(user=staff, email=staff.email, verified=True, primary=True)
    client.force_login(staff)
    return client


def test_the_page_has_every_table_and_every_column(client, db):
    page = client.get(RECORD).content.decode()
    for row in WHOLE_MAP:
        assert f'id="{row.table}"' in page
        assert all(f"<code>{name}</code>" in page for name in row.fields)
    assert len(page.encode()) < 250_000


def test_it_is_kept_by_caches_and_sets_no_cookie(client, db):
    for suffix in ("", ".json", ".csv"):
        answer = client.get(f"{RECORD}{suffix}")
        assert answer["Cache-Control"] == "public, max-age=300"
        assert not answer.cookies


def test_the_policy_leads_to_it(client, db):
    assert reverse("processing_record") in client.get("/privacy").content.decode()


def test_json_and_csv_say_the_same(client, db):
    told = client.get(f"{RECORD}.json").json()
    lines = list(csv.DictReader(io.StringIO(client.get(f"{RECORD}.csv").content.decode())))
    columns = {(table["table"], column["column"]): column for table in told["tables"] for column in table["columns"]}
    assert set(columns) == {(line["table"], line["column"]) for line in lines}
    for line in lines:
        column = columns[line["table"], line["column"]]
        assert (line["kept"], line["purpose"], line["exported"]) == (
            column["kept"],
            column["purpose"],
            str(column["exported"]),
        )
    assert {table["table"]: table["term"] for table in told["tables"]}["routing.Generation"] == {
        "since": "created_at",
        "seconds": 90 * 86400,
    }


def test_it_speaks_english_to_programs_whatever_the_reader_speaks(client, db):
    english, french = (client.get(f"{RECORD}.csv", headers={"accept-language": one}).content for one in ("en", "fr"))
    assert english == french


def test_what_it_says_of_the_export_is_what_is_exported(client, db):
    told = {table["table"]: table["columns"] for table in client.get(f"{RECORD}.json").json()["tables"]}
    for row in personal_rows():
        said = {column["column"] for column in told[row.table] if column["exported"]}
        assert said == {field.name for field in exported_fields(row)}, row.table


def test_of_masked_tables_an_erasure_empties_what_is_said_and_leaves_the_rest(zebulon):
    """Field by field, against a whole planted person."""
    masked = [row for row in personal_rows() if row.act == Act.MASK]
    before = {row.table: _values(row, find_rows(row, zebulon.user).values_list("pk", flat=True)) for row in masked}
    erase.erase_at_once(zebulon.user, reckon(zebulon.user).digest, source="portal")
    for row in masked:
        after = _values(row, before[row.table])
        changed = {
            column
            for pk, values in after.items()
            for column, value in values.items()
            if value != before[row.table][pk][column]
        }
        said = {name for name, field in row.fields.items() if field.masked}
        assert changed <= said, f"{row.table}: {changed - said} was changed and is said to be kept"
        for values in after.values():
            left = {name for name in said & CONTACTS if values[name] and "erased.invalid" not in str(values[name])}
            assert not left, f"{row.table}: {left}"


CONTACTS = {"email", "name", "note", "object_repr", "change_message", "customer_ref", "checkout_url", "reason"}


def _values(row, pks):
    model = apps.get_model(row.table)
    names = [column.attname for column in model._meta.concrete_fields]
    by_name = {column.attname: column.name for column in model._meta.concrete_fields}
    rows = model._base_manager.filter(pk__in=list(pks)).values("pk", *names)
    return {one.pop("pk"): {by_name[name]: value for name, value in one.items()} for one in rows}


def test_the_console_shows_that_nothing_is_past_its_time_and_what_the_purges_did(console, alice):
    page = reverse("admin:privacy_purgerun_changelist")
    SignIn.objects.create(user=alice.user, at=timezone.now() - timedelta(days=91))
    before = console.get(page)
    assert before.context["overdue_rows"] == 1
    assert "1 rows should have been gone" in before.content.decode()
    run = purge()
    assert run is not None
    after = console.get(page)
    assert after.context["overdue_rows"] == 0
    assert run.digest in after.content.decode()


def test_the_console_can_change_nothing_of_a_purge(console):
    run = purge()
    assert run is not None
    one = reverse("admin:privacy_purgerun_change", args=[run.pk])
    assert run.jws[:40] in console.get(one).content.decode()
    assert console.post(one, {"digest": "0" * 64}).status_code == 403
    assert console.get(reverse("admin:privacy_purgerun_add")).status_code == 403
    assert console.post(reverse("admin:privacy_purgerun_delete", args=[run.pk])).status_code == 403
    assert PurgeRun.objects.get().digest == run.digest


def test_the_portal_lets_one_choose_how_long_records_of_extractions_are_kept(client, alice):
    current = policies.find_current()
    assert current
    policies.accept(alice.user, current)
    client.force_login(alice.user)
    page = client.get("/portal/settings").content.decode()
    assert "usage_kept_days" in page
    sent = {"name": "", "theme": "", "language": "", "usage_kept_days": "30"}
    assert client.post("/portal/settings", sent).status_code == 302
    alice.user.refresh_from_db()
    assert alice.user.usage_kept_days == 30
    client.post("/portal/settings", {**sent, "usage_kept_days": ""})
    alice.user.refresh_from_db()
    assert alice.user.usage_kept_days is None
    client.post("/portal/settings", {**sent, "usage_kept_days": "3"})
    alice.user.refresh_from_db()
    assert alice.user.usage_kept_days is None
