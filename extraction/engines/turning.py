"""Pages lying on their side or on their head: recognized by how badly they read, and turned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from extraction.engines.quads import Quad

if TYPE_CHECKING:
    import numpy as np

Read = Callable[["np.ndarray"], list[Quad]]


def read_upright(read: Read, pixels: np.ndarray, *, good_score: float) -> tuple[list[Quad], int]:
    """The best reading, and the quarter turns counter-clockwise in which the pixels were held for it."""
    first = read(pixels)
    if not first or (_score(first) >= good_score and _lying(first) < 0.5):
        return first, 0
    import numpy as np

    readings = [(first, 0)]
    for quarters in (1, 3) if _lying(first) >= 0.5 else (2,):
        readings.append((read(np.ascontiguousarray(np.rot90(pixels, quarters))), quarters))
    return max(readings, key=lambda reading: _worth(reading[0]))


def _score(quads: Sequence[Quad]) -> float:
    """Mean confidence, by length: long lines cannot read well by chance."""
    letters = sum(len(quad.text) for quad in quads)
    return sum(quad.confidence * len(quad.text) for quad in quads) / max(letters, 1)


def _lying(quads: Sequence[Quad]) -> float:
    """The share of text in boxes that are taller than wide."""
    letters = sum(len(quad.text) for quad in quads if len(quad.text) > 2)
    lying = sum(len(quad.text) for quad in quads if len(quad.text) > 2 and _is_tall(quad))
    return lying / max(letters, 1)


def _is_tall(quad: Quad) -> bool:
    across, down = [x for x, _ in quad.corners], [y for _, y in quad.corners]
    return max(down) - min(down) > 1.5 * (max(across) - min(across))


def _worth(quads: Sequence[Quad]) -> float:
    """Text in upright boxes, weighted so that doubtful letters count for little."""
    return (1.0 - _lying(quads)) * sum(quad.confidence**4 * len(quad.text) for quad in quads)
