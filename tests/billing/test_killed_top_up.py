"""kill -9 between any two steps of a top-up: nothing is lost, and it is credited once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from littlepull.local_server import manage

ROOT = Path(__file__).resolve().parents[2]
POINTS = {
    "order": ["billing.payments.place_order", "billing.providers.dodo.open_checkout", "billing.payments.open_checkout"],
    "webhook": [
        "billing.providers.dodo.verify",
        "billing.intake.store",
        "billing.intake.process_waiting",
        "billing.payments.lock_all",
        "billing.payments._grant",
        "billing.receipts.issue",
        "billing.payments._note_standing",
        "billing.intake.settle_standing",
        "billing.intake._close_refund",
        "billing.intake.process",
    ],
}
# After one step is before the next.
CASES = [(half, name, "before") for half, names in POINTS.items() for name in names]
CASES += [(half, names[-1], "after") for half, names in POINTS.items()]


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("top-up")
    environment = {**os.environ, "VAR_DIR": str(folder), "LOG_LEVEL": "ERROR"}
    environment.pop("DATABASE_URL", None)
    manage("migrate", "--verbosity", "0", environment=environment)
    manage("createkey", "--email", "grace@example.com", environment=environment)
    manage("shell", "-c", NAME_PRODUCTS, environment=environment)
    return folder


NAME_PRODUCTS = "from billing.models import Product; Product.objects.update(dodo_ref='dodo-pack')"


@pytest.mark.parametrize(("half", "name", "when"), CASES)
def test_killed_at(half, name, when, installation, providers, tmp_path):
    for file in installation.glob("*.sqlite3"):
        shutil.copy(file, tmp_path)
    environment = {**os.environ, **providers.settings, "VAR_DIR": str(tmp_path), "LOG_LEVEL": "ERROR"}
    environment["DELIVERY"] = str(tmp_path / "delivery.json")
    environment.pop("DATABASE_URL", None)

    def run(which: str) -> str:
        """Killed once, where the case says so; then through, as whoever was not answered tries again."""
        if which == half:
            assert _run(which, environment, name, when).returncode == -9
        ran = _run(which, environment)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    checkout = run("order")
    (told,) = providers.pay(checkout)
    delivery = providers.sign(told)
    Path(environment["DELIVERY"]).write_text(json.dumps({"headers": delivery.headers, "body": delivery.body.decode()}))
    assert json.loads(run("webhook")) == {
        "available": 500_000_000,
        "payments": ["succeeded"],
        "receipts": [1],
        "events": 1,
        "faults": [],
    }


def _run(which: str, environment: dict[str, str], *fault: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.billing.killed", which, *fault]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
