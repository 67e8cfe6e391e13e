"""Every promise is kept, and whoever breaks one is found out by its check."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils import timezone

from accounts.models import ApiKey, SignIn, User, WebhookDelivery
from accounts.signing import public_keys, read_statement
from billing.models import Payment
from extraction.models import Envelope, Job
from privacy import attesting, policies
from privacy.models import ErasureRun, PolicyNotice, PolicyVersion, SubjectRequest
from privacy.notices import tell_everybody
from privacy.promises import PROMISES, cookies, kept, media, money, published, rights, secured, sharing, stored
from routing.models import Generation, Provider
from tests.extraction.jobs_in_hand import submit
from tests.routing.offers import make_generation, make_model

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=100)
AN_HOUR_AGO = timezone.now() - timedelta(hours=1)
KEY = "lp_live_abcdefghijkl_" + "a" * 46
Break = Callable[..., Any]
BREAKS: dict[Callable[..., Any], Break] = {}


def breaking(check: Callable[..., Any]) -> Callable[[Break], Break]:
    def note(act: Break) -> Break:
        BREAKS[check] = act
        return act

    return note


@pytest.fixture
def scene(zebulon, settings, monkeypatch, tmp_path) -> Iterator[Scene]:
    settings.VAR_DIR, settings.JOURNAL_DIR = tmp_path / "var", tmp_path / "var" / "journal"
    settings.SPOOL_DIR, settings.STATIC_ROOT = tmp_path / "var" / "spool", tmp_path / "var" / "static"
    for folder in (settings.SPOOL_DIR, settings.JOURNAL_DIR):
        folder.mkdir(parents=True)
    SocialToken.objects.all().delete()  # planted, though none is ever kept
    level = logging.getLogger("httpx").level
    yield Scene(zebulon, settings, monkeypatch, tmp_path)
    logging.getLogger("httpx").setLevel(level)


class Scene:
    """Somebody about whom we hold something in every table, and what there is to break."""

    def __init__(self, person: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Any) -> None:
        self.person, self.user, self.settings, self.patch, self.folder = (
            person,
            person.user,
            settings,
            monkeypatch,
            folder,
        )

    def source(self, name: str, text: str) -> None:
        """A page or script among our own."""
        self.settings.BASE_DIR = self.folder / "source"
        path = self.settings.BASE_DIR / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def finished_job(self, **facts: Any) -> Job:
        job = submit(self.person)
        ended = {"status": "succeeded", "finished_at": AN_HOUR_AGO, "media_destroyed_at": AN_HOUR_AGO}
        Job.objects.filter(pk=job.pk).update(**(ended | facts))
        Envelope.objects.filter(job=job).delete()
        return Job.objects.get(pk=job.pk)

    def envelope(self, job: Job, content: str) -> None:
        Envelope.objects.create(job=job, content=content, wrapped_key=b"k", sealed=b"s")

    def vendor(self, **facts: Any) -> None:
        self.settings.LLM_PROVIDERS = {"groq": {"api_key": "a", "base_url": ""}}
        stated = {"retention_days": 30, "trains": False, "checked_on": LONG_AGO.date()} | facts
        Provider.objects.update_or_create(name="groq", defaults=stated)


def test_all_are_kept_while_somebody_is_here(scene):
    broken = [(one.promise.code, one.finding.faults) for one in attesting.check_promises() if not one.finding.kept]
    assert broken == []


CHECKS = list(dict.fromkeys(getattr(promise.check, "func", promise.check) for promise in PROMISES))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_breaking_it_is_found_out(check, scene):
    promise = next(one for one in PROMISES if getattr(one.check, "func", one.check) is check)
    assert promise.check().kept, "not before"
    BREAKS[check](scene)
    finding = promise.check()
    assert finding.faults, "nothing was noticed"
    assert "zebulon" not in " ".join(finding.faults).casefold()


@breaking(stored.passwords_are_argon2id)
def another_hash(scene):
    User.objects.filter(pk=scene.user.pk).update(password="pbkdf2_sha256$1$a$b")


@breaking(stored.key_secrets_are_hashed)
def a_secret_in_the_clear(scene):
    ApiKey.objects.filter(user=scene.user).update(digest="secret")


@breaking(stored.no_plaintext_key_is_stored)
def a_key_as_a_name(scene):
    ApiKey.objects.filter(user=scene.user).update(name=f"mine: {KEY}")


@breaking(stored.records_of_use_have_no_room_for_content)
def a_column_grows(scene):
    column = Generation._meta.get_field("finish")
    scene.patch.setattr(column, "max_length", 500)
    scene.patch.setattr(column, "choices", None)


@breaking(stored.no_column_is_undeclared)
def a_column_nobody_declared(scene):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table is altered while some wait
        cursor.execute("ALTER TABLE routing_generation ADD COLUMN prompt text")


def test_a_column_with_room_needs_a_reason_why_it_has_no_content(scene):
    scene.patch.setattr(Job._meta.get_field("error_code"), "max_length", 5000)
    [fault] = stored.no_column_is_undeclared().faults
    assert fault.startswith("extraction.Job.error_code has room")


@breaking(stored.no_file_is_kept_by_a_model)
def a_file_is_kept(scene):
    scene.patch.setattr(Job._meta, "concrete_fields", (*Job._meta.concrete_fields, models.FileField(name="upload")))


@breaking(stored.addresses_are_of_sign_ins_only)
def an_address_beside_usage(scene):
    scene.patch.setattr(Generation._meta.get_field("finish"), "name", "user_agent")


@breaking(stored.calls_are_not_logged)
def a_client_logs(scene):
    logging.getLogger("httpx").setLevel(logging.DEBUG)


@breaking(media.media_dies_with_its_reading)
def media_stays(scene):
    scene.envelope(scene.finished_job(), Envelope.Content.MEDIA)


@breaking(media.media_is_destroyed_before_the_answer)
def media_is_destroyed_later(scene):
    scene.finished_job(media_destroyed_at=timezone.now())


@breaking(media.spool_holds_waiting_media_only)
def a_file_is_left_behind(scene):
    left = scene.settings.SPOOL_DIR / f"{'a' * 32}.sealed"
    left.write_bytes(b"noise")
    os.utime(left, (time.time() - 9999, time.time() - 9999))


@breaking(media.spool_is_sealed)
def a_file_in_the_clear(scene):
    (scene.settings.SPOOL_DIR / f"{'a' * 32}.sealed").write_bytes(b"\x89PNG\r\n\x1a\n and so on")


@breaking(media.results_end)
def a_result_stays(scene):
    scene.finished_job(expires_at=AN_HOUR_AGO, result_destroyed_at=None)


@breaking(media.orders_end_with_their_jobs)
def a_schema_stays(scene):
    scene.envelope(scene.finished_job(), Envelope.Content.ORDER)


@breaking(media.no_media_outside_the_spool)
def a_document_in_a_temporary_file(scene):
    (scene.settings.VAR_DIR / "upload.tmp").write_bytes(b"%PDF-1.7 and so on")


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="only SQLite has files beside us")
def test_the_database_s_own_files_are_never_opened(scene, monkeypatch):
    """Closing one would drop this process's locks on it, and the worker's next write would go to a deleted log."""
    database = scene.settings.VAR_DIR / "littlepull.sqlite3"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(database))
    files = [database.with_name(database.name + ending) for ending in ("", "-wal", "-shm", "-journal")]
    for file in files:
        file.write_bytes(b"%PDF: whoever opens this takes it for a document")
    assert media.no_media_outside_the_spool().kept
    (scene.settings.VAR_DIR / "other.sqlite3").write_bytes(b"%PDF")
    assert not media.no_media_outside_the_spool().kept


@breaking(media.the_journal_holds_no_sentence)
def a_prompt_in_the_journal(scene):
    line = json.dumps({"kind": "ended", "facts": [{"prompt": "Translate this letter"}]})
    (scene.settings.JOURNAL_DIR / "a.journal").write_text(line + "\n")


@breaking(money.payments_hold_metadata_only)
def a_column_for_more_than_a_reference(scene):
    scene.patch.setattr(Payment._meta.get_field("ref"), "max_length", 2000)


@breaking(money.no_column_holds_cards)
def a_column_for_a_card(scene):
    scene.patch.setattr(Payment._meta.get_field("ref"), "name", "card_number")


@breaking(money.no_card_number_is_stored)
def a_card_as_a_reference(scene):
    Payment.objects.update(checkout_ref="4111111111111111")


@breaking(money.no_form_asks_for_cards)
def a_form_for_a_card(scene):
    scene.source("templates/pay.html", '<input autocomplete="cc-number">')


@breaking(sharing.processors_are_listed)
def an_unlisted_processor(scene):
    scene.settings.LLM_PROVIDERS = {"somebody": {"api_key": "a", "base_url": "https://somebody.example"}}


@breaking(sharing.only_processors_receive_data)
def an_unlisted_recipient(scene):
    rows = (replace(sharing.WHOLE_MAP[0], recipients=("a broker",)), *sharing.WHOLE_MAP[1:])
    scene.patch.setattr(sharing, "WHOLE_MAP", rows)


@breaking(sharing.processor_is_named)
def a_processor_off_the_list(scene):
    scene.patch.setattr(sharing, "KNOWN", {})


@breaking(sharing.vendors_do_not_train)
def a_vendor_that_trains(scene):
    scene.vendor(trains=None)


@breaking(sharing.vendors_forget)
def a_vendor_that_remembers(scene):
    scene.vendor(retention_days=31)


@breaking(sharing.pages_load_nothing_of_others)
def a_script_of_others(scene):
    scene.source("templates/page.html", '<script async src="https://cdn.example/x.js"></script>')


@breaking(sharing.browsers_are_told_so)
def a_wider_policy(scene):
    page = rights.ask("policy")
    page.headers["Content-Security-Policy"] = "default-src 'none'; script-src 'self' https://cdn.example"
    scene.patch.setattr(sharing, "ask", lambda name: page)


@breaking(sharing.nobody_follows_visitors)
def a_tracker(scene):
    scene.source("static/page.js", "import('/google-analytics.js')")


@breaking(sharing.figures_are_of_many)
def figures_of_few(scene):
    scene.settings.STATISTICS_MIN_KEYS = 1


@breaking(cookies.one_cookie)
def a_second_cookie(scene):
    scene.settings.CSRF_USE_SESSIONS = False


@breaking(cookies.reading_sets_no_cookie)
def a_cookie_for_reading(scene):
    from littlepull.site import policy

    told = policy.policy
    scene.patch.setattr("littlepull.site.policy.render", with_cookie(policy.render))
    assert told is policy.policy


def with_cookie(render: Callable[..., Any]) -> Callable[..., Any]:
    def rendered(*arguments: Any, **named: Any) -> Any:
        answer = render(*arguments, **named)
        answer.set_cookie("session_id", "a")
        return answer

    return rendered


@breaking(cookies.cookie_is_http_only)
def a_cookie_for_scripts(scene):
    scene.settings.SESSION_COOKIE_HTTPONLY = False


@breaking(cookies.cookie_is_of_this_domain)
def a_cookie_for_other_hosts(scene):
    scene.settings.SESSION_COOKIE_DOMAIN = "example.com"


@breaking(cookies.cookie_ends_within_a_day)
def a_cookie_for_a_month(scene):
    scene.settings.SESSION_COOKIE_AGE = 30 * 24 * 60 * 60


@breaking(cookies.cookie_is_secure)
def a_cookie_in_the_clear(scene):
    scene.settings.PRODUCTION, scene.settings.SESSION_COOKIE_SECURE = True, False


@breaking(cookies.scripts_store_nothing)
def a_script_that_stores(scene):
    scene.source("static/page.js", "localStorage.setItem('token', token)")


@breaking(kept.metadata_is_kept_90_days)
def an_old_record(scene):
    make_model("one/large")
    Generation.objects.filter(pk=make_generation(scene.person.key, "one/large").pk).update(created_at=LONG_AGO)


@breaking(kept.technical_data_is_kept_90_days)
def an_old_sign_in(scene):
    SignIn.objects.create(user=scene.user, at=LONG_AGO)


def test_a_purge_that_is_overdue_anywhere_is_found_out(scene):
    """Not of records of model calls alone: every table with a term is looked at."""
    before = kept.metadata_is_kept_90_days()
    WebhookDelivery.objects.update(created_at=LONG_AGO)
    after = kept.metadata_is_kept_90_days()
    assert before.kept and "accounts.WebhookDelivery" in after.faults[0]


@breaking(kept.accounts_stay_while_they_are_active)
def an_erased_account_with_an_address(scene):
    erased(scene)


@breaking(kept.of_the_erased_nothing_is_left)
def an_erased_person_with_sign_ins(scene):
    erased(scene)


def erased(scene: Scene) -> None:
    done = {"status": ErasureRun.Status.DONE, "run_at": timezone.now(), "preview": {}, "digest": "", "subject": ""}
    ErasureRun.objects.create(user=scene.user, **done)


@breaking(rights.right_has_its_doors)
def a_right_without_a_door(scene):
    scene.patch.setattr(rights, "PORTAL", dict.fromkeys(SubjectRequest.Kind, "nowhere"))


@breaking(rights.requests_are_answered_in_time)
def an_overdue_request(scene):
    SubjectRequest.objects.create(kind="access", source="portal", user=scene.user, due_at=AN_HOUR_AGO)


@breaking(rights.more_time_has_its_reason)
def more_time_for_no_reason(scene):
    SubjectRequest.objects.create(kind="access", source="portal", user=scene.user, extended_until=timezone.now())


@breaking(rights.an_export_has_everything)
def an_export_that_leaves_out(scene):
    scene.patch.setattr(rights, "exported_fields", lambda row: [])


@breaking(rights.who_to_ask_is_said)
def nobody_to_ask(scene):
    scene.settings.CONTACT_EMAIL = "nobody"


@breaking(secured.connections_are_encrypted)
def plain_http(scene):
    scene.settings.PRODUCTION, scene.settings.SECURE_SSL_REDIRECT = True, False
    scene.settings.SECURE_HSTS_SECONDS = 0


@breaking(secured.vendors_are_called_over_tls)
def a_vendor_without_tls(scene):
    scene.settings.LLM_PROVIDERS = {"groq": {"api_key": "a", "base_url": "http://api.groq.example"}}


@breaking(secured.signing_in_by_others_is_safe)
def a_token_that_is_kept(scene):
    account = SocialAccount.objects.filter(user=scene.user).first()
    SocialToken.objects.create(account=account, app=SocialApp.objects.create(provider="google"), token="a")


@breaking(secured.providers_tell_name_address_picture)
def a_provider_tells_more(scene):
    SocialAccount.objects.create(user=scene.user, provider="github", uid="9", extra_data={"birthday": "1990-01-01"})


@breaking(secured.database_is_reached_from_inside)
def a_public_database(scene):
    scene.patch.setattr(connection, "vendor", "postgresql")
    scene.patch.setitem(scene.settings.DATABASES["default"], "HOST", "db.example.com")


@breaking(published.policy_is_in_force)
def no_policy(scene):
    scene.patch.setattr(published, "find_current", lambda: None)


@breaking(published.versions_are_unchanged)
def a_rewritten_version(scene):
    scene.patch.setattr(published, "digest_of", lambda text: "")


@breaking(published.operator_is_named)
def nobody_operates_this(scene):
    scene.patch.setattr(policies, "OPERATOR", "Somebody else")


@breaking(published.people_were_told)
def a_change_nobody_was_told_of(scene):
    publish_second(published_at=timezone.now() - timedelta(days=2))
    User.objects.update(date_joined=LONG_AGO)


def publish_second(**facts: Any) -> PolicyVersion:
    text = "# Privacy policy\n\nIt is another one."
    whole = {"number": 2, "effective_on": timezone.localdate(), "major": True, "text": text} | facts
    return PolicyVersion.objects.create(digest=policies.digest_of(text), **whole)


def test_everybody_is_told_once_and_the_proof_is_kept(scene, mailoutbox, yolanda):
    User.objects.update(date_joined=LONG_AGO)
    version = publish_second()
    people = User.objects.filter(is_active=True).count()
    mailoutbox.clear()
    assert tell_everybody(at_once=1) == 1
    assert tell_everybody() == people - 1 and tell_everybody() == 0
    assert sorted(to for mail in mailoutbox for to in mail.to) == sorted(User.objects.values_list("email", flat=True))
    assert f"/privacy/versions/{version.number}" in mailoutbox[0].body
    assert PolicyNotice.objects.filter(sent_at__isnull=False).exclude(text_sha256="").count() == people
    assert published.people_were_told().kept


def test_a_mail_server_that_is_away_is_asked_again_after_an_hour(scene, mailoutbox, monkeypatch):
    User.objects.update(date_joined=LONG_AGO)
    publish_second()
    with monkeypatch.context() as away:
        away.setattr("privacy.notices.send_best_effort", lambda *a, **b: False)
        assert tell_everybody() == 0
    assert tell_everybody() == 0, "not at once"
    PolicyNotice.objects.update(tried_at=AN_HOUR_AGO - timedelta(minutes=1))
    mailoutbox.clear()
    assert tell_everybody() == User.objects.count() == len(mailoutbox)


def test_the_command_says_what_is_broken_and_fails(scene, capsys):
    call_command("check_promises")
    assert "76 promises, all kept" in capsys.readouterr().out
    an_old_sign_in(scene)
    with pytest.raises(CommandError, match="1 of 76"):
        call_command("check_promises", "--broken")
    told = capsys.readouterr().out
    assert "BROKEN P-technical-90-days" in told and "kept  " not in told


def test_what_was_seen_is_signed(scene):
    made = attesting.attest()
    statement = read_statement(made.jws, public_keys())
    assert statement["type"] == "littlepull.attestation/1" and len(statement["promises"]) == made.promises
    assert made.broken == 0 and all(one["kept"] and one["evidence"] for one in statement["promises"])
    assert "zebulon" not in json.dumps(statement).casefold()


def test_a_check_that_fails_is_a_promise_broken(scene, monkeypatch):
    def trouble():
        raise RuntimeError("zebulon@example.com")

    monkeypatch.setattr(attesting, "PROMISES", [partial_promise(trouble)])
    (seen,) = attesting.check_promises()
    assert seen.finding.faults == ("could not be looked at: RuntimeError",)


def partial_promise(check: Callable[[], Any]) -> Any:
    return replace(PROMISES[0], check=partial(check))
