"""Ten thousand random operations by eight threads, on both databases: the books agree to the micro-credit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from littlepull.local_server import manage

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS, THREADS = 10_000, 8


def storm(environment: dict[str, str]) -> dict[str, int]:
    manage("migrate", "--verbosity", "0", environment=environment)
    command = [sys.executable, "-m", "tests.billing.storm", str(OPERATIONS), str(THREADS), "1"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_ten_thousand_operations_by_eight_threads(database, tmp_path, request):
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "LOG_LEVEL": "ERROR"}
    environment.pop("DATABASE_URL", None)
    if database == "postgresql":
        environment["DATABASE_URL"] = request.getfixturevalue("postgresql_url")
    done = storm(environment)
    assert sum(done.values()) == OPERATIONS
    assert "internal_error" not in done
    assert min(done[act] for act in ("_grant", "_hold", "_close", "_transfer", "_adjust", "_expire", "_pay")) > 100
    proof = manage("check_ledger", environment=environment)
    assert "sum to 0" in proof
