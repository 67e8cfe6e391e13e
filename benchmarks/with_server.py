"""Runs a benchmark against an installation of its own: python benchmarks/with_server.py SCRIPT [ARGUMENTS].

Database and spool are in a temporary folder; the script finds the server in LITTLEPULL_URL and LITTLEPULL_KEY.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from littlepull.local_server import manage, running_server  # noqa: E402


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="littlepull-bench-") as folder:
        weights = os.environ.get("LITTLEPULL_WEIGHTS_DIR", str(ROOT / "var" / "weights"))
        environment = {**os.environ, "VAR_DIR": folder, "LITTLEPULL_WEIGHTS_DIR": weights, "LOG_LEVEL": "ERROR"}
        manage("migrate", "--verbosity", "0", environment=environment)
        key = manage("createkey", "--email", "bench@example.com", "--credits", "100000", environment=environment)
        with running_server(environment) as url:
            environment |= {"LITTLEPULL_URL": url, "LITTLEPULL_KEY": key}
            return subprocess.run([sys.executable, *sys.argv[1:]], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
