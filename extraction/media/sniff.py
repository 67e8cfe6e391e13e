"""What a file really is, from its first bytes. Names and headers are claims and are not asked.

Only what is listed here is read; everything else, every video container and playlist included,
is refused before any decoder sees it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extraction.media.facts import Kind
from extraction.media.refusals import refused

HEAD = 4096


@dataclass(frozen=True, slots=True)
class Sniffed:
    """`format` is the one decoder allowed to open it: a Pillow format or an FFmpeg demuxer."""

    kind: Kind
    media_type: str
    format: str


JPEG = Sniffed("image", "image/jpeg", "JPEG")
PNG = Sniffed("image", "image/png", "PNG")
GIF = Sniffed("image", "image/gif", "GIF")
WEBP = Sniffed("image", "image/webp", "WEBP")
TIFF = Sniffed("image", "image/tiff", "TIFF")
HEIC = Sniffed("image", "image/heic", "HEIF")
PDF = Sniffed("pdf", "application/pdf", "")
WAV = Sniffed("audio", "audio/wav", "wav")
MP3 = Sniffed("audio", "audio/mpeg", "mp3")
M4A = Sniffed("audio", "audio/mp4", "mov")
FLAC = Sniffed("audio", "audio/flac", "flac")
OGG = Sniffed("audio", "audio/ogg", "ogg")
WEBM = Sniffed("audio", "audio/webm", "matroska")

STARTS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
    (b"fLaC", FLAC),
    (b"OggS", OGG),
)
RIFF = {b"WEBP": WEBP, b"WAVE": WAV}
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}
# Containers of both sound and video: what is inside decides, in extraction.media.audio.
MP4_BRANDS = set(b"M4A |M4B |mp41|mp42|isom|iso2|iso3|iso4|iso5|iso6|iso7|iso8|iso9|dash|3gp4|3gp5|3gp6".split(b"|"))
PDF_MARK = re.compile(rb"%PDF-\d")
ID3_LIMIT = 16 * 1024 * 1024


def sniff(media: bytes) -> Sniffed:
    """Raises MediaError where it is nothing we read."""
    head = media[:HEAD]
    found = _by_start(head) or _by_box(head) or _mp3(media) or _pdf(head)
    if found is None:
        raise refused("unsupported_media_type")
    return found


def _by_start(head: bytes) -> Sniffed | None:
    for start, sniffed in STARTS:
        if head.startswith(start):
            return sniffed
    if head.startswith(b"RIFF"):
        return RIFF.get(head[8:12])
    if head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64]:
        return WEBM
    return None


def _by_box(head: bytes) -> Sniffed | None:
    """ISO base media: the brand after `ftyp` tells pictures from sound."""
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand in HEIC_BRANDS:
        return HEIC
    return M4A if brand in MP4_BRANDS else None


def _mp3(media: bytes) -> Sniffed | None:
    """An MPEG layer III frame, at the start or after an ID3 tag."""
    at = 0
    if media.startswith(b"ID3") and len(media) > 10:
        size = media[6:10]
        at = 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3])
        if at > ID3_LIMIT:
            return None
        while at < len(media) and media[at] == 0 and at < ID3_LIMIT:  # padding
            at += 1
    frame = media[at : at + 4]
    return MP3 if len(frame) == 4 and _is_layer_3(frame) else None


def _is_layer_3(frame: bytes) -> bool:
    synced = frame[0] == 0xFF and frame[1] & 0xE0 == 0xE0
    version, layer = frame[1] >> 3 & 3, frame[1] >> 1 & 3
    bitrate, rate = frame[2] >> 4, frame[2] >> 2 & 3
    return synced and version != 1 and layer == 1 and bitrate not in (0, 15) and rate != 3


def _pdf(head: bytes) -> Sniffed | None:
    """Readers allow for junk of up to a kilobyte before the mark; scanners and mailers do produce it."""
    return PDF if PDF_MARK.search(head[:1024]) else None
