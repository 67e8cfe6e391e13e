"""One person's whole way: from the sign-up form to a deleted account, at a desk and on a phone."""

from __future__ import annotations

import re
import zipfile
from urllib.parse import urlsplit

from tests.browser.conftest import Visitor, sign_up
from tests.server import free_port

SECRET = re.compile(r"lp_(?:live|test)_\w{12}_\w{46}")


def test_from_signing_up_to_leaving(visitor: Visitor):
    page, email = visitor.page, f"ada{free_port()}@example.com"
    sign_up(visitor, email)
    visitor.shoot("dashboard-first")
    make_key(visitor, "Trying", "Test")
    run_the_sample(visitor)
    see_usage(visitor)
    buy_credits(visitor)
    ask_about_data(visitor)
    download_export(visitor, email)
    delete_account(visitor, email)
    visitor.goto("/portal/keys")
    assert "/accounts/login/" in page.url


def make_key(visitor: Visitor, name: str, kind: str) -> None:
    page = visitor.page
    visitor.goto("/portal/keys")
    page.get_by_role("link", name="Create key").first.click()
    page.get_by_label("Name").fill(name)
    page.get_by_label(kind, exact=False).first.check()
    page.get_by_role("button", name="Create key").click()
    assert SECRET.fullmatch(page.locator("#plaintext").inner_text())
    visitor.shoot("key-shown-once")
    visitor.goto("/portal/keys")
    assert not SECRET.search(page.content())


def run_the_sample(visitor: Visitor) -> None:
    """The receipt that everybody can try: live stages, values, the box that lights up, and the media's end."""
    page, heard = visitor.page, []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(frame)))
    visitor.goto("/portal/playground")
    page.locator("#sample-receipt").click()
    page.locator("#run-start").click()
    page.locator("#result-end").get_by_text("Media destroyed at").wait_for()
    assert len(heard) >= 3, "the stages came over the WebSocket"
    fields = page.locator("#result-fields")
    assert "42.05" in fields.inner_text() and "GREENFIELD GROCERY" in fields.inner_text()
    fields.get_by_role("button").filter(has_text="42.05").first.focus()
    lit = page.locator(".box.lit")
    assert lit.count() >= 1 and lit.first.get_attribute("data-pointer") == "/total"
    visitor.shoot("playground")


def see_usage(visitor: Visitor) -> None:
    """What the run has left: a figure on the dashboard, a line among the jobs, and its steps."""
    page = visitor.page
    visitor.goto("/portal")
    page.get_by_role("link", name="Jobs").first.wait_for()
    visitor.shoot("dashboard")
    visitor.goto("/portal/jobs")
    visitor.shoot("jobs")
    page.locator("main a[href*='/portal/jobs/ext_']").first.click()
    assert "image/jpeg" in page.locator("main").inner_text()
    visitor.shoot("job")
    visitor.goto("/portal/gateway")
    visitor.shoot("gateway-log")


def buy_credits(visitor: Visitor) -> None:
    """A live key, an order, the provider's page, and the credits, seen to come without a reload."""
    page, providers = visitor.page, visitor.site.providers
    make_key(visitor, "Paying", "Live")
    visitor.goto("/portal/billing")
    visitor.shoot("billing")
    page.locator("[name=product]").first.check()
    page.get_by_role("button", name="Order").click()
    page.wait_for_url("**/portal/billing/orders/**")
    visitor.shoot("order")
    checkout = page.get_by_role("link", name="Continue to payment").get_attribute("href")
    visitor.may_visit.add(urlsplit(checkout).netloc)
    providers.pay(checkout.rpartition("/")[2])
    page.get_by_text("were added to Paying").wait_for()
    visitor.shoot("order-paid")
    visitor.goto("/portal/billing/ledger")
    visitor.shoot("ledger")


def ask_about_data(visitor: Visitor) -> None:
    page = visitor.page
    visitor.goto("/portal/privacy")
    page.get_by_text("Send a request to our staff").click()
    page.get_by_role("button", name="Send request").click()
    page.locator("#requests").wait_for()
    assert page.locator("ol.timeline li code").count() == 1
    visitor.shoot("privacy-centre")


def download_export(visitor: Visitor, email: str) -> None:
    """The link works once; the archive is a page to read, and JSON, and knows whose it is."""
    page = visitor.page
    page.get_by_role("button", name="Make a download link").click()
    link = page.get_by_role("link", name="Download your data")
    with page.expect_download() as begun:
        link.click()
    with zipfile.ZipFile(begun.value.path()) as archive:
        assert "index.html" in archive.namelist()
        assert email in "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".json"))
    visitor.goto("/portal/privacy")
    assert link.count() == 0


def delete_account(visitor: Visitor, email: str) -> None:
    page = visitor.page
    page.get_by_role("link", name="See what would be erased").click()
    visitor.shoot("what-would-be-erased")
    page.locator("[name=email]").fill(email)
    page.get_by_role("button", name="Delete the account for good").click()
    page.wait_for_url("**/privacy/erased/**")
    visitor.shoot("erased")
    assert "receipt" in page.locator("main").inner_text()
