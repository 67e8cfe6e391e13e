"""From the page as it was read, levelled and turned upright, back to the page as it was uploaded.

Readers level slanted photographs and turn pages that lie on their side, so that rows are rows. A citation
has to point at the picture its caller has.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from extraction.recognized import Box, Page

Point = tuple[float, float]

# By quarter turns counter-clockwise that the reader made: from the turned page to the page as it lay.
_LAY: dict[int, Callable[[float, float], Point]] = {
    0: lambda x, y: (x, y),
    1: lambda x, y: (1 - y, x),
    2: lambda x, y: (1 - x, 1 - y),
    3: lambda x, y: (y, 1 - x),
}


def on_uploaded_page(box: Box, page: Page) -> Box:
    """The upright box around where the text lies on the uploaded page, in fractions of it."""
    if not page.quarters and not page.slant:
        return box
    x0, y0, x1, y1 = box
    corners = [_unlevel(x, y, page) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    across, down = zip(*(_LAY[page.quarters](x, y) for x, y in corners), strict=True)
    return _bounded(min(across)), _bounded(min(down)), _bounded(max(across)), _bounded(max(down))


def _unlevel(x: float, y: float, page: Page) -> Point:
    """Back by the slant, about the middle of the page, where it was levelled."""
    cos, sin = math.cos(page.slant), math.sin(page.slant)
    across, down = (x - 0.5) * page.width, (y - 0.5) * page.height
    return (across * cos - down * sin) / page.width + 0.5, (down * cos + across * sin) / page.height + 0.5


def _bounded(share: float) -> float:
    return round(min(1.0, max(0.0, share)), 5)
