"""/readyz says what keeps the installation from its work: a stable code and a sentence for each reason."""

from __future__ import annotations

import re
import subprocess
import sys

import httpx
import psycopg
import pytest

from tests.flows.test_away import cluster  # noqa: F401 - a fixture
from tests.server import ROOT


def reasons(product) -> dict[str, str]:
    answer = httpx.get(f"{product.base_url}/readyz", trust_env=False, timeout=30)
    told = answer.json()
    assert (answer.status_code, told["status"]) == ((503, "not ready") if told["codes"] else (200, "ready"))
    return dict(zip(told["codes"], told["reasons"], strict=True))


def start(product, *, prepare=lambda: None):
    product.options = ["--no-worker"]
    product.start(ready=False)
    return reasons(product)


def test_without_a_worker(own_product):
    assert start(own_product())["no_worker"] == "queue: no worker is alive"


def test_when_a_queue_has_no_worker(own_product):
    product = own_product(ENGINE_QUEUES="easyocr=gpu", ENGINE_PRELOAD="")
    start(product)
    command = [sys.executable, "manage.py", "worker", "--queues", "cpu"]
    with product.log.open("ab") as log:
        worker = subprocess.Popen(command, cwd=ROOT, env=product.environment, stdout=log, stderr=log)
    try:
        product.wait_for("/readyz")
        told = httpx.get(f"{product.base_url}/readyz", trust_env=False, timeout=30).json()
        assert (told["status"], told["codes"]) == ("degraded", ["queue_unserved"])
        assert told["reasons"] == ["queue: no worker takes from gpu"]
    finally:
        worker.terminate()
        worker.wait(60)


@pytest.mark.parametrize(
    ("environment", "code", "word"),
    [
        ({"DISK_RESERVE_PERCENT": "101"}, "spool_full", "101 %"),
        ({"DISK_RESERVE_PERCENT": "101"}, "journal_full", "101 %"),
        ({"JOURNAL_DIR": "/dev/null/journal"}, "journal_unwritable", "cannot be written"),
        ({"SPOOL_DIR": "/dev/null/spool"}, "spool_unwritable", "cannot be written"),
    ],
)
def test_when_a_disk_takes_no_more(own_product, environment, code, word):
    told = start(own_product(**environment))
    assert word in told[code]


def test_while_a_migration_is_pending(own_product):
    product = own_product()
    start(product)
    product.stop()
    product.manage("migrate", "extraction", "0003_queues", "--verbosity", "0")  # a column of the workers' goes
    product.process = None
    command = product.manage  # as an installation that was upgraded and not migrated: started without `migrate`
    product.manage = lambda *arguments, **options: "" if arguments[0] == "migrate" else command(*arguments, **options)
    assert list(start(product)) == ["database_not_migrated"]
    command("migrate", "--verbosity", "0")
    assert "no_worker" in reasons(product)


def test_when_the_database_has_another_time_or_is_away(own_product, cluster):  # noqa: F811
    """A database whose clock goes wrong: its function for the time is found before PostgreSQL's own."""
    product = own_product(DATABASE_URL=cluster.url)
    assert "clock_skew" not in start(product)
    figures = httpx.get(f"{product.base_url}/metrics", trust_env=False, timeout=30).text
    for figure in (
        'jobs{state="waiting"}', 'workers{state="alive"}', 'webhooks{state="due"}', "journal_behind_bytes",
        "holds_open", 'payment_events{state="waiting"}', 'promises{state="kept"}', 'erasures{state="running"}',
    ):  # fmt: skip
        assert f"\nlittlepull_{figure} 0.0\n" in figures, figure  # each by a question of its own, on PostgreSQL too
    product.stop()
    with psycopg.connect(cluster.url, autocommit=True) as database:
        database.execute("CREATE SCHEMA wrong")
        late = "SELECT pg_catalog.statement_timestamp() + interval '1 hour'"
        database.execute(
            f"CREATE FUNCTION wrong.statement_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ {late} $$"
        )
        database.execute("ALTER DATABASE product SET search_path = wrong, pg_catalog, public")
    told = start(product)
    assert list(told) == ["clock_skew"] and re.search(r" 36\d\d s apart", told["clock_skew"])
    cluster.stop()
    assert list(reasons(product)) == ["database_away"]
    figures = httpx.get(f"{product.base_url}/metrics", trust_env=False, timeout=9).text  # monitors wait for ten
    assert "\nlittlepull_database_up 0.0\n" in figures and "\nlittlepull_disk_free_bytes{" in figures
    assert "\nlittlepull_jobs" not in figures and "\nlittlepull_database_answer_seconds" not in figures
    cluster.start()
