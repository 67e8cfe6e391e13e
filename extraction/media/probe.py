"""The first look at a file: what it is, whether we read it, and how much of it there is."""

from __future__ import annotations

from importlib import import_module

from extraction.media.facts import MediaFacts
from extraction.media.refusals import refused
from extraction.media.sniff import sniff


def load_decoders() -> None:
    """Ahead of anybody's first file."""
    for module in ("av", "extraction.media.audio", "extraction.media.documents", "extraction.media.images"):
        import_module(module)


def probe(media: bytes, password: str | None = None) -> MediaFacts:
    """Raises MediaError. Only the decoder that is needed is imported."""
    if not media:
        raise refused("media_unreadable")
    sniffed = sniff(media)
    if sniffed.kind == "pdf":
        from extraction.media.documents import probe_pdf

        return probe_pdf(media, sniffed, password)
    if sniffed.kind == "image":
        from extraction.media.images import probe_image as look
    else:
        from extraction.media.audio import probe_audio as look
    return look(media, sniffed)
