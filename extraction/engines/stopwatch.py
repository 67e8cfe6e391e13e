"""Milliseconds by name, added up over pages."""

from __future__ import annotations

import time


class Stopwatch:
    def __init__(self) -> None:
        self.laps: dict[str, int] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = self.laps.get(name, 0) + round(1000 * (now - self._last))
        self._last = now
