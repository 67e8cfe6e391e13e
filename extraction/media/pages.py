"""The pages of an image or a document, one at a time: as text where a layer of it can be trusted, else as pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extraction.errors import MediaError
from extraction.media.decoding import decoding
from extraction.media.refusals import refused
from extraction.media.sniff import TIFF, Sniffed
from extraction.recognized import Page

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Picture:
    """A page that has to be looked at. `pixels` is upright RGB."""

    number: int
    pixels: np.ndarray


@dataclass(frozen=True, slots=True)
class Blank:
    """A page that cannot be opened or decoded; the others of its document may. `reason` is a code of refusals."""

    number: int
    reason: str


Pages = Iterator[Page | Picture | Blank]


def open_pages(
    media: bytes, sniffed: Sniffed, wanted: tuple[int, ...] | None, password: str | None = None
) -> tuple[int, Pages]:
    """How many pages will come, and the pages. Raises MediaError where one that is wanted does not exist."""
    pages = _pdf_pages(media, wanted, password) if sniffed.kind == "pdf" else _image_pages(media, sniffed, wanted)
    numbers = next(pages)
    return len(numbers), pages


def _select(wanted: tuple[int, ...] | None, available: int) -> list[int]:
    if wanted is None:
        return list(range(1, available + 1))
    if not wanted or min(wanted) < 1 or max(wanted) > available:
        raise refused("pages_out_of_range")
    return sorted(set(wanted))


def _image_pages(media: bytes, sniffed: Sniffed, wanted: tuple[int, ...] | None) -> Iterator:
    from extraction.media.images import count_frames, open_image, upright_pixels

    image = open_image(media, sniffed)
    numbers = _select(wanted, count_frames(image) if sniffed is TIFF else 1)
    yield numbers
    for number in numbers:
        try:
            with decoding():
                if sniffed is TIFF:
                    image.seek(number - 1)
            found: Picture | Blank = Picture(number, upright_pixels(image))
        except MediaError as error:
            found = Blank(number, error.code)
        yield found
        del found


def _pdf_pages(media: bytes, wanted: tuple[int, ...] | None, password: str | None) -> Iterator:
    from extraction.media.documents import count_pages, open_pdf, read_page

    with open_pdf(media, password) as document:
        numbers = _select(wanted, count_pages(document))
        yield numbers
        for number in numbers:
            try:
                found = read_page(document, number)
            except MediaError as error:
                yield Blank(number, error.code)
            else:
                yield found if isinstance(found, Page) else Picture(number, found)
