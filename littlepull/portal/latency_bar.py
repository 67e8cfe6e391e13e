"""Where the time of a gateway request went: before the model that answered was asked, to its first token, after it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from littlepull.portal.job_words import duration_words
from routing.models import Generation

WIDTH = 100.0


@dataclass(frozen=True, slots=True)
class Part:
    """`start` and `width` in hundredths of the bar."""

    name: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class LatencyBar:
    parts: list[Part]
    words: str


def draw_latency(generation: Generation, *, longest: int) -> LatencyBar:
    """`longest`, in milliseconds, fills the bar. What failed tries took counts as queue: prefetch the attempts."""
    whole = generation.latency_ms
    queue = _queue(generation) if generation.model_id else whole
    first = min(whole - queue, generation.first_token_ms or 0)
    spent = {"queue": queue, "first": first, "rest": whole - queue - first}
    parts, at = [], 0.0
    for name, milliseconds in spent.items():
        width = WIDTH * milliseconds / max(longest, 1)
        if milliseconds:
            parts.append(Part(name, round(at, 2), round(width, 2)))
        at += width
    return LatencyBar(parts, _in_words(generation, spent))


def _queue(generation: Generation) -> int:
    """Milliseconds here and with those that failed, before who answered was asked."""
    tries = sorted(generation.attempts.all(), key=lambda one: one.number)
    failed = sum(one.latency_ms for one in tries[:-1])
    return min(generation.latency_ms, failed + round(generation.overhead_us / 1000))


def _in_words(generation: Generation, spent: dict[str, int]) -> str:
    said = {name: duration_words(milliseconds) for name, milliseconds in spent.items()}
    if generation.model_id is None:
        return _("%(queue)s without an answer") % said
    if generation.first_token_ms is not None:
        return _("queue %(queue)s, first token after %(first)s more, the rest %(rest)s") % said
    return _("queue %(queue)s, the whole answer %(rest)s more") % said
