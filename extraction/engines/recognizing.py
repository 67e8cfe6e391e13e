"""In the media process: which reader these bytes go to, and the models it needs before."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from extraction.engines import hearing, seeing
from extraction.media.facts import AsrName, OcrName, RecognizeRequest
from extraction.media.refusals import refused
from extraction.media.sniff import sniff
from extraction.recognized import Recognized

Announce = Callable[[str, int, int], None]


def preload(engines: list[str]) -> None:
    for name in engines:
        if name in seeing.ENGINES:
            seeing.load(cast(OcrName, name))
        elif name in hearing.ENGINES:
            hearing.load(cast(AsrName, name))
        else:
            raise refused("engine_not_installed")


def recognize(media: bytes, request: RecognizeRequest, announce: Announce) -> Recognized:
    """The file is sniffed again: the request's media type is a record, not an order."""
    announce("decoding", 0, 1)
    sniffed = sniff(media)
    read = hearing.read if sniffed.kind == "audio" else seeing.read
    return read(media, sniffed, request, announce)
