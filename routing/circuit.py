"""The circuit of one candidate: who fails most of the time is left alone for a while, then asked once.

Closed, it lets everybody through. Five tries in half a minute of which more than half were bad open it, for 5
seconds, then 10, up to 60. After that it is half open: one request is let through, and what becomes of it decides.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

WINDOW_SECONDS = 30.0
FEWEST_TRIES = 5
BAD_SHARE = 0.5  # more than this opens it
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 60.0
PROBE_SECONDS = 30.0  # a probe that nobody reports on is given up, and another may go


@dataclass(slots=True)
class Circuit:
    tries: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=64))
    pause: float = 0.0  # of the running or last opening; 0 while all is well
    open_until: float = 0.0
    probing_until: float = 0.0

    def is_open(self, now: float) -> bool:
        """Nobody may try: it is open, or half open with its probe still out."""
        return bool(self.pause) and now < max(self.open_until, self.probing_until)

    def may_try(self, now: float) -> bool:
        """Half open, the first who asks becomes the probe."""
        if not self.pause:
            return True
        if self.is_open(now):
            return False
        self.probing_until = now + PROBE_SECONDS
        return True

    def note(self, *, bad: bool, now: float) -> None:
        if not self.pause:
            self._count(bad, now)
        elif now >= self.open_until:  # not the late answer of a request that went out before it opened
            self._judge_probe(bad, now)

    def _count(self, bad: bool, now: float) -> None:
        self.tries.append((now, bad))
        while self.tries[0][0] < now - WINDOW_SECONDS:
            self.tries.popleft()
        failures = sum(was_bad for _, was_bad in self.tries)
        if len(self.tries) >= FEWEST_TRIES and failures > BAD_SHARE * len(self.tries):
            self._open(FIRST_PAUSE, now)

    def _judge_probe(self, bad: bool, now: float) -> None:
        if bad:
            self._open(min(2 * self.pause, LONGEST_PAUSE), now)
        else:
            self.pause = self.open_until = self.probing_until = 0.0

    def _open(self, seconds: float, now: float) -> None:
        self.tries.clear()
        self.pause, self.open_until, self.probing_until = seconds, now + seconds, 0.0
