"""make test-scaleout: the whole test suite on PostgreSQL and Redis, both started by the run.

    python -m tests.scaleout.run [pytest's arguments]

`tests.apart` gives each of pytest's processes a Redis database of its own, and every installation that a test starts
a PostgreSQL database of its own, copied from one that is migrated already.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.postgresql import find_binaries, running_cluster
from tests.redis_server import find_redis, running_redis


def main(arguments: list[str]) -> int:
    binaries, redis = find_binaries(), find_redis()
    if binaries is None or redis is None:
        print("PostgreSQL's or Redis's binaries are not on this machine.")
        return 2
    with running_cluster(binaries) as cluster, running_redis(redis) as server:
        environment = {**os.environ, "DATABASE_URL": cluster.url, "REDIS_URL": server.url}
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, env=environment, check=True)
        command = [sys.executable, "-m", "pytest", *(arguments or ["-n", "3", "--dist", "loadgroup"])]
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
