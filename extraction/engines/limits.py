"""What a media process may use at most: no core dumps, no files, bounded memory, no life without a parent."""

from __future__ import annotations

import os
import resource
import threading
import time

GIB = 1024**3
# Private writable memory, which is what a bomb fills. The engines' models and arenas are part of it.
DATA_LIMITS = {"probe": 1 * GIB, "engine": 2 * GIB}
WITH_TORCH = 5 * GIB
MOST_DATA = {"probe": 1 * GIB, "engine": WITH_TORCH}  # beyond which no code in it can raise its limit
OPEN_FILES = 128


def apply(role: str) -> None:
    _set(resource.RLIMIT_CORE, 0, 0)
    _set(resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)
    _set(resource.RLIMIT_FSIZE, 0, 0)
    _set(resource.RLIMIT_DATA, DATA_LIMITS[role], MOST_DATA[role])


def allow_torch() -> None:
    """Before torch is imported: its engines need more than the others, and not all of it at once."""
    _set(resource.RLIMIT_DATA, WITH_TORCH, resource.RLIM_INFINITY)


def _set(limit: int, soft: int, most: int) -> None:
    """`most`: the hard limit, which nobody but root could raise again."""
    hard = min((one for one in (most, resource.getrlimit(limit)[1]) if one != resource.RLIM_INFINITY), default=most)
    resource.setrlimit(limit, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def die_with_parent() -> None:
    """A parent that was killed leaves no chance to be told: look whether we have been adopted."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
