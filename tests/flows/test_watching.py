"""What deploy/ gives to Prometheus and Grafana speaks of figures that there are, and of chapters that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from billing.models import Payment
from extraction.models import Job
from routing.words import Outcome
from tests.server import ROOT, Product

DEPLOY = ROOT / "deploy"
FIGURE = re.compile(r"\blittlepull_\w+")
LABELLED = re.compile(r"\b(littlepull_\w+)\{([^}]*)\}")
# Words that are said once something was so.
COMES_WITH_WHAT_HAPPENS = {
    "littlepull_jobs_lately": Job.Status.values,
    "littlepull_payments_lately": Payment.Status.values,
    "littlepull_job_stage_seconds": ["0.5", "0.95"],
    "littlepull_http_request_seconds_count": ["5xx"],
    "littlepull_provider_attempt_seconds_count": [Outcome.OK.value],
}
KINDS = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> Iterator[dict[str, Any]]:
    board = json.loads((DEPLOY / "grafana" / "littlepull.json").read_text())
    yield from (panel for panel in board["panels"] if panel["type"] != "row")


def expressions() -> list[str]:
    return [rule["expr"] for rule in rules()] + [target["expr"] for panel in panels() for target in panel["targets"]]


def figures(product: Product) -> tuple[set[str], str]:
    text = httpx.get(f"{product.base_url}/metrics", trust_env=False).text
    families = list(text_string_to_metric_families(text))
    return {family.name + suffix for family in families for suffix in KINDS[family.type]}, text


def test_every_figure_they_ask_for_is_there_and_every_figure_is_asked_for(product):
    there, _ = figures(product)
    asked = {name for expression in expressions() for name in FIGURE.findall(expression)}
    assert len(rules()) > 30 and asked
    assert not asked - there
    bare = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in asked}
    assert {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in there} == bare


def test_every_state_they_ask_for_is_one(product):
    """An alert on a word that is never said would never fire."""
    _, text = figures(product)
    for expression in expressions():
        for name, labels in LABELLED.findall(expression):
            for label, word in re.findall(r'(\w+)!?="([\w.]+)"', labels):
                if name in COMES_WITH_WHAT_HAPPENS:
                    assert word in COMES_WITH_WHAT_HAPPENS[name], (name, label, word)
                else:
                    assert re.search(rf'^{name}\{{[^}}]*{label}="{word}"', text, re.MULTILINE), (name, label, word)


def test_every_alert_says_what_it_is_and_leads_to_its_chapter():
    chapters = re.findall(r"^## (.+)$", (ROOT / "docs" / "runbooks.md").read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", chapter.lower()).replace(" ", "-") for chapter in chapters}
    led_to = set()
    for rule in rules():
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert page == "docs/runbooks.md" and anchor in anchors, rule["alert"]
        assert rule["annotations"]["summary"] and rule["labels"]["severity"] in ("page", "ticket")
        led_to.add(anchor)
    assert led_to == anchors  # no chapter that nobody is led to


def test_every_chapter_has_its_five_parts_and_names_its_alerts():
    told = (ROOT / "docs" / "runbooks.md").read_text().split("\n## ")[1:]
    assert len(told) >= 10
    for chapter in told:
        parts = re.findall(r"^- \*\*(.+?)\*\*", chapter, re.MULTILINE)
        assert parts == ["You notice", "Customers feel", "Check", "Mend", "Afterwards"], chapter[:40]
        anchor = re.sub(r"[^a-z0-9 -]", "", chapter.partition("\n")[0].lower()).replace(" ", "-")
        its = {rule["alert"] for rule in rules() if rule["annotations"]["runbook"].endswith(f"#{anchor}")}
        assert its <= set(re.findall(r"\b[A-Z]\w+", chapter)), chapter[:40]


def test_every_figure_in_the_runbooks_is_there(product):
    there, _ = figures(product)
    named = set(FIGURE.findall((ROOT / "docs" / "runbooks.md").read_text()))
    bare = {re.sub(r"_(total|count)$", "", name) for name in there}
    assert (
        not {re.sub(r"_(total|count)$", "", name) for name in named}
        - bare
        - {name.removesuffix("_bucket") for name in there}
    )


def test_the_monitor_asks_where_the_figures_are():
    told = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text())
    assert told["rule_files"] == ["alerts.yaml"]
    (job,) = told["scrape_configs"]
    assert (job["job_name"], job["metrics_path"]) == ("littlepull", "/metrics")
