"""The audit log: written with what it tells of, by nobody rewritten, cut or rolled back unnoticed."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit, audit_file
from accounts.audit import TRIGGERS, accept_restore, forget_old_entries, record, sign_head
from accounts.audit_chain import BEGINNING, COLUMNS, digest_of
from accounts.audit_proof import Walk
from accounts.audit_words import AuditAct
from accounts.models import AuditCheckpoint, AuditEntry, AuditHead, User
from accounts.signing import public_keys, read_statement
from accounts.subjects import refer_to
from littlepull.local_server import manage

ROOT = Path(__file__).resolve().parents[2]
# Checkpoints reach the file when they are committed.
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def staff():
    return User.objects.create_superuser("staff@example.com", "correct horse battery")


@pytest.fixture
def console(client, staff):
    client.force_login(staff)
    return client


def write(count: int, actor: User | None = None) -> AuditEntry:
    for number in range(count):
        with transaction.atomic():
            entry = record(AuditAct.RECTIFIED, actor=actor, reason="asked for", count=number)
    return entry


def faults() -> set[tuple[int, str]]:
    return {(fault.number, fault.kind) for fault in Walk().faults()}


def kinds() -> set[str]:
    return {kind for _, kind in faults()}


@pytest.fixture
def forged():
    """Somebody with the database's own rights; the triggers come back after."""
    TRIGGERS.drop(connection)
    yield AuditEntry.objects.all()
    TRIGGERS.create(connection)


def chain_again(first: int) -> None:
    """As whoever knows how the digests are made would, from entry `first` to the end."""
    before = AuditEntry.objects.filter(number=first - 1).first()
    digest = before.digest if before else BEGINNING
    for entry in AuditEntry.objects.filter(number__gte=first).order_by("number"):
        entry.previous = digest
        digest = digest_of([getattr(entry, name) for name in COLUMNS])
        AuditEntry.objects.filter(number=entry.number).update(previous=entry.previous, digest=digest)
    AuditHead.objects.update(digest=digest, number=entry.number)


def test_a_log_as_it_was_written_proves(staff, settings):
    write(250, staff)
    walk = Walk()
    assert not list(walk.faults())
    assert (walk.entries, walk.number, walk.digest) == (250, 250, AuditEntry.objects.get(pk=250).digest)
    signed = [read_statement(jws, public_keys()) for jws in settings.AUDIT_LOG.read_text().splitlines()]
    assert [(one["number"], one["digest"]) for one in signed] == [
        (number, AuditEntry.objects.get(pk=number).digest) for number in (1, 100, 200)
    ]


def test_an_entry_commits_with_what_it_tells_of(staff):
    with pytest.raises(transaction.TransactionManagementError):
        record(AuditAct.RECTIFIED, actor=staff)
    write(2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(AuditAct.RECTIFIED, actor=staff)
        raise ZeroDivisionError
    assert write(1).number == 3
    assert not faults()


def test_people_stand_in_it_by_reference_only(staff, alice):
    with transaction.atomic():
        entry = record(AuditAct.KEY_REVOKED, actor=staff, subject=alice.user, on=alice.key)
        own = record(AuditAct.EXPORT_READ, actor=alice.user, subject=alice.user)
        system = record(AuditAct.ERASURE_RUN, actor=None, subject=refer_to(alice.user.email))
    assert [one.by for one in (entry, own, system)] == ["staff", "subject", "system"]
    assert entry.subject == own.subject == own.actor == system.subject == refer_to(alice.user.email)
    assert (entry.staff_id, own.staff_id, entry.table, entry.row) == (staff.pk, "", "accounts.ApiKey", alice.key.pk)
    kept = str(list(AuditEntry.objects.values_list(*COLUMNS)))
    assert alice.user.email not in kept and staff.email not in kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "told alice@example.com"},
        {"reason": "x" * 201},
        {"subject": "alice@example.com"},
        {"said": "two words"},
        {"said": "alice@example.com"},
        {"said": ["a"]},
        {"said": 0.5},
        {"said": None},
    ],
    ids=str,
)
def test_what_may_be_content_is_refused(wrong):
    with pytest.raises(ValueError), transaction.atomic():
        record(AuditAct.RECTIFIED, actor=None, **wrong)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses_to_change_it(act):
    write(1)
    for rows in (AuditEntry.objects.all(), AuditCheckpoint.objects.all()):
        with pytest.raises(DatabaseError):
            rows.update(number=9) if act == "update" else rows.delete()
    assert AuditEntry.objects.get().number == 1
    assert TRIGGERS.missing(connection) == set()


def test_an_altered_entry_is_found(forged):
    write(5)
    forged.filter(number=3).update(reason="another")
    assert faults() == {(3, "altered")}


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_is_vouched_for(forged, name):
    write(3)
    other = {"at": timezone.now() + timedelta(seconds=1), "details": {"count": 9}, "number": 9}
    forged.filter(number=2).update(**{name: other.get(name, "other")})
    assert faults()


def test_an_altered_entry_with_a_digest_that_fits_is_found_by_the_next(forged):
    write(5)
    entry = forged.get(number=3)
    entry.reason = "another"
    forged.filter(number=3).update(reason="another", digest=digest_of([getattr(entry, name) for name in COLUMNS]))
    assert faults() == {(4, "order")}


def test_a_chain_made_anew_is_found_by_what_is_signed(forged):
    write(150)
    forged.filter(number=50).update(reason="another")
    chain_again(50)
    assert faults() == {(100, "rewritten"), (150, "head")}


def test_a_chain_made_anew_behind_the_last_checkpoint_is_found_by_the_seal(forged):
    write(5)
    forged.filter(number=3).update(reason="another")
    chain_again(3)
    assert faults() == {(5, "head")}


def test_an_entry_taken_out_is_found(forged):
    write(5)
    forged.filter(number=3)._raw_delete("default")
    assert faults() == {(4, "gap")}


def test_entries_that_changed_places_are_found(forged):
    write(5)
    forged.filter(number=2).update(number=99)
    forged.filter(number=3).update(number=2)
    forged.filter(number=99).update(number=3)
    assert kinds() == {"altered", "order"}


def test_an_entry_put_in_is_found(forged):
    write(5)
    last = forged.get(number=5)
    extra = AuditEntry(**{name: getattr(last, name) for name in COLUMNS} | {"number": 6, "previous": last.digest})
    extra.digest = digest_of([getattr(extra, name) for name in COLUMNS])
    extra.save(force_insert=True)
    assert faults() == {(6, "head")}


def test_a_cut_tail_is_found(forged):
    write(5)
    forged.filter(number__gt=3)._raw_delete("default")
    assert faults() == {(4, "truncated")}
    AuditHead.objects.all().delete()
    assert not kinds() & {"truncated"} and kinds() == {"head"}


def test_a_tail_cut_with_everything_in_the_database_is_found_by_the_file(forged):
    """As a restored old backup is: head and checkpoints are of that time, too."""
    write(60)
    head = AuditHead.objects.values("number", "digest", "seal", "signed_on").get()
    write(60)
    forged.filter(number__gt=60)._raw_delete("default")
    AuditCheckpoint.objects.filter(number__gt=60)._raw_delete("default")
    AuditHead.objects.update(**head)
    assert faults() == {(100, "truncated")}
    write(60)  # grown again beyond it
    assert faults() == {(100, "rewritten")}


def test_a_restore_that_was_meant_is_told_of(staff, forged):
    write(60)
    head = AuditHead.objects.values("number", "digest", "seal", "signed_on").get()
    write(60)
    forged.filter(number__gt=60)._raw_delete("default")
    AuditCheckpoint.objects.filter(number__gt=60)._raw_delete("default")
    AuditHead.objects.update(**head)
    write(3)  # somebody was quick
    entry = accept_restore(actor=staff, reason="the disk died")
    assert (entry.act, entry.number, entry.details) == (AuditAct.BACKUP_RESTORED, 64, {"after": 1, "lost_at_most": 99})
    assert not faults()
    write(60)
    assert not faults()
    forged.filter(number__gt=70)._raw_delete("default")
    assert (100, "truncated") in faults()


def test_a_forged_checkpoint_is_found(forged, settings):
    write(5)
    AuditCheckpoint.objects.filter(number=1).update(jws="eyJ.e30.AAAA")
    assert faults() == {(1, "signature")}
    settings.AUDIT_LOG.write_text("eyJ.e30.AAAA\n")
    assert "signature" in kinds()


def test_a_lost_file_is_found_and_written_again(settings):
    write(150)
    whole = settings.AUDIT_LOG.read_text()
    settings.AUDIT_LOG.write_text(whole[:-20])  # a crash
    sign_head()
    assert settings.AUDIT_LOG.read_text().startswith(whole)
    settings.AUDIT_LOG.unlink()
    sign_head()
    assert settings.AUDIT_LOG.read_text().startswith(whole) and not faults()


def test_the_end_of_a_quiet_day_is_signed_too():
    write(5)
    assert sign_head() and not sign_head()
    assert AuditCheckpoint.objects.filter(number=5).exists()


def test_a_new_key_proves_what_the_old_one_sealed(settings):
    write(3)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 9
    assert not faults()
    settings.SECRET_KEY_FALLBACKS = []
    assert kinds() == {"head"}


def test_what_has_reached_its_term_goes_and_the_rest_still_proves(monkeypatch, forged):
    long_ago = timezone.now() - timedelta(days=4 * 365)
    monkeypatch.setattr(audit.timezone, "now", lambda: long_ago)
    write(130)
    monkeypatch.undo()
    write(130)
    TRIGGERS.create(connection)
    assert not faults()
    assert forget_old_entries() == 100
    assert not faults()
    assert forget_old_entries() == 0
    last = AuditEntry.objects.get(act=AuditAct.LOG_CUT)
    assert (last.number, last.details) == (261, {"through": 100})
    TRIGGERS.drop(connection)
    AuditEntry.objects.filter(number__lte=131)._raw_delete("default")
    assert (132, "gap") in faults()


def test_the_command_says_how_far_and_which_entry(staff, forged):
    write(5)
    TRIGGERS.create(connection)
    told = StringIO()
    call_command("verify_audit", stdout=told)
    assert told.getvalue().startswith("5 entries until ") and AuditEntry.objects.get(pk=5).digest in told.getvalue()
    TRIGGERS.drop(connection)
    forged.filter(number=3).update(reason="another")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", stdout=told)
    assert ended.value.code == 1 and "entry 3: altered" in told.getvalue() and "is missing" in told.getvalue()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_threads_write_one_chain(database, tmp_path, request):
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "LOG_LEVEL": "ERROR"}
    environment.pop("DATABASE_URL", None)
    if database == "postgresql":
        environment["DATABASE_URL"] = request.getfixturevalue("postgresql_url")
    manage("migrate", "--verbosity", "0", environment=environment)
    command = [sys.executable, "-m", "tests.accounts.audit_in_threads", "1200", "6"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert manage("verify_audit", environment=environment).startswith("804 entries until ")
    lines = (tmp_path / "audit.log").read_text().splitlines()
    assert len(lines) == 9  # 1, and each hundredth


def test_it_holds_on_postgresql_too(postgresql_url, tmp_path):
    if os.environ.get("DATABASE_URL"):
        pytest.skip("this whole run is on PostgreSQL")
    environment = {**os.environ, "DATABASE_URL": postgresql_url, "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not threads", __file__]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout[-4000:]


def test_a_changed_account_is_told_of_with_a_reason(console, staff, alice):
    page = reverse("admin:accounts_user_change", args=[alice.user.pk])
    form = {"email": alice.user.email, "name": "Alice", "is_active": "", "is_staff": "on"}
    assert 'name="audit_reason"' in console.get(page).content.decode()
    refused = console.post(page, form)
    assert refused.status_code == 200 and not AuditEntry.objects.exists()
    assert console.post(page, form | {"audit_reason": "asked by a@example.com"}).status_code == 200
    assert console.post(page, form | {"audit_reason": "joins the team"}).status_code == 302
    told = {entry.act: entry for entry in AuditEntry.objects.all()}
    assert set(told) == {AuditAct.RECTIFIED, AuditAct.USER_LOCKED, AuditAct.ROLE_CHANGED}
    assert told[AuditAct.RECTIFIED].details == {"fields": "name"}
    assert {entry.subject for entry in told.values()} == {refer_to(alice.user.email)}
    assert {(entry.by, entry.staff_id, entry.reason) for entry in told.values()} == {
        ("staff", staff.pk, "joins the team")
    }


def test_a_revoked_key_is_told_of(console, staff, alice):
    chosen = {"action": "revoke", "_selected_action": [alice.key.pk], "audit_reason": "it leaked"}
    console.post(reverse("admin:accounts_apikey_changelist"), chosen)
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.row, entry.subject) == ("key_revoked", alice.key.pk, refer_to(alice.user.email))


def test_a_role_made_and_deleted_is_told_of(console):
    permission = Permission.objects.first()
    form = {"name": "Readers", "permissions": [permission.pk], "audit_reason": "a new team"}
    console.post(reverse("admin:auth_group_add"), form)
    console.post(reverse("admin:auth_group_delete", args=[Group.objects.get().pk]), {"post": "yes"})
    assert list(AuditEntry.objects.order_by("number").values_list("act", flat=True)) == ["role_changed", "row_deleted"]


def test_the_log_is_read_and_not_changed_in_the_admin(console, staff, alice):
    with transaction.atomic():
        record(AuditAct.KEY_REVOKED, actor=staff, subject=alice.user, on=alice.key)
        record(AuditAct.PURGE_RUN, actor=None, rows=3)
    page = reverse("admin:accounts_auditentry_changelist")

    def shown(**asked):
        return [entry.number for entry in console.get(page, asked).context["cl"].result_list]

    assert shown() == [2, 1]
    assert (
        shown(act="key_revoked") == shown(actor=staff.pk) == shown(q=alice.user.email) == shown(q=alice.key.pk) == [1]
    )
    assert shown(actor="system") == [2]
    assert shown(day=str(timezone.now().date())) == [2, 1] and shown(day="2020-01-31") == []
    entry = reverse("admin:accounts_auditentry_change", args=[1])
    assert console.get(entry).status_code == 200
    assert console.post(entry, {"reason": "another"}).status_code == 403
    assert console.get(reverse("admin:accounts_auditentry_add")).status_code == 403
    assert console.post(reverse("admin:accounts_auditentry_delete", args=[1]), {"post": "yes"}).status_code == 403


def test_the_file_holds_no_more_than_numbers_and_digests(settings, staff, alice):
    with transaction.atomic():
        record(AuditAct.KEY_REVOKED, actor=staff, subject=alice.user, on=alice.key)
    (line,) = settings.AUDIT_LOG.read_text().splitlines()
    assert set(read_statement(line, public_keys())) == {"type", "number", "digest", "at"}
    assert audit_file.place().stat().st_mode & 0o777 == 0o600
