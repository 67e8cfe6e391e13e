"""An export: all of a person's, nothing of another's, for people and for programs, without filling memory."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile

import pytest
from django.utils import timezone

from privacy import archive, export
from privacy.archive import stream_archive
from privacy.errors import ExportGone
from privacy.holdings import count_holdings
from privacy.models import Export
from routing.models import Generation
from tests.people import make_person

pytestmark = pytest.mark.django_db


def opened(user) -> zipfile.ZipFile:
    packed = zipfile.ZipFile(io.BytesIO(b"".join(stream_archive(user))))
    assert packed.testzip() is None
    return packed


def test_every_row_is_in_it_and_none_of_anothers(zebulon, yolanda):
    packed = opened(zebulon.user)
    for one in count_holdings(zebulon.user):
        rows = json.loads(packed.read(f"data/{one.row.table}.json"))
        assert len(rows) == one.count, one.row.table
    everything = b"".join(packed.read(name) for name in packed.namelist()).decode().lower()
    assert "yolanda" not in everything and yolanda.user.pk not in everything
    assert zebulon.user.email in everything


def test_csv_and_json_say_the_same(zebulon):
    packed = opened(zebulon.user)
    for name in packed.namelist():
        if name.endswith(".csv"):
            rows = json.loads(packed.read(name.removesuffix("csv") + "json"))
            lines = list(csv.DictReader(io.StringIO(packed.read(name).decode())))
            assert len(lines) == len(rows) and list(lines[0]) == list(rows[0]), name
    (user,) = json.loads(packed.read("data/accounts.User.json"))
    assert user["email"] == zebulon.user.email and user["name"] == "Zebulon Quux" and "password" not in user


def test_saved_schemas_come_opened(zebulon):
    (version,) = json.loads(opened(zebulon.user).read("data/extraction.SchemaVersion.json"))
    assert version["schema"]["title"] == "Papers of zebulon" and version["name"] == "papers-zebulon"


def test_no_proof_is_in_it(zebulon):
    packed = opened(zebulon.user)
    everything = b"".join(packed.read(name) for name in packed.namelist()).decode()
    zebulon.key.refresh_from_db()
    for proof in (zebulon.user.password, zebulon.key.digest, "sealed-zebulon", "token-zebulon"):
        assert proof not in everything


def test_people_can_read_its_first_page(zebulon):
    zebulon.user.name = "<script>alert(1)</script>"
    zebulon.user.save(update_fields=["name"])
    page = opened(zebulon.user).read("index.html").decode()
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert (
        zebulon.user.email in page
        and 'href="data/extraction.Job.json"' in page
        and "http" not in page.split("<body>")[0]
    )


def test_what_begins_like_a_formula_is_disarmed_in_csv_alone(zebulon):
    zebulon.user.name = '=HYPERLINK("x")'
    zebulon.user.save(update_fields=["name"])
    packed = opened(zebulon.user)
    (line,) = csv.DictReader(io.StringIO(packed.read("data/accounts.User.csv").decode()))
    assert line["name"] == '\'=HYPERLINK("x")'
    assert json.loads(packed.read("data/accounts.User.json"))[0]["name"] == '=HYPERLINK("x")'
    credits = [
        entry["credits"] for entry in csv.DictReader(io.StringIO(packed.read("data/billing.Entry.csv").decode()))
    ]
    assert any(amount.startswith("-") for amount in credits)  # a negative number is no formula


def test_a_stranger_s_export_is_of_themselves(zebulon, bob):
    packed = opened(bob.user)
    assert [row["id"] for row in json.loads(packed.read("data/accounts.User.json"))] == [bob.user.pk]
    assert "zebulon" not in b"".join(packed.read(name) for name in packed.namelist()).decode().lower()


def test_memory_does_not_grow_with_rows(alice, monkeypatch):
    facts = {"status": "failed", "task": "coding", "cause": "content", "confidence": 1, "policy": "auto"}

    def peak(rows: int) -> int:
        made = (Generation(api_key=alice.key, created_at=timezone.now(), **facts) for _ in range(rows))
        Generation.objects.bulk_create(made, batch_size=500)
        tracemalloc.start()
        size = sum(map(len, stream_archive(alice.user)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert size > 0
        return most

    few, many = peak(2_000), peak(10_000)
    assert many < 1.5 * few, (few, many)


def test_pieces_are_given_on_as_they_are_made(alice, monkeypatch):
    facts = {"status": "failed", "task": "coding", "cause": "content", "confidence": 1, "policy": "auto"}
    Generation.objects.bulk_create(Generation(api_key=alice.key, **facts) for _ in range(3_000))
    monkeypatch.setattr(archive, "PIECE", 4096)
    assert len(list(stream_archive(alice.user))) > 10


def test_the_link_is_read_once_by_its_owner_while_it_lasts(bob, charlie):
    made = export.place_export(bob.user, source="portal")
    path = f"/portal/privacy/exports/{made.pk}"
    signature = export.link_to(path).partition("signature=")[2]
    for who, there, signed in (
        (charlie.user, path, signature),
        (bob.user, path, "x" + signature),
        (bob.user, path + "x", signature),
    ):
        with pytest.raises(ExportGone):
            export.take(who, made.pk, path=there, signature=signed)
    assert export.take(bob.user, made.pk, path=path, signature=signature).read_at
    with pytest.raises(ExportGone):
        export.take(bob.user, made.pk, path=path, signature=signature)


def test_after_five_days_it_is_gone(bob):
    made = export.place_export(bob.user, source="portal")
    path = f"/portal/privacy/exports/{made.pk}"
    assert (made.expires_at - made.asked_at).days in (4, 5)
    Export.objects.filter(pk=made.pk).update(expires_at=timezone.now())
    with pytest.raises(ExportGone):
        export.take(bob.user, made.pk, path=path, signature=export.link_to(path).partition("signature=")[2])


def test_someone_with_nothing_gets_a_whole_archive_too(db):
    packed = opened(make_person("nobody").user)
    assert "index.html" in packed.namelist() and json.loads(packed.read("data/extraction.Job.json")) == []
