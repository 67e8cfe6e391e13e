"""Reading pages: the text layer as it is, everything else through an OCR engine chosen by language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from extraction.engines.quads import Level, Quad, slant, to_lines
from extraction.engines.stopwatch import Stopwatch
from extraction.engines.turning import read_upright
from extraction.media.facts import OcrName, RecognizeRequest
from extraction.media.pages import Blank, Picture, open_pages
from extraction.media.refusals import refused
from extraction.media.sniff import Sniffed
from extraction.reading_order import in_reading_order
from extraction.recognized import Page, Recognized

if TYPE_CHECKING:
    import numpy as np


class OcrEngine(Protocol):
    """A module with these: load the models, read RGB pixels, say which languages it knows.

    A page read with a mean confidence under GOOD_SCORE may be upside down.
    """

    GOOD_SCORE: float

    def load(self, languages: tuple[str, ...] = ()) -> None: ...
    def read(self, pixels: np.ndarray, languages: tuple[str, ...]) -> list[Quad]: ...
    def reads(self, language: str) -> bool: ...
    def installed(self) -> bool: ...


# In the order of preference.
ENGINES: dict[OcrName, str] = {
    "rapidocr": "extraction.engines.rapid_ocr",
    "easyocr": "extraction.engines.easy_ocr",
}


def load(name: OcrName) -> OcrEngine:
    """The engine's module, with its models in memory. Raises MediaError where it is not installed."""
    engine = _module(name)
    engine.load()
    return engine


def _module(name: OcrName) -> OcrEngine:
    return cast(OcrEngine, import_module(ENGINES[name]))


def choose(request: RecognizeRequest) -> OcrName:
    """The one asked for; else the quick one where it knows all the languages."""
    installed = [name for name in ENGINES if _module(name).installed()]
    candidates = [request.ocr_engine] if request.ocr_engine else installed
    for name in candidates:
        if _reads_all(name, request.languages):
            return name
    raise refused("language_not_available")


def _reads_all(name: OcrName, languages: Iterable[str]) -> bool:
    return all(_module(name).reads(language) for language in languages)


def read(
    media: bytes, sniffed: Sniffed, request: RecognizeRequest, announce: Callable[[str, int, int], None]
) -> Recognized:
    watch, used = Stopwatch(), None
    pages: list[Page] = []
    failures: dict[int, Exception] = {}
    count, source = open_pages(media, sniffed, request.pages, request.password)
    for done, found in enumerate(source):
        watch.lap("decode_ms")
        announce("recognizing", done, count)
        if isinstance(found, Picture):
            used = used or _ready(request)
        try:
            pages.append(_read_page(found, used, request.languages))
        except Exception as fault:  # engines raise nearly anything; it costs its page, and all is lost only with all
            failures[found.number] = fault
            pages.append(Page(found.number, 1, 1, "ocr"))
        del found  # its pixels, before the next page is drawn
        watch.lap("recognize_ms")
        announce("decoding", done + 1, count)
    if len(failures) == count:
        raise next(iter(failures.values()))
    announce("recognizing", count, count)
    return Recognized(
        tuple(pages),
        engine=used or "text_layer",
        warnings=("page_unreadable",) if failures else (),
        timings=watch.laps,
        failed_pages=tuple(failures),
    )


def _ready(request: RecognizeRequest) -> OcrName:
    """With its models for these languages in memory: what is missing now is missing for every page."""
    name = choose(request)
    _module(name).load(request.languages)
    return name


def _read_page(found: Page | Picture | Blank, engine: OcrName | None, languages: tuple[str, ...]) -> Page:
    if isinstance(found, Blank):
        raise refused(found.reason)
    if isinstance(found, Picture):
        assert engine is not None
        return _look(found, engine, languages)
    return found


def _look(picture: Picture, name: OcrName, languages: tuple[str, ...]) -> Page:
    engine = _module(name)
    quads, quarters = read_upright(
        lambda turned: engine.read(turned, languages), picture.pixels, good_score=engine.GOOD_SCORE
    )
    height, width = picture.pixels.shape[:2]
    if quarters % 2:
        width, height = height, width
    level = Level(slant(quads), width, height)
    lines = tuple(in_reading_order(to_lines(quads, level)))
    return Page(picture.number, width, height, "ocr", lines, quarters, level.angle)
