"""What is let in, by what it is; asked of a real first-look process."""

from __future__ import annotations

import asyncio
import io
import struct

import pytest
from PIL import Image

from extraction.engines.process import EngineProcess
from extraction.errors import MediaError
from extraction.media.facts import MediaFacts
from tests.extraction.tiny_media import Pdf, note, picture, sound, video


@pytest.fixture(scope="module")
def look():
    """probe(bytes) -> MediaFacts, all in one process."""
    with asyncio.Runner() as runner:
        process = EngineProcess("probe", threads=1)
        yield lambda media: runner.run(process.probe(media))
        runner.run(process.close())


def refusal(look, media: bytes) -> str:
    with pytest.raises(MediaError) as refused:
        look(media)
    return refused.value.code


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif"),
     ("TIFF", "image/tiff"), ("HEIF", "image/heic")],
)  # fmt: skip
def test_it_accepts_pictures(look, kind, media_type):
    media = picture(kind)
    facts = look(media)
    assert facts == MediaFacts("image", media_type, len(media), pages=1, width=facts.width, height=facts.height)
    assert (facts.width, facts.height) == (40, 30)


@pytest.mark.parametrize(
    ("container", "codec", "media_type"),
    [("wav", "pcm_s16le", "audio/wav"), ("wav", "pcm_mulaw", "audio/wav"), ("mp3", "libmp3lame", "audio/mpeg"),
     ("ipod", "aac", "audio/mp4"), ("mp4", "aac", "audio/mp4"), ("flac", "flac", "audio/flac"),
     ("ogg", "libopus", "audio/ogg"), ("ogg", "flac", "audio/ogg"), ("webm", "libopus", "audio/webm")],
)  # fmt: skip
def test_it_accepts_sound_and_measures_it(look, container, codec, media_type):
    facts = look(sound(container, codec, 2.0))
    assert (facts.kind, facts.media_type) == ("audio", media_type)
    assert facts.seconds == pytest.approx(2.0, abs=0.15)


def test_it_counts_the_pages_of_a_pdf_and_of_a_tiff(look):
    pdf = Pdf().page([(50, 50, "one")]).page([(50, 50, "two")]).bytes()
    tiff = picture("TIFF", save_all=True, append_images=[Image.new("L", (50, 60))] * 3)
    assert (look(pdf).media_type, look(pdf).pages) == ("application/pdf", 2)
    assert look(tiff).pages == 4


def test_it_finds_a_pdf_behind_a_little_junk(look):
    assert look(b"\r\n\r\nX-Mail: 1\n" + Pdf().page([(50, 50, "one")]).bytes()).pages == 1


def test_it_reports_the_size_of_a_picture_as_it_is_held(look):
    exif = Image.Exif()
    exif[0x0112] = 6
    facts = look(picture("JPEG", Image.new("RGB", (80, 20)), exif=exif))
    assert (facts.width, facts.height) == (20, 80)


@pytest.mark.parametrize("container", ["mp4", "webm"])
def test_it_refuses_a_video(look, container):
    assert refusal(look, video(container)) == "unsupported_media_type"


@pytest.mark.parametrize(
    "media",
    [b"<html><script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"PK\x03\x04" + bytes(60), b"#EXTM3U\nfile:///x",
     b"%!PS-Adobe-3.0", b"GIF86a" + bytes(40), b"ffconcat version 1.0\nfile /etc/passwd", b"hello", b"\xff\xf1P\x80",
     b"RIFF\x24\0\0\0AVI LIST", b"BM" + bytes(60)],
)  # fmt: skip
def test_it_refuses_what_it_does_not_read(look, media):
    assert refusal(look, media) == "unsupported_media_type"


def test_it_refuses_an_empty_file(look):
    assert refusal(look, b"") == "media_unreadable"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
def test_it_refuses_half_a_picture(look, kind):
    media = picture(kind, note("half of this is missing"))
    assert refusal(look, media[: len(media) // 2]) == "media_unreadable"


def test_it_refuses_more_pixels_than_we_decode(look):
    assert refusal(look, picture("PNG", Image.new("1", (8000, 5100)))) == "image_too_many_pixels"


def test_it_refuses_a_later_frame_of_too_many_pixels(look):
    large = Image.new("1", (8000, 5100))
    media = picture("TIFF", Image.new("1", (9, 9)), save_all=True, append_images=[large], compression="group4")
    assert refusal(look, media) == "image_too_many_pixels"


def test_it_refuses_too_many_pages(look):
    pdf = Pdf()
    for _ in range(201):
        pdf.page()
    assert refusal(look, pdf.bytes()) == "media_too_long"


def test_it_refuses_sound_without_a_sample(look):
    assert refusal(look, sound("wav", "pcm_s16le")[:44]) == "media_unreadable"


def test_it_measures_what_is_there_and_not_what_the_header_claims(look):
    media = bytearray(sound("wav", "pcm_s16le", 1.0))
    at = media.index(b"data") + 4
    media[at : at + 4] = struct.pack("<I", 0x7FFFFFFF)
    assert look(bytes(media)).seconds == pytest.approx(1.0, abs=0.15)


def test_it_refuses_recordings_beyond_the_limit(look):
    minute = io.BytesIO(sound("wav", "pcm_u8", 60, rate=8000)).getvalue()
    header, second = minute[: minute.index(b"data")], minute[-8000:]
    hours = second * (4 * 3600 + 60)
    assert refusal(look, header + b"data" + struct.pack("<I", len(hours)) + hours) == "media_too_long"
