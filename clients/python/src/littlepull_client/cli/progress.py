"""How far it is: a bar where a person watches, a line for each stage where a log does."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TextIO

from littlepull_client.extraction import Progress

# Where each stage begins, as a part of the whole; recognizing is what takes the time.
STAGES = {"received": 0.0, "decoding": 0.05, "recognizing": 0.15, "mapping": 0.9, "done": 1.0}
WIDTH = 24
CLEAR = "\r\x1b[K"


class Display:
    """Leaves nothing behind on a terminal."""

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream, self._quiet = stream, quiet
        self._draws = stream.isatty()
        self._began, self._stage = time.monotonic(), ""

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._draws and not self._quiet:
            self._write(CLEAR)

    def show(self, progress: Progress) -> None:
        if self._quiet or progress.stage not in STAGES:
            return
        if self._draws:
            self._write(CLEAR + self._bar(progress))
        elif progress.stage != self._stage:
            self._write(f"{progress.stage}\n")
        self._stage = progress.stage

    def _bar(self, progress: Progress) -> str:
        filled = round(WIDTH * share_done(progress))
        count = f" {progress.done}/{progress.total}" if progress.total > 1 else ""
        seconds = time.monotonic() - self._began
        return f"[{'#' * filled}{'-' * (WIDTH - filled)}] {progress.stage}{count}  {seconds:.0f} s"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def share_done(progress: Progress) -> float:
    starts = [*STAGES.values(), 1.0]
    begin, end = starts[(place := list(STAGES).index(progress.stage))], starts[place + 1]
    within = min(progress.done / progress.total, 1.0) if progress.total else 0.0
    return begin + (end - begin) * within
