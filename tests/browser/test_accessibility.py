"""axe-core on every page, in both themes: nothing serious, nothing critical."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Site, Visitor, sign_up
from tests.server import free_port

PUBLIC = (
    "/",
    "/docs",
    "/docs/quick-start",
    "/docs/errors",
    "/docs/api",
    "/docs/api/extractions",
    "/status",
    "/security",
    "/privacy/attestation",
    "/pricing",
    "/statistics/models",
    "/privacy",
    "/privacy/cookies",
    "/privacy/processors",
    "/privacy/record",
)
# A form has a token against forgery, which lives in the session.
DOORS = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/privacy/ask")
SIGNED_IN = (
    "/portal",
    "/portal/jobs",
    "/portal/gateway",
    "/portal/playground",
    "/portal/keys",
    "/portal/keys/new",
    "/portal/billing",
    "/portal/billing/ledger",
)
SIGNED_IN += ("/portal/privacy", "/portal/privacy/delete", "/portal/settings", "/portal/settings/sign-ins")
SIGNED_IN += ("/accounts/email/", "/accounts/2fa/", "/accounts/3rdparty/")


def faults_of(visitor: Visitor, path: str) -> list[str]:
    visitor.goto(path)
    visitor.page.wait_for_load_state("networkidle")
    visitor.check()
    # axe is brought in from outside: the page's own policy would not let it.
    found: dict[str, Any] = Axe().run(visitor.page).response
    return [
        f"{path}: {fault['id']} ({fault['impact']}) at {[node['target'] for node in fault['nodes']][:3]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_public_pages_can_be_used_by_everybody(visitor: Visitor, scheme):
    visitor.page.emulate_media(color_scheme=scheme)
    faults = [fault for path in (*PUBLIC, *DOORS) for fault in faults_of(visitor, path)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_portal_can_be_used_by_everybody(visitor: Visitor, scheme):
    visitor.page.emulate_media(color_scheme=scheme)
    sign_up(visitor, f"axe{free_port()}@example.com")
    faults = [fault for path in SIGNED_IN for fault in faults_of(visitor, path)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_sets_no_cookie_and_needs_no_script(site: Site, chromium, path):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    answer = page.goto(site.url + path)
    assert answer is not None and answer.status == 200
    assert page.locator("main h1").count() == 1
    assert context.cookies() == []
    context.close()
