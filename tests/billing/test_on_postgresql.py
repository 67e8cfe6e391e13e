"""The tests of the ledger and of payments again, on a real PostgreSQL that the run has started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AGAIN = ("test_ledger.py", "test_ledger_property.py", "test_deliveries_in_any_order.py", "test_payments.py")


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="this whole run is on PostgreSQL")
def test_they_pass_there_too(postgresql_url, tmp_path):
    environment = {**os.environ, "DATABASE_URL": postgresql_url, "VAR_DIR": str(tmp_path)}
    files = [str(Path(__file__).with_name(name)) for name in AGAIN]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert ran.returncode == 0, ran.stdout[-4000:]
