"""PDF: opened without scripts or forms, counted, its text layer read, its pages drawn where there is none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from extraction.media.decoding import decoding
from extraction.media.facts import MediaFacts
from extraction.media.refusals import MAX_PAGES, refused
from extraction.media.sniff import Sniffed
from extraction.media.text_layer import read_text_layer
from extraction.recognized import Page

if TYPE_CHECKING:
    import numpy as np

DRAW_PIXELS = 4_000_000
DRAW_SCALE = 200 / 72  # dots an inch; small pages get more, up to the pixels above
MAX_SCALE = 4.0


@contextmanager
def open_pdf(media: bytes, password: str | None = None) -> Iterator[pdfium.PdfDocument]:
    with decoding():
        try:
            document = pdfium.PdfDocument(media, password=password)
        except pdfium.PdfiumError as error:
            if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
                raise refused("encrypted_document") from None
            raise
        except UnicodeEncodeError:  # half of a surrogate pair: no document has such a password
            raise refused("encrypted_document") from None
    try:
        yield document
    finally:
        document.close()


def probe_pdf(media: bytes, sniffed: Sniffed, password: str | None = None) -> MediaFacts:
    with open_pdf(media, password) as document, decoding():
        pages = count_pages(document)
        width, height = _first_size(document)
    return MediaFacts("pdf", sniffed.media_type, len(media), pages=pages, width=width, height=height)


def count_pages(document: pdfium.PdfDocument) -> int:
    pages = len(document)
    if pages < 1:
        raise refused("media_unreadable")
    if pages > MAX_PAGES:
        raise refused("media_too_long")
    return pages


def _first_size(document: pdfium.PdfDocument) -> tuple[float, float]:
    """Of the first page that opens: a document none of whose pages do is refused."""
    for number in range(len(document)):
        try:
            width, height = document[number].get_size()
        except pdfium.PdfiumError:
            continue
        return round(width, 2), round(height, 2)
    raise refused("media_unreadable")


def read_page(document: pdfium.PdfDocument, number: int) -> Page | np.ndarray:
    """The text layer where it can be trusted, else the page's pixels. Raises MediaError where neither can be had."""
    with decoding():
        page = document[number - 1]
        try:
            return read_text_layer(page, number) or draw(page)
        finally:
            page.close()


def draw(page: pdfium.PdfPage) -> np.ndarray:
    """RGB pixels of bounded number, however large the page claims to be."""
    width, height = page.get_size()
    if width <= 0 or height <= 0:
        raise refused("media_unreadable")
    scale = min(MAX_SCALE, max(DRAW_SCALE, 1600 / max(width, height)), math.sqrt(DRAW_PIXELS / (width * height)))
    bitmap = page.render(scale=scale, rev_byteorder=True, may_draw_forms=False)
    return bitmap.to_numpy()[:, :, :3].copy()
