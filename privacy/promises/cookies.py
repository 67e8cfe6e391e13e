"""What stays in a browser: one cookie, and nothing else."""

from __future__ import annotations

import re
from http.cookies import Morsel
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from privacy.promises.front_door import visitor
from privacy.promises.promise import Finding, found

NAME = "session_id"
A_DAY = 24 * 60 * 60
PUBLIC = ("home", "pricing", "policy", "cookies", "processors")
DOORS = ("account_login", "account_signup", "account_reset_password")
STORAGE = re.compile(r"\b(localStorage|sessionStorage|indexedDB|caches\.open|document\.cookie)\b")


def one_cookie() -> Finding:
    cookies = _cookies()
    faults = [f"a page sets the cookie {name}" for name in sorted(set(cookies) - {NAME})]
    return found(f"{len(PUBLIC) + len(DOORS)} pages asked; cookies set: {', '.join(cookies) or 'none'}", faults)


def reading_sets_no_cookie() -> Finding:
    browser, faults = visitor(), []
    for name in PUBLIC:
        if browser.get(reverse(name), secure=settings.PRODUCTION).cookies:
            faults.append(f"the page {name} sets a cookie for who only reads")
    return found(f"{len(PUBLIC)} public pages asked, no cookie set", faults)


def cookie_is_http_only() -> Finding:
    return _each("is out of reach of scripts", lambda one: bool(one["httponly"]))


def cookie_is_of_this_domain() -> Finding:
    """Without a domain of its own, and not sent along with what other sites ask of us."""
    return _each("goes back to this host alone", lambda one: not one["domain"] and one["samesite"] in {"Lax", "Strict"})


def cookie_ends_within_a_day() -> Finding:
    return _each("ends after 24 hours", lambda one: 0 < int(one["max-age"] or 0) <= A_DAY)


def cookie_is_secure() -> Finding:
    return _each("is sent over TLS alone, in production", lambda one: bool(one["secure"]) or not settings.PRODUCTION)


def scripts_store_nothing() -> Finding:
    """Ours, and what we took from others."""
    scripts = sorted(Path(settings.BASE_DIR).glob("*/static/**/*.js"))
    faults = [f"{path.name} uses {hit[0]}" for path in scripts if (hit := STORAGE.search(path.read_text()))]
    return found(f"{len(scripts)} scripts, none of which stores anything in the browser", faults)


def _cookies() -> dict[str, Morsel[str]]:
    """All that a browser has after it was on each page, the doors to signing in among them."""
    browser = visitor()
    for name in (*PUBLIC, *DOORS):
        browser.get(reverse(name), secure=settings.PRODUCTION)
    found_ones = dict(browser.cookies)
    browser.logout()  # the session that this visit began
    return found_ones


def _each(what: str, holds: object) -> Finding:
    cookies = _cookies()
    faults = [f"{name}: not so" for name, morsel in cookies.items() if not holds(morsel)]  # type: ignore[operator]
    return found(f"{len(cookies)} cookie, which {what}", faults)
