"""A privacy officer closes an access, a correction and an erasure request in the console; the mails go out."""

from __future__ import annotations

import json

import pytest

from tests.browser.conftest import PASSWORD, Visitor
from tests.server import free_port

MAKE_PEOPLE = """
import json, sys
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.management import call_command
from accounts.api_keys import create_key
from accounts.models import User
from privacy import subject_requests
call_command("make_roles", stdout=sys.stderr)
def make(name, **more):
    user = User.objects.create_user(f"{name}-MARK@example.com", "PASSWORD", **more)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
for role in ("privacy officer", "support"):
    make(role.split()[0], is_staff=True).groups.add(Group.objects.get(name=role))
asked = {}
for kind in ("access", "rectification", "erasure"):
    user = make(kind)
    create_key(user)
    asked[kind] = subject_requests.open_request(
        kind, user=user, source="portal", identity="session", corrects="name" if kind == "rectification" else ""
    ).pk
print("ASKED" + json.dumps(asked))
"""


@pytest.fixture
def people(visitor: Visitor) -> tuple[str, dict[str, str]]:
    """What their addresses have in common, and the ids of their requests."""
    mark = str(free_port())
    script = MAKE_PEOPLE.replace("MARK", mark).replace("PASSWORD", PASSWORD)
    said = visitor.site.product.manage("shell", "-v", "0", "-c", script)
    return mark, json.loads(said.rpartition("ASKED")[2])


def sign_in(visitor: Visitor, email: str, to: str) -> None:
    page = visitor.page
    visitor.goto(f"/accounts/login/?next={to}")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**{to}")


def step(visitor: Visitor, step: str, **fields: str) -> str:
    """Opened if it is not the next one, filled in, and sent; what the page says of it."""
    page = visitor.page
    form = page.locator(f"form.step:has(input[name=step][value={step}])")
    if not form.is_visible():
        page.locator(f"details:has(input[name=step][value={step}]) summary").click()
    for field, value in fields.items():
        form.locator(f"[name={step}-{field}]").fill(value)
    form.get_by_role("button").click()
    page.locator(".messagelist li").wait_for()
    return page.locator(".messagelist li").inner_text()


def test_an_officer_closes_three_requests_and_support_none(visitor: Visitor, people):
    mark, asked = people
    page, site = visitor.page, visitor.site
    sign_in(visitor, f"privacy-{mark}@example.com", "/admin/")
    assert "Privacy requests" in page.locator(".needs").inner_text()
    visitor.shoot("console")
    visitor.check()
    page.get_by_role("link", name="Privacy requests").first.click()
    visitor.shoot("console-requests")
    page.locator("#changelist-filter summary").first.click()
    visitor.check()
    for pk in asked.values():
        assert page.get_by_role("link", name=pk).count() == 1

    page.get_by_role("link", name=asked["access"]).click()
    visitor.shoot("workbench-access")
    visitor.check()
    step(visitor, "send_export", reason="signed in when they asked")
    assert "/portal/privacy" in site.last_mail(f"access-{mark}@example.com")
    assert "Answered" in step(visitor, "answer", reason="the link was mailed")
    assert asked["access"] in site.last_mail(f"access-{mark}@example.com")

    visitor.goto(f"/admin/privacy/subjectrequest/{asked['rectification']}/change/")
    step(visitor, "correct_name", name="Ada Lovelace", reason="as they wrote")
    step(visitor, "answer", reason="the name was corrected")
    assert asked["rectification"] in site.last_mail(f"rectification-{mark}@example.com")

    visitor.goto(f"/admin/privacy/subjectrequest/{asked['erasure']}/change/")
    step(visitor, "preview")
    assert "accounts.ApiKey" in page.locator("table").inner_text()
    visitor.shoot("workbench-erasure")
    visitor.check()
    step(visitor, "approve", reason="nothing is owed and nothing speaks against it")
    assert "Erased" in step(visitor, "run")
    assert "erased" in site.last_mail(f"erasure-{mark}@example.com")
    assert page.locator("form.step").count() == 0, "closed: nothing is left to do"
    visitor.shoot("workbench-closed")
    visitor.goto("/admin/privacy/subjectrequest/")
    assert not any(page.get_by_role("link", name=pk).count() for pk in asked.values())

    page.context.clear_cookies()
    sign_in(visitor, f"support-{mark}@example.com", "/admin/")
    assert page.get_by_text("Subject requests").count() == 0
    visitor.check()
    for path in ("/admin/privacy/subjectrequest/", f"/admin/privacy/subjectrequest/{asked['access']}/change/"):
        answer = page.goto(site.url + path)
        assert answer is not None and answer.status == 403
    visitor.faults = [fault for fault in visitor.faults if "403" not in fault]  # the browser's own word for a refusal
