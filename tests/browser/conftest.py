"""Headless Chromium before the running product, at a desk's width and at a phone's.

Whatever happens there, a console error, a report of the content security policy, a second cookie, anything in the
browser's storages or a request that leaves the host fails the test.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from billing import rehearsal
from billing.rehearsal import Rehearsal
from tests.flows.test_payments import NAME_PRODUCTS
from tests.server import ROOT, Product

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
SWITCHES += ["--disable-background-networking", "--disable-component-update"]
SWITCHES += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
WIDTHS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
SHOTS = ROOT / "tests" / "browser" / "shots"
PASSWORD = "a long enough pass phrase"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason="Chromium is not installed (Debian: apt-get install chromium)")
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.engine)
            if CHROMIUM is None:
                item.add_marker(missing)


@dataclass
class Site:
    """The product, the payment providers it calls, and everybody's mail."""

    product: Product
    providers: Rehearsal
    mail: Path

    @property
    def url(self) -> str:
        return self.product.base_url

    def by_name(self) -> Site:
        """At localhost: a passkey belongs to a name, never to a number."""
        return SiteByName(self.product, self.providers, self.mail)

    def last_mail(self, to: str) -> str:
        letters = sorted(self.mail.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        return next(text for file in letters if f"To: {to}" in (text := file.read_text()))

    def last_link(self, to: str) -> str:
        """Its path: it leads to the address that is served, by number, where a browser may go by name."""
        link = re.findall(r"https?://\S+", self.last_mail(to))[0]
        assert link.startswith(f"{self.product.base_url}/")
        return link.removeprefix(self.product.base_url)


class SiteByName(Site):
    @property
    def url(self) -> str:
        return self.product.base_url.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Site]:
    folder, providers = tmp_path_factory.mktemp("site"), rehearsal.start()
    mail = folder / "mail"
    product = Product(folder, EMAIL_URL=f"filemail:///{mail}", ENGINE_PRELOAD="rapidocr", **providers.settings)
    product.start()
    product.manage("shell", "-c", NAME_PRODUCTS)
    providers.webhook_url = f"{product.base_url}/webhooks"
    yield Site(product, providers, mail)
    product.kill()
    providers.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ended with its module: Playwright keeps an event loop in this thread, and other tests want one of their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody before a screen, and what their browser complained of."""

    page: Page
    site: Site
    width: str
    faults: list[str] = field(default_factory=list)
    may_visit: set[str] = field(default_factory=set)  # hosts beside ours

    def watch(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(f"error in a script: {error}"))
        self.page.on("request", self._see)
        # Reports of the policy come to the console too; those of workers and frames do not.
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))"
        )

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _see(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme in ("http", "https", "ws", "wss") and where.netloc not in {self.host, *self.may_visit}:
            self.faults.append(f"a request left the host: {request.url}")

    @property
    def host(self) -> str:
        return urlsplit(self.site.url).netloc

    def goto(self, path: str) -> None:
        self.page.goto(self.site.url + path)

    def shoot(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}-{self.width}.png", full_page=True)

    def check(self) -> None:
        assert not self.faults, self.faults
        cookies = self.page.context.cookies(self.site.url)
        assert {cookie["name"] for cookie in cookies} <= {"session_id"}
        assert all(cookie["httpOnly"] and cookie["sameSite"] == "Lax" for cookie in cookies)
        if self.page.url.startswith(self.site.url):
            assert self.page.evaluate("localStorage.length + sessionStorage.length") == 0
            fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert self.page.evaluate(fits), f"{self.page.url} is wider than the screen"


@pytest.fixture(params=WIDTHS)
def visitor(request: pytest.FixtureRequest, chromium: Browser, site: Site) -> Iterator[Visitor]:
    context = chromium.new_context(viewport=WIDTHS[request.param], locale="en-GB", accept_downloads=True)
    context.set_default_timeout(20_000)
    visitor = Visitor(context.new_page(), site, request.param)
    visitor.watch()
    yield visitor
    visitor.check()
    context.close()


def sign_up(visitor: Visitor, email: str) -> None:
    """From the form over the mail into the portal."""
    page = visitor.page
    visitor.goto("/accounts/signup/")
    page.fill("[name=email]", email)
    page.fill("[name=password1]", PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("heading", name="Look into your mail").wait_for()
    visitor.goto(visitor.site.last_link(email))
    page.get_by_role("button", name="Yes, open the account").click()
    page.wait_for_url("**/portal**")
