"""Where tests run in several processes (`-n`), each has a VAR_DIR of its own: no journal or lock is another's.

On Redis each has a database of its own likewise: between tests the cache is emptied.
"""

from __future__ import annotations

import os
from pathlib import Path

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    beside = Path(os.environ.get("VAR_DIR", "var")).absolute()
    os.environ["VAR_DIR"] = str(beside / f"tests-{worker}")
    (beside / f"tests-{worker}").mkdir(parents=True, exist_ok=True)
    if url := os.environ.get("REDIS_URL"):
        number = int(worker.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = f"{url.rpartition('/')[0]}/{number}"
        os.environ["REDIS_PREFIX"] = f"tests-{worker}"
