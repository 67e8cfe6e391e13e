"""Documents some of whose pages cannot be read: those are named, and the others are read all the same."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from extraction.engines import answers, seeing
from extraction.engines.frames import BrokenFrame
from extraction.errors import MediaError
from extraction.media.facts import RecognizeRequest
from extraction.media.sniff import sniff
from extraction.recognized import Page, Recognized
from tests.extraction.tiny_media import Pdf, note, picture

TEXT = [(60, 80, "Printed words of a page")]


def read(media: bytes, **choices: object) -> tuple[Recognized, list[tuple[str, int, int]]]:
    told: list[tuple[str, int, int]] = []
    recognized = seeing.read(
        media, sniff(media), RecognizeRequest("", **choices), lambda *progress: told.append(progress)
    )
    return recognized, told


@pytest.fixture
def looked(monkeypatch) -> set[int]:
    """OCR that sees nothing, and fails on the pages in this set."""
    failing: set[int] = set()

    def look(found, name, languages):
        if found.number in failing:
            raise IndexError("what was printed there")
        return Page(found.number, 10, 10, "ocr")

    monkeypatch.setattr(seeing, "_look", look)
    return failing


def tiff(pages: int, *, damaged: int) -> bytes:
    """Each page compressed by itself; one with zeros in the middle."""
    frames = [note(f"Page number {number}") for number in range(1, pages + 1)]
    media = bytearray(picture("TIFF", frames[0], save_all=True, append_images=frames[1:], compression="tiff_lzw"))
    single = len(picture("TIFF", frames[0], compression="tiff_lzw"))
    start = single * (damaged - 1) + single // 4
    media[start : start + single // 4] = b"\xff" * (single // 4)
    return bytes(media)


def pdf(kids: str) -> bytes:
    """Three pages by number 3 to 5; a kid by another number does not exist."""
    drawing = b"BT /F1 12 Tf 60 700 Td (Printed words of a page) Tj ET"
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Resources << /Font << /F1 7 0 R >> >> >>"
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(kids.split()) // 3} /Kids [{kids}] >>",
        page,
        page,
        page,
        f"<< /Length {len(drawing)} >>\nstream\n{drawing.decode()}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body = "".join(f"{number} 0 obj\n{content}\nendobj\n" for number, content in enumerate(objects, start=1))
    return f"%PDF-1.7\n{body}trailer << /Root 1 0 R /Size {len(objects) + 1} >>\n%%EOF\n".encode()


def test_a_page_that_does_not_decode_is_named(looked):
    recognized, _ = read(tiff(3, damaged=2))
    assert recognized.failed_pages == (2,) and recognized.warnings == ("page_unreadable",)
    assert [page.number for page in recognized.pages] == [1, 2, 3]


def test_a_page_that_is_not_in_the_file_is_named():
    recognized, _ = read(pdf("3 0 R 9 0 R 5 0 R"))
    assert recognized.failed_pages == (2,)
    assert [len(page.lines) for page in recognized.pages] == [1, 0, 1]


def test_a_page_on_which_the_engine_fails_is_named(looked):
    looked.add(2)
    media = Pdf().page(TEXT).page(picture=note("Scanned")).page(TEXT).bytes()
    recognized, told = read(media)
    assert recognized.failed_pages == (2,) and recognized.text.count("Printed words of a page") == 2
    assert told[-1] == ("recognizing", 3, 3)


def test_failed_pages_keep_their_numbers_where_some_are_chosen(looked):
    looked.update({2, 5})
    frames = [note(str(number)) for number in range(1, 6)]
    recognized, _ = read(picture("TIFF", frames[0], save_all=True, append_images=frames[1:]), pages=(2, 3, 5))
    assert recognized.failed_pages == (2, 5)


def test_with_no_page_left_the_file_is_refused():
    with pytest.raises(MediaError) as refused:
        read(pdf("9 0 R 9 0 R"))
    assert refused.value.code == "media_unreadable"


def test_an_engine_that_fails_on_every_page_is_not_the_fault_of_the_file(looked):
    looked.update({1, 2})
    with pytest.raises(IndexError):
        read(picture("TIFF", note("1"), save_all=True, append_images=[note("2")]))


def test_empty_pages_are_no_failures(looked):
    recognized, _ = read(picture("TIFF", note("1"), save_all=True, append_images=[note("2")]))
    assert recognized.failed_pages == () and recognized.warnings == ()


def test_every_page_tells_of_itself():
    document = Pdf()
    for _ in range(7):
        document.page(TEXT)
    _, told = read(document.bytes())
    assert [done for stage, done, _ in told if stage == "recognizing"] == [0, 1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("failed", [(3,), (1, 1), ("1",)])
def test_a_child_may_name_only_pages_that_are_there(failed):
    recognized = replace(Recognized(pages=(Page(1, 10, 10, "ocr"),)), failed_pages=failed)
    with pytest.raises(BrokenFrame):
        answers.read_recognized(json.dumps(recognized.to_json()).encode())


def test_failed_pages_cross_the_pipe():
    recognized = Recognized(pages=(Page(1, 10, 10, "ocr"), Page(2, 1, 1, "ocr")), failed_pages=(2,))
    assert answers.read_recognized(json.dumps(recognized.to_json()).encode()) == recognized
