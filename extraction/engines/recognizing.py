"""In the media process: which reader these bytes go to, and the models it needs before."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from extraction.engines import hearing, seeing
from extraction.mapping.embedded import map_embedded
from extraction.media.facts import AsrName, OcrName, RecognizeRequest
from extraction.media.refusals import refused
from extraction.media.sniff import sniff
from extraction.recognized import Line, Page, Recognized

Announce = Callable[[str, int, int], None]


def preload(engines: list[str]) -> None:
    for name in engines:
        if name in seeing.ENGINES:
            seeing.load(cast(OcrName, name))
        elif name in hearing.ENGINES:
            hearing.load(cast(AsrName, name))
        else:
            raise refused("engine_not_installed")
    if engines:
        _warm_mapper()


def _warm_mapper() -> None:
    """Its tables and patterns are made at the first use, which would be somebody's first request."""
    line = Line("Total 2026-01-02 1.00", (0.1, 0.1, 0.5, 0.2), 1.0)
    specimen = Recognized(pages=(Page(1, 100, 100, "ocr", (line,)),))
    kinds = {"company": "string", "address": "string", "phone": "string", "date": "string", "total": "number"}
    wanted = {name: {"type": kind} for name, kind in kinds.items()}
    items = {"type": "array", "items": {"type": "object", "properties": wanted}}
    map_embedded(specimen, {"type": "object", "properties": {**wanted, "items": items}})


def recognize(media: bytes, request: RecognizeRequest, announce: Announce) -> Recognized:
    """The file is sniffed again: the request's media type is a record, not an order."""
    announce("decoding", 0, 1)
    sniffed = sniff(media)
    read = hearing.read if sniffed.kind == "audio" else seeing.read
    return read(media, sniffed, request, announce)
