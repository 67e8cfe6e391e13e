"""The real engines, through a real media process, on files of our own."""

from __future__ import annotations

import asyncio
import importlib.util

import numpy as np
import pytest
from PIL import Image

from extraction.engines.process import EngineProcess
from extraction.errors import MediaError
from extraction.media.audio import blocks
from extraction.media.facts import RecognizeRequest
from extraction.media.sniff import M4A
from extraction.recognized import Recognized
from tests.extraction.tiny_media import SAMPLES, Pdf, encode, note, picture

pytestmark = pytest.mark.engine
torch_engines = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")


class Reader:
    def __init__(self, runner: asyncio.Runner, engine: EngineProcess) -> None:
        self.run, self.engine = runner.run, engine
        self.told: list[tuple[str, int, int]] = []

    def __call__(self, media: bytes, **choices: object) -> Recognized:
        self.told = []
        return self.run(self.engine.recognize(media, RecognizeRequest("", **choices), self._hear))

    async def _hear(self, stage: str, done: int, total: int) -> None:
        self.told.append((stage, done, total))


@pytest.fixture(scope="module")
def read():
    with asyncio.Runner() as runner:
        engine = EngineProcess("engine", preload=["rapidocr", "faster-whisper"])
        runner.run(engine.start())
        assert engine.ready
        yield Reader(runner, engine)
        runner.run(engine.close())


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def test_it_reads_a_photographed_receipt(read):
    recognized = read(sample("receipt.jpg"))
    assert recognized.engine == "rapidocr"
    lines = recognized.text.splitlines()
    for expected in (
        "GREENFIELD GROCERY",
        "Date: Mar 4, 2026",
        "Sourdough bread",
        "Subtotal",
        "40.05",
        "TOTAL",
        "$42.05",
    ):
        assert expected in lines
    assert lines[lines.index("Olive oil 750 ml") - 1 :][:4] == ["1", "Olive oil 750 ml", "12.80", "12.80"]


def test_boxes_lie_on_the_page_and_words_in_their_line(read):
    (page,) = read(sample("receipt.jpg")).pages
    for line in page.lines:
        assert 0 <= line.box[0] < line.box[2] <= 1 and 0 <= line.box[1] < line.box[3] <= 1
        assert [word.text for word in line.words] == line.text.split()
        assert 0.5 < line.confidence <= 1


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_it_turns_a_page_that_lies_or_stands_on_its_head(read, degrees):
    page = note("Blue Harbor Books", "Invoice 4719", "Total due 86.40", "Thank you very much")
    (found,) = read(picture("PNG", page.rotate(degrees, expand=True))).pages
    assert [line.text for line in found.lines] == [
        "Blue Harbor Books",
        "Invoice 4719",
        "Total due 86.40",
        "Thank you very much",
    ]
    assert found.width > found.height


def test_an_empty_page_is_read_as_nothing(read):
    assert read(picture("PNG", Image.new("RGB", (600, 400), "white"))).text == ""


def test_it_reads_the_pages_asked_for_and_tells_how_far_it_is(read):
    pages = [note(f"Page number {number}") for number in (1, 2, 3)]
    recognized = read(picture("TIFF", pages[0], save_all=True, append_images=pages[1:]), pages=(2, 3))
    assert [page.number for page in recognized.pages] == [2, 3]
    assert recognized.text == "Page number 2\fPage number 3"
    assert read.told[0] == ("decoding", 0, 1) and read.told[-1] == ("recognizing", 2, 2)


def test_a_scan_inside_a_pdf_is_looked_at_and_a_text_page_is_not(read):
    recognized = read(
        Pdf().page([(60, 80, "Printed words")]).page(picture=note("Scanned words", size=(900, 1273))).bytes()
    )
    assert [page.source for page in recognized.pages] == ["text_layer", "ocr"]
    assert recognized.text == "Printed words\fScanned words"
    assert recognized.failed_pages == () and recognized.warnings == ()


def test_it_hears_a_voice_memo(read):
    recognized = read(sample("voice_memo.m4a"))
    assert recognized.engine == "faster-whisper" and recognized.language == "en"
    for expected in ("Anna Keller", "Blue Harbor Books", "4719", "$86.40", "5550142", "March 6"):
        assert expected in recognized.text.replace("-", "").replace(" dollars and ", ".")
    for segment in recognized.segments:
        assert " ".join(word.text for word in segment.words) == segment.text
        assert all(segment.start - 1 <= word.start <= word.end <= segment.end + 1 for word in segment.words)


def _noise(loudness: float) -> np.ndarray:
    return np.random.default_rng(3).normal(0, 1, 16_000 * 8) * loudness


def _tones(*pitches: float) -> np.ndarray:
    """One after the other, swelling and fading."""
    at = np.arange(16_000 * 2) / 16_000
    return np.concatenate([np.sin(2 * np.pi * pitch * at) * np.sin(np.pi * at / 2) * 0.3 for pitch in pitches])


@pytest.mark.parametrize(
    "sound",
    [_noise(0.0), _noise(0.003), _noise(0.05), _tones(440), _tones(262, 330, 392, 523)],
    ids=["silence", "hiss", "noise", "tone", "melody"],
)
def test_where_nobody_speaks_nothing_is_said(read, sound):
    recognized = read(encode(sound.astype(np.float32), "wav", "pcm_s16le"))
    assert recognized.text == "" and recognized.segments == () and recognized.language is None
    assert recognized.warnings == ("no_speech",)


def test_a_silent_or_musical_start_does_not_decide_the_language(read):
    """Longer than a block, so that the first one holds no word."""
    start = np.concatenate([_tones(262, 330, 392, 523), np.zeros(16_000 * 260)]).astype(np.float32)
    memo = np.concatenate([samples for _, samples in blocks(sample("voice_memo.m4a"), M4A)])
    recognized = read(encode(np.concatenate([start, memo]), "flac", "flac"))
    assert recognized.language == "en" and "Blue Harbor Books" in recognized.text
    assert recognized.segments[0].start > 260 and recognized.warnings == ()


@pytest.mark.parametrize("languages", [("xx",), ("en", "xx")])
@pytest.mark.parametrize("name", ["receipt.jpg", "voice_memo.m4a"])
def test_a_language_nobody_reads_is_refused(read, name, languages):
    with pytest.raises(MediaError) as refused:
        read(sample(name), languages=languages)
    assert refused.value.code == "language_not_available"


def test_among_several_languages_the_one_spoken_is_found(read):
    assert read(sample("voice_memo.m4a"), languages=("fr", "en-US", "de")).language == "en"


@torch_engines
@pytest.mark.torch
def test_easyocr_reads_where_it_is_asked_for(read):
    recognized = read(picture("PNG", note("Blue Harbor Books", "Invoice 4719")), ocr_engine="easyocr")
    assert recognized.engine == "easyocr" and "Blue Harbor Books" in recognized.text and "4719" in recognized.text


@torch_engines
@pytest.mark.torch
def test_openai_whisper_hears_where_it_is_asked_for(read):
    recognized = read(sample("voice_memo.m4a"), asr_engine="openai-whisper")
    assert recognized.engine == "openai-whisper" and "Blue Harbor Books" in recognized.text
    assert recognized.segments[0].words
