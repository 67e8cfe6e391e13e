"""A receipt as a PDF of one page: the same receipt is the same file, byte for byte.

The font that comes with reportlab has the Latin letters; names in other scripts are set in the fonts that every PDF
reader brings for them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

LEFT, TOP, LABEL, WIDTH = 60, 760, 180, 475
LATIN, BOLD = "Vera", "VeraBd"
OTHERS = {"STSong-Light": "gb2312", "HeiseiMin-W3": "shift_jis", "MSung-Light": "big5", "HYSMyeongJo-Medium": "euc_kr"}
INK, QUIET = 0.1, 0.4


def draw(title: str, seller: Sequence[str], rows: Sequence[tuple[str, str]], note: str) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    _load_fonts()
    paper = io.BytesIO()
    canvas = Canvas(paper, pagesize=A4, invariant=True, lang="en")
    canvas.setTitle(title)
    at = _write(canvas, title, LEFT, TOP, size=20, font=BOLD) - 12
    for line in seller:
        at = _write(canvas, line, LEFT, at)
    at -= 16
    for name, value in rows:
        _write(canvas, name, LEFT, at, grey=QUIET)
        at = _write(canvas, value, LEFT + LABEL, at, width=WIDTH - LABEL) - 4
    _write(canvas, note, LEFT, at - 12, grey=QUIET)
    canvas.save()
    return paper.getvalue()


def _write(
    canvas: Canvas, text: str, x: int, y: int, *, size: int = 10, font: str = "", grey: float = INK, width: int = WIDTH
) -> int:
    """Broken into lines that fit; where the next line goes."""
    from reportlab.lib.utils import simpleSplit

    font = font or _font_for(text)
    canvas.setFillGray(grey)
    canvas.setFont(font, size)
    for line in simpleSplit(text, font, size, width):
        canvas.drawString(x, y, line)
        y -= size * 3 // 2
    return y


def _font_for(text: str) -> str:
    from reportlab.pdfbase import pdfmetrics

    letters = pdfmetrics.getFont(LATIN).face.charToGlyph
    if all(ord(letter) in letters for letter in text):
        return LATIN
    return next((font for font, charset in OTHERS.items() if _has(charset, text)), LATIN)


def _has(charset: str, text: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _load_fonts() -> None:
    """At the first receipt: most processes never draw one."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (LATIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    for name in OTHERS:
        pdfmetrics.registerFont(UnicodeCIDFont(name))
