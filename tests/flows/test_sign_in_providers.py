"""Signing in with Google and GitHub, against local servers that speak their flow, through the running product."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from tests.server import Product
from tests.sign_in_providers import SignInProviders, Somebody, start_providers


@pytest.fixture(scope="module")
def providers() -> Iterator[SignInProviders]:
    with start_providers() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory, static_files, providers) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("sign-in")
    clients = {"GOOGLE_CLIENT_ID": "ours", "GOOGLE_CLIENT_SECRET": "a secret", "GOOGLE_BASE_URL": providers.url}
    clients |= {"GITHUB_CLIENT_ID": "ours", "GITHUB_CLIENT_SECRET": "a secret", "GITHUB_BASE_URL": providers.url}
    site = Product(folder, EMAIL_URL=f"filemail:///{folder}/mail", **clients)
    site.start(ready=False)
    yield site
    site.kill()


def sign_in(site: Product, provider: str) -> tuple[httpx.Client, httpx.Response]:
    browser = httpx.Client(base_url=site.base_url, follow_redirects=True, trust_env=False, timeout=30)
    page = browser.get("/accounts/login/").text
    action = re.search(rf'action="(/accounts/{provider}/login/[^"]*)"', page)[1]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    return browser, browser.post(action.replace("&amp;", "&"), data={"csrfmiddlewaretoken": token})


def accounts(site: Product) -> dict[str, str]:
    return dict(site.rows("select email, name from accounts_user"))


@pytest.mark.parametrize("provider", ["google", "github"])
def test_a_provider_s_word_opens_an_account(site, providers, provider):
    providers.somebody = Somebody(uid=f"47{len(provider)}", email=f"{provider}@example.com")
    browser, page = sign_in(site, provider)
    assert page.status_code == 200 and page.url.path == "/portal"
    assert accounts(site)[f"{provider}@example.com"] == "Ada Lovelace"
    assert list(browser.cookies) == ["session_id"]


@pytest.mark.parametrize("provider", ["google", "github"])
def test_of_what_a_provider_tells_only_name_address_and_picture_stay(site, providers, provider):
    providers.somebody = Somebody(uid=f"48{len(provider)}", email=f"kept-{provider}@example.com")
    sign_in(site, provider)
    (kept,) = site.rows("select cast(extra_data as text) from socialaccount_socialaccount order by id desc")[0]
    assert set(json.loads(kept)) <= {"name", "email", "picture", "avatar_url"}
    assert site.rows("select count(*) from socialaccount_socialtoken") == [(0,)]


def test_a_verified_address_links_to_the_account_it_has(site, providers):
    providers.somebody = Somebody(uid="4901", email="linked@example.com")
    sign_in(site, "google")
    before = len(accounts(site))
    providers.somebody = Somebody(uid="4902", email="linked@example.com")
    browser, _ = sign_in(site, "github")
    assert "linked@example.com" in browser.get("/portal/settings").text
    assert len(accounts(site)) == before
    assert "GitHub" in browser.get("/accounts/3rdparty/").text


def test_an_unverified_address_takes_nobody_s_account(site, providers):
    site.create_key("victim@example.com", 1)
    providers.somebody = Somebody(uid="5001", email="victim@example.com", verified=False)
    browser, _ = sign_in(site, "github")
    assert browser.get("/portal/settings", follow_redirects=False).status_code == 302
    assert "victim@example.com" not in browser.get("/portal/settings").text


def test_a_state_that_is_not_ours_opens_nothing(site, providers):
    stranger = httpx.Client(base_url=site.base_url, trust_env=False)
    answer = stranger.get("/accounts/google/login/callback/", params={"code": "code-0", "state": "made-up"})
    assert answer.status_code in (400, 401, 403)
    assert stranger.get("/portal/settings").status_code == 302


def test_the_page_may_lead_to_these_hosts_and_no_others(site, providers):
    policy = httpx.get(f"{site.base_url}/accounts/login/", trust_env=False).headers["Content-Security-Policy"]
    assert policy.endswith(f"form-action 'self' {providers.url} {providers.url}")
