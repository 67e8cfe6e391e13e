"""Where tests run in several processes (`-n`), each has a VAR_DIR of its own: no journal or lock is another's."""

from __future__ import annotations

import os
from pathlib import Path

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    beside = Path(os.environ.get("VAR_DIR", "var")).absolute()
    os.environ["VAR_DIR"] = str(beside / f"tests-{worker}")
    (beside / f"tests-{worker}").mkdir(parents=True, exist_ok=True)
