"""Migrations that old code can run beside: nothing it writes to is taken away, or asks for what it does not know."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.server import ROOT

OURS = ("accounts", "billing", "routing", "extraction", "privacy")
# Between 0.1.0 and the next release, for which 0.1.0 has to be stopped: docs/operations.md says so. None is added here.
WITH_A_STOP = (
    "0001_initial",
    "0002_webhooks",
    "0002_batches_and_saved_schemas",
    "0002_first_prices",
    "0003_reroll_and_shared_wallets",
    "0003_lots_and_payments",
    "0004_sign_ins_and_sessions",
    "0004_opening_lots",
    "0005_written_once",
    "0006_entries_of_a_wallet",
    "0008_customers_to_forget",
)


def lint(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "lintmigrations", "--no-cache", "--warnings-as-errors"]
    settings = {"DJANGO_SETTINGS_MODULE": "tests.upgrade.lint_settings", "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}
    return subprocess.run(
        [*command, "--include-apps", *OURS, *options],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_new_ones_are_safe_while_old_code_runs(postgresql_url):
    done = lint(postgresql_url, "--ignore-name", *WITH_A_STOP)
    assert done.returncode == 0, done.stdout
    assert "Erroneous migrations: 0/" in done.stdout and "Valid migrations: " in done.stdout


def test_an_unsafe_one_is_found(postgresql_url):
    """Or the test above could not fail: those from before are."""
    done = lint(postgresql_url)
    assert done.returncode != 0 and "NOT NULL constraint" in done.stdout
