"""What only a browser can show of signing in: passkeys, the keyboard, and the two themes and languages."""

from __future__ import annotations

from tests.browser.conftest import Visitor, sign_up
from tests.server import free_port


def test_a_passkey_opens_the_account(visitor: Visitor):
    page, email = visitor.page, f"grace{free_port()}@example.com"
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**kind, "isUserVerified": True, "automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    visitor.site = visitor.site.by_name()
    sign_up(visitor, email)
    visitor.goto("/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", "a long enough pass phrase")
    page.locator("main button[type=submit]").click()
    page.locator("[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/2fa/**")
    visitor.shoot("second-factor")
    visitor.goto("/accounts/2fa/webauthn/")
    page.get_by_text("Master key").or_(page.get_by_text("Passkey")).first.wait_for()
    visitor.shoot("passkeys")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").wait_for()
    visitor.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/portal**")


def test_the_portal_goes_by_keyboard(visitor: Visitor):
    page = visitor.page
    sign_up(visitor, f"key{free_port()}@example.com")
    visitor.goto("/portal/settings")
    page.keyboard.press("g")
    page.keyboard.press("k")
    page.wait_for_url("**/portal/keys")
    page.keyboard.press("?")
    assert page.get_by_role("heading", name="Keyboard").is_visible()
    page.keyboard.press("Escape")
    page.goto(page.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


def test_theme_and_language_are_the_account_s(visitor: Visitor):
    page = visitor.page
    sign_up(visitor, f"theme{free_port()}@example.com")
    visitor.goto("/portal/settings")
    page.get_by_label("Appearance").select_option("dark")
    page.get_by_label("Language").select_option("fr")
    page.locator("main button.primary").click()
    page.locator("html[lang=fr][data-theme=dark]").wait_for()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"
    visitor.shoot("settings-dark-fr")
