"""Signing up and in, by the pages people see: mails, second factors, lockout, sessions, and the one cookie."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from accounts.models import Session, SignIn, User
from tests.portal.mailbox import last_link

PASSWORD = "a long enough pass phrase"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile Safari/604.1"


@pytest.fixture
def browser(db) -> Client:
    return Client(HTTP_USER_AGENT=FIREFOX, enforce_csrf_checks=True)


def send(browser: Client, page: str, **fields: str):
    """What a person does: open the page, fill in its form, send it."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(page).content.decode())
    return browser.post(page, {**fields, "csrfmiddlewaretoken": token[1] if token else ""}, follow=True)


def sign_up(browser: Client, email: str = "ada@example.com") -> User:
    send(browser, "/accounts/signup/", email=email, password1=PASSWORD)
    send(browser, last_link())
    return User.objects.get(email=email)


def sign_in(browser: Client, email: str = "ada@example.com", password: str = PASSWORD):
    return send(browser, "/accounts/login/", login=email, password=password)


def test_an_account_opens_once_its_address_is_confirmed(browser):
    answer = send(browser, "/accounts/signup/", email="ada@example.com", password1=PASSWORD)
    assert "session_id" in browser.cookies and browser.get("/portal/keys").status_code == 302
    assert answer.status_code == 200 and len(mail.outbox) == 1
    send(browser, last_link())
    assert browser.get("/portal/keys").status_code == 200
    user = User.objects.get()
    assert user.password.startswith("argon2$argon2id$")
    assert PASSWORD not in user.password


def test_the_one_cookie_is_http_only_and_lasts_a_day(browser):
    sign_up(browser)
    assert set(browser.cookies) == {"session_id"}
    cookie = browser.cookies["session_id"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] == 24 * 60 * 60


def test_signing_up_with_a_known_address_tells_its_owner_alone(browser):
    sign_up(browser)
    cache.clear()  # an address gets one mail in three minutes
    stranger = Client(enforce_csrf_checks=True)
    known = send(stranger, "/accounts/signup/", email="ada@example.com", password1=PASSWORD)
    told = mail.outbox[-1].body
    unknown = send(Client(enforce_csrf_checks=True), "/accounts/signup/", email="eve@example.com", password1=PASSWORD)
    assert known.redirect_chain == unknown.redirect_chain
    assert "already" in told


def test_a_forgotten_password_is_set_anew_and_its_owner_told(browser):
    sign_up(browser)
    stranger = Client(enforce_csrf_checks=True)
    send(stranger, "/accounts/password/reset/", email="ada@example.com")
    send(
        stranger,
        stranger.get(last_link())["Location"],
        password1="another long pass phrase",
        password2="another long pass phrase",
    )
    assert "password" in mail.outbox[-1].subject.lower()
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 200
    fresh = Client(enforce_csrf_checks=True)
    sign_in(fresh, password="another long pass phrase")
    assert fresh.get("/portal/keys").status_code == 200


def test_a_guesser_is_locked_out(browser):
    sign_up(browser)
    guesser = Client(enforce_csrf_checks=True)
    for _ in range(5):
        assert "not correct" in sign_in(guesser, password="wrong guess here").content.decode()
    answer = sign_in(guesser)  # even with the right one
    assert "Too many failed" in answer.content.decode()
    assert guesser.get("/portal/keys").status_code == 302


def test_a_sign_in_is_recorded_with_its_technical_data_and_shown(browser):
    user = sign_up(browser)
    sign_in_row = SignIn.objects.get(user=user)
    assert (sign_in_row.browser, sign_in_row.device, sign_in_row.ip) == ("Firefox", "Linux", "127.0.0.1")
    page = browser.get("/portal/settings/sign-ins").content.decode()
    assert "Firefox, Linux" in page and "127.0.0.1" in page


def test_a_new_device_brings_a_mail_and_a_known_one_none(browser):
    sign_up(browser)
    mail.outbox.clear()
    again = Client(enforce_csrf_checks=True, HTTP_USER_AGENT=FIREFOX)
    sign_in(again)
    assert not mail.outbox
    phone = Client(enforce_csrf_checks=True, HTTP_USER_AGENT=SAFARI)
    sign_in(phone)
    assert [message.subject for message in mail.outbox] == ["A new sign-in to LittlePull"]
    assert "Safari" in mail.outbox[0].body and "iOS" in mail.outbox[0].body


def test_signing_out_everywhere_ends_the_other_sessions(browser):
    user = sign_up(browser)
    phone = Client(enforce_csrf_checks=True, HTTP_USER_AGENT=SAFARI)
    sign_in(phone)
    assert Session.objects.filter(user=user).count() == 2
    send_from = browser.get("/portal/settings/sign-ins").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', send_from)[1]
    browser.post("/portal/settings/sign-out-everywhere", {"csrfmiddlewaretoken": token})
    assert phone.get("/portal/keys").status_code == 302
    assert browser.get("/portal/keys").status_code == 200


def test_nobody_ends_another_s_session(browser):
    sign_up(browser)
    other = Client(enforce_csrf_checks=True)
    sign_up(other, "eve@example.com")
    mine = Session.objects.get(user__email="ada@example.com")
    token = re.search(r'value="(\w+)"', other.get("/portal/settings").content.decode())[1]
    answer = other.post(f"/portal/settings/sign-ins/{mine.sign_in_id}/end", {"csrfmiddlewaretoken": token})
    assert answer.status_code == 404
    assert browser.get("/portal/keys").status_code == 200


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_authenticator_app_is_asked_for_and_its_secret_lies_sealed(browser):
    user = sign_up(browser)
    secret = activate_totp(browser)
    rows = Authenticator.objects.filter(user=user)
    assert {row.type for row in rows} == {"totp", "recovery_codes"}
    assert secret not in str([row.data for row in rows])
    assert "authenticator" in mail.outbox[-1].subject.lower()
    cache.clear()  # a code is good once
    elsewhere = Client(enforce_csrf_checks=True)
    assert "/2fa/authenticate/" in sign_in(elsewhere).redirect_chain[-1][0]
    assert elsewhere.get("/portal/keys").status_code == 302
    send(elsewhere, "/accounts/2fa/authenticate/", code=code_of(secret))
    assert elsewhere.get("/portal/keys").status_code == 200


def test_a_recovery_code_opens_once(browser):
    user = sign_up(browser)
    activate_totp(browser)
    code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    first, second = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    for one, opened in ((first, 200), (second, 302)):
        sign_in(one)
        send(one, "/accounts/2fa/authenticate/", code=code)
        assert one.get("/portal/keys").status_code == opened


def test_an_address_changes_once_the_new_one_is_confirmed(browser):
    user = sign_up(browser)
    cache.clear()
    asked = send(browser, "/accounts/email/", email="countess@example.com", action_add="")
    send(browser, asked.redirect_chain[-1][0], password=PASSWORD)  # the password once more, and it goes on
    user.refresh_from_db()
    assert user.email == "ada@example.com" and mail.outbox[-1].to == ["countess@example.com"]
    send(browser, last_link())
    user.refresh_from_db()
    assert user.email == "countess@example.com"
    assert {"ada@example.com"} <= {message.to[0] for message in mail.outbox[-2:]}, "the old address is told"


@pytest.mark.parametrize("provider", ["google", "github"])
@pytest.mark.parametrize("page", ["login/", "login/callback/"])
def test_a_provider_without_credentials_here_has_no_pages(db, provider, page):
    assert Client().get(f"/accounts/{provider}/{page}").status_code == 404
    assert Client().post(f"/accounts/{provider}/{page}").status_code == 404


def test_a_mail_server_that_is_away_is_no_stack_trace(browser, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    answer = send(browser, "/accounts/signup/", email="ada@example.com", password1=PASSWORD)
    assert answer.status_code == 200 and "could not be sent" in answer.content.decode()


def test_a_rotation_of_keys_takes_second_factors_along(browser, settings):
    sign_up(browser)
    secret = activate_totp(browser)
    old = settings.SEALING_KEYS
    settings.SEALING_KEYS = [b"n" * 32, *old]
    call_command("reseal", stdout=StringIO())
    settings.SEALING_KEYS = [b"n" * 32]
    cache.clear()
    elsewhere = Client(enforce_csrf_checks=True)
    sign_in(elsewhere)
    send(elsewhere, "/accounts/2fa/authenticate/", code=code_of(secret))
    assert elsewhere.get("/portal/keys").status_code == 200


def activate_totp(browser: Client) -> str:
    """The secret, as somebody reads it from the page."""
    again = browser.get("/accounts/2fa/totp/activate/")["Location"]
    page = send(browser, again, password=PASSWORD).content.decode()
    secret = re.search(r'id="authenticator_secret" value="(\w+)"', page)[1]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    browser.post("/accounts/2fa/totp/activate/", {"code": code_of(secret), "csrfmiddlewaretoken": token})
    return secret


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_staff_enter_the_console_by_the_same_door(browser):
    answer = browser.get("/admin/login/?next=/admin/")
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_appearance_and_language_are_kept_in_the_account(browser):
    sign_up(browser)
    send(browser, "/portal/settings", name="Ada", theme="dark", language="fr")
    page = browser.get("/portal/keys").content.decode()
    assert 'data-theme="dark"' in page and '<html lang="fr"' in page
    again = Client(enforce_csrf_checks=True)
    sign_in(again)
    assert 'data-theme="dark"' in again.get("/portal/keys").content.decode()
