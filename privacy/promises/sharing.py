"""Who else receives anything: those who are named, for what they are named for, and nobody on our pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from privacy.data_map import WHOLE_MAP
from privacy.processors import KNOWN, OURS, list_processors, unlisted_processors
from privacy.promises.front_door import ask
from privacy.promises.promise import Finding, found, some
from routing import statistics
from routing.models import Provider

LONGEST_AT_A_VENDOR = 30  # days
ROUNDED_DOWN = 0.95  # figures are published with two digits
FEWEST_BEHIND_A_FIGURE = 5  # keys; fewer people than that could be told apart
OUR_OWN = {"'self'", "'none'", "data:", "blob:"}
LOADED = re.compile(
    r"""<(?:script|img|iframe|audio|video|source|embed|object|link)\b[^>]*?(?:src|href|data)\s*=\s*["']?(?:https?:)?//"""
    r"""|url\(\s*["']?(?:https?:)?//|@import\s+["'](?:https?:)?//|(?:fetch|import)\(\s*["'](?:https?:)?//""",
    re.IGNORECASE,
)
TRACKERS = re.compile(
    r"google-analytics|googletagmanager|doubleclick|facebook\.net|hotjar|segment\.(io|com)|mixpanel|plausible|matomo|posthog|sentry\.io|amplitude",
    re.I,
)


def processors_are_listed() -> Finding:
    in_use = [one.name for one in list_processors() if one.in_use]
    faults = [f"{name} is configured and on no list" for name in sorted(unlisted_processors())]
    return found(f"{len(in_use)} processors in use, all on the published list of {len(KNOWN)}", faults)


def only_processors_receive_data() -> Finding:
    """The record of processing names no recipient who is not on the list, and none for marketing."""
    named = {name for row in WHOLE_MAP for name in row.recipients}
    faults = [f"the record of processing names {name}, who is on no list" for name in sorted(named - set(KNOWN))]
    return found(f"{len(named)} recipients in the record of processing: {', '.join(sorted(named))}", faults)


def processor_is_named(code: str, name: str) -> Finding:
    """On the page that anybody can read."""
    page = ask("processors").content.decode()
    return found(f"the public list names {name}", [] if name in page and code in KNOWN else [f"{name} is not on it"])


def vendors_do_not_train() -> Finding:
    faults = [f"{one.name} does not rule out to train models on it" for one in _vendors() if one.trains is not False]
    return found(f"{_count_of_vendors()}, none of which may train on what they get", faults)


def vendors_forget() -> Finding:
    faults = [
        f"{one.name} keeps text for {'nobody says how long' if one.retention_days is None else one.retention_days}"
        for one in _vendors()
        if one.retention_days is None or one.retention_days > LONGEST_AT_A_VENDOR
    ]
    return found(f"{_count_of_vendors()}, each of which forgets within {LONGEST_AT_A_VENDOR} days", faults)


def pages_load_nothing_of_others() -> Finding:
    """Neither a template nor a script of ours names another host to load from."""
    files = list(_sources())
    faults = [
        f"{path.name} loads from another host" for path in files if LOADED.search(path.read_text(errors="replace"))
    ]
    return found(f"{len(files)} templates, scripts and style sheets, all of which load from here alone", faults)


def browsers_are_told_so() -> Finding:
    """What the header of our pages lets a browser ask: this host."""
    faults, policy = [], ask("policy").headers.get("Content-Security-Policy", "")
    for directive in filter(None, map(str.split, policy.split(";"))):
        name, *sources = directive
        if name in {"report-uri", "report-to", "form-action", "upgrade-insecure-requests"}:
            continue  # forms lead to the sign-in providers where they are configured
        faults += [f"{name} lets browsers ask {source}" for source in sources if source not in OUR_OWN]
    if "default-src" not in policy:
        faults.append("pages have no content security policy")
    return found("browsers may load from this host alone", faults)


def nobody_follows_visitors() -> Finding:
    files = list(_sources())
    faults = [f"{path.name} knows a tracker" for path in files if TRACKERS.search(path.read_text(errors="replace"))]
    return found(f"{len(files)} sources of pages, none with a tracker, an advertisement or an analytics script", faults)


def figures_are_of_many() -> Finding:
    """A figure that is published has enough keys behind it."""
    limits = statistics.thresholds()
    published = statistics.model_statistics().cells
    faults: list[str] = []
    if limits.keys < FEWEST_BEHIND_A_FIGURE:
        faults.append(f"figures are published from {limits.keys} keys on: one could be told from another")
    few = [cell for cell in published if cell.requests < limits.requests * ROUNDED_DOWN]
    faults += some(len(few), "published cells have fewer requests behind them")
    return found(
        f"{len(published)} published cells, each of at least {limits.keys} keys and {limits.requests} requests", faults
    )


def _vendors() -> list[Provider]:
    """Those this installation may call, that are not servers of its own."""
    return list(Provider.objects.filter(name__in=set(settings.LLM_PROVIDERS) - OURS))


def _count_of_vendors() -> str:
    return f"{len(_vendors())} vendors of model calls configured"


def _sources() -> Iterator[Path]:
    base = Path(settings.BASE_DIR)
    yield from sorted(base.glob("*/templates/**/*.html"))
    for kind in ("js", "css"):
        yield from sorted(base.glob(f"*/static/**/*.{kind}"))
